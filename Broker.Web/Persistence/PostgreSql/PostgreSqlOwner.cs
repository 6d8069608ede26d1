using Broker.Core.Storage;
using Npgsql;

namespace Broker.Web.Persistence.PostgreSql;

/// <summary>
/// The connection of the one process that writes. The server's process behind it holds an advisory lock: whoever gets the lock knows that the process which
/// had it before, with all that it was about to commit, has ended.
/// </summary>
internal sealed class PostgreSqlOwner : IDisposable
{
    // Two brokers may share a database if each has a schema of its own.
    private const string LockKey = "hashtextextended('mqtt broker ' || current_schema(), 0)";

    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(20);

    private PostgreSqlOwner(NpgsqlConnection connection, long epoch, long lastBatch)
    {
        Connection = connection;
        Epoch = epoch;
        LastBatch = lastBatch;
        Writer = new PostgreSqlWriter(connection, epoch);
    }

    /// <summary>The connection.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>The number of this ownership.</summary>
    public long Epoch { get; }

    /// <summary>The number of the last batch that had been committed when the connection was made.</summary>
    public long LastBatch { get; }

    /// <summary>Writes batches.</summary>
    public PostgreSqlWriter Writer { get; }

    /// <summary>The server's process behind the connection.</summary>
    public BackendProcess Backend { get; private init; }

    /// <summary>Takes the lock, unless another process has it.</summary>
    public static async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        await connection.ScalarAsync<bool>($"SELECT pg_try_advisory_lock({LockKey})", cancellation).ConfigureAwait(false);

    /// <summary>Whoever has the lock begins an ownership of its own.</summary>
    public static async Task<PostgreSqlOwner> TakeAsync(PostgreSqlServer server, NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var take = new NpgsqlCommand("""
            UPDATE store_owner SET epoch = epoch + 1, batch = 0, taken_at = now(), host = $1, process_id = $2, backend_id = pg_backend_pid() WHERE id = 1 RETURNING epoch
            """, connection);
        take.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Environment.MachineName });
        take.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Environment.ProcessId });
        var epoch = (long?)await take.ExecuteScalarAsync(cancellation).ConfigureAwait(false) ?? throw new InvalidDataException("store_owner has no row");
        return await StartWritingAsync(server, connection, epoch, 0, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Goes on as the owner that this process was before it lost its connection. The server's process behind that one may still be at work and about to commit:
    /// it is ended first, and with it what was not committed.
    /// </summary>
    /// <exception cref="StoreLostException">Another process has become the owner meanwhile.</exception>
    /// <exception cref="StoreUnavailableException">The old process does not end, or another one is about to become the owner.</exception>
    public static async Task<PostgreSqlOwner> ResumeAsync(PostgreSqlServer server, long epoch, BackendProcess before, CancellationToken cancellation)
    {
        var connection = await server.ConnectAsync(cancellation).ConfigureAwait(false);
        try
        {
            await before.EndAsync(connection, cancellation).ConfigureAwait(false);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(server.Patience);
            while (!await TryLockAsync(connection, patience.Token).ConfigureAwait(false))
            {
                if (await EpochAsync(connection, patience.Token).ConfigureAwait(false) is var (now, _) && now != epoch) throw Lost();
                await Task.Delay(AskAgain, patience.Token).ConfigureAwait(false);
            }
            var (current, lastBatch) = await EpochAsync(connection, cancellation).ConfigureAwait(false);
            if (current != epoch) throw Lost();
            return await StartWritingAsync(server, connection, epoch, lastBatch, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException waited) when (!cancellation.IsCancellationRequested)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw new StoreUnavailableException($"{server.Name}: the lock of the owner is still held, either by this broker's last connection or by another broker.", waited);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What is thrown where the store has another owner.</summary>
    public static StoreLostException Lost() => new("another process has taken the database over");

    /// <summary>Takes back what is not committed.</summary>
    /// <returns>Whether the connection can be used on.</returns>
    public bool TryRollBack()
    {
        try
        {
            using var rollback = new NpgsqlCommand("ROLLBACK", Connection); // outside a transaction it only warns
            rollback.ExecuteNonQuery();
            return true;
        }
        catch (Exception failure) when (failure is NpgsqlException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Gives the lock back, so that whoever waits for it need not wait until the server has noticed the end of the connection.</summary>
    public void Release()
    {
        try
        {
            using var unlock = new NpgsqlCommand("SELECT pg_advisory_unlock_all()", Connection) { CommandTimeout = 1 };
            unlock.ExecuteNonQuery();
        }
        catch (Exception failure) when (failure is NpgsqlException or InvalidOperationException)
        {
            // The end of the connection does it too.
        }
    }

    public void Dispose() => Connection.Dispose();

    private static async Task<PostgreSqlOwner> StartWritingAsync(
        PostgreSqlServer server, NpgsqlConnection connection, long epoch, long lastBatch, CancellationToken cancellation)
    {
        var backend = await BackendProcess.OfAsync(connection, cancellation).ConfigureAwait(false);
        await Session.ApplyAsync(connection, Session.Writing(server.Patience), cancellation).ConfigureAwait(false);
        return new PostgreSqlOwner(connection, epoch, lastBatch) { Backend = backend };
    }

    private static async Task<(long Epoch, long Batch)> EpochAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var look = new NpgsqlCommand("SELECT epoch, batch FROM store_owner WHERE id = 1", connection);
        await using var row = await look.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        return await row.ReadAsync(cancellation).ConfigureAwait(false) ? (row.GetInt64(0), row.GetInt64(1)) : (0, 0);
    }
}

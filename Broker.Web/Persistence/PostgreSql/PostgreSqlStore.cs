using Broker.Core;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Web.Persistence.Batches;
using Npgsql;

namespace Broker.Web.Persistence.PostgreSql;

/// <summary>
/// Keeps everything in a PostgreSQL database. The journal's thread writes on the one connection that owns the store, a batch in one trip; readers have
/// connections of their own.
/// </summary>
internal sealed partial class PostgreSqlStore : IBrokerStore
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500), RetrySoon = TimeSpan.FromMilliseconds(25);

    private readonly PostgreSqlServer server;
    private readonly PostgreSqlReader reader;
    private readonly StorageOptions options;
    private readonly ILogger log;
    private readonly BatchPlan plan = new();
    private readonly Leftovers leftovers = new();
    private readonly ReferenceChanges changes = new(new MessageReferences());
    private readonly PostgreSqlSweep sweep;
    private PostgreSqlOwner? owner; // null while the store is away
    private BackendProcess lastBackend;
    private long epoch;

    public PostgreSqlStore(string connectionString, StorageOptions options, ILogger<PostgreSqlStore> log)
    {
        this.options = options;
        this.log = log;
        server = new PostgreSqlServer(connectionString);
        reader = new PostgreSqlReader(server);
        sweep = new PostgreSqlSweep(leftovers, changes.Counted);
    }

    /// <inheritdoc/>
    public bool IsDurable => true;

    /// <inheritdoc/>
    public async Task<StoredState> OpenAsync(Action<string> report, CancellationToken cancellation)
    {
        while (true)
        {
            NpgsqlConnection? connection = null;
            try
            {
                connection = await server.ConnectAsync(cancellation).ConfigureAwait(false);
                await LockAsync(connection, report, cancellation).ConfigureAwait(false);
                return await OpenOwnedAsync(connection, cancellation).ConfigureAwait(false);
            }
            catch (Exception failure) when (server.RefusalOf(failure) is { } refusal)
            {
                throw refusal;
            }
            catch (Exception outage) when (PostgreSqlServer.IsOutage(outage))
            {
                report(server.Unavailable(outage).Message);
            }
            finally
            {
                if (connection is not null && owner is null) await connection.DisposeAsync().ConfigureAwait(false);
            }
            await Task.Delay(RetryAfter, cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Commit(StoreBatch batch)
    {
        plan.Make(batch);
        Transact(owner =>
        {
            if (owner.LastBatch == batch.Number) return; // it was committed, though nobody heard of it
            changes.Clear();
            owner.Writer.Write(plan, changes);
        });
        changes.Apply();
        leftovers.Add(plan);
        plan.Clear();
    }

    /// <inheritdoc/>
    public bool Sweep()
    {
        bool more = false;
        if (leftovers.Any) Transact(owner => more = sweep.Run(owner));
        return more;
    }

    /// <inheritdoc/>
    public IReadOnlyList<StoredEntry> ReadEntries(long session, long from, long upTo, int most, int mostBytes) => reader.Entries(session, from, upTo, most, mostBytes);

    /// <inheritdoc/>
    public IReadOnlyList<ApplicationMessage?> ReadRetained(IReadOnlyList<long> topics) => reader.Retained(topics);

    /// <inheritdoc/>
    public void Dispose()
    {
        owner?.Release();
        Drop();
        reader.Dispose();
    }

    // The lock belongs to the connection that will write. Right after a crash the server needs a moment to notice.
    private async Task LockAsync(NpgsqlConnection connection, Action<string> report, CancellationToken cancellation)
    {
        for (var wait = RetrySoon; !await PostgreSqlOwner.TryLockAsync(connection, cancellation).ConfigureAwait(false); wait = wait * 2 < RetryAfter ? wait * 2 : RetryAfter)
        {
            var who = await PostgreSqlSchema.OwnerAsync(connection, cancellation).ConfigureAwait(false);
            report($"another process owns {server.Name}{who}; waiting to take over");
            await Task.Delay(wait, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<StoredState> OpenOwnedAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await foreach (var setting in Session.SwitchedOffAsync(connection, cancellation).ConfigureAwait(false)) LogNotDurable(log, server.Name, setting);
        await Session.ApplyAsync(connection, Session.Recovering, cancellation).ConfigureAwait(false);
        await PostgreSqlSchema.BringUpToDateAsync(server, connection, cancellation).ConfigureAwait(false);
        var recovery = new Recovery(changes.Counted, leftovers);
        var state = await Task.Run(() => PostgreSqlRecovery.Read(connection, recovery, options.RetainedCacheBytes), cancellation).ConfigureAwait(false);
        var taken = await PostgreSqlOwner.TakeAsync(server, connection, cancellation).ConfigureAwait(false);
        (owner, epoch, lastBackend) = (taken, taken.Epoch, taken.Backend);
        return state;
    }

    // After an error the server has taken the transaction back. After an outage of the connection it may have committed it: the next one finds out.
    private void Transact(Action<PostgreSqlOwner> work)
    {
        try
        {
            owner ??= Resume();
            sweep.Resolve(owner.Connection);
            work(owner);
        }
        catch (PostgresException failure)
        {
            if (owner?.TryRollBack() is false) Drop();
            if (failure.SqlState == PostgresErrorCodes.DivisionByZero) throw PostgreSqlOwner.Lost(); // PostgreSqlWriter.Fence
            if (PostgreSqlServer.IsOutage(failure)) throw server.Unavailable(failure);
            throw;
        }
        catch (Exception outage) when (PostgreSqlServer.IsOutage(outage))
        {
            Drop();
            throw server.Unavailable(outage);
        }
        catch
        {
            if (owner?.TryRollBack() is false) Drop();
            throw;
        }
    }

    private PostgreSqlOwner Resume()
    {
        try
        {
            var resumed = PostgreSqlOwner.ResumeAsync(server, epoch, lastBackend, CancellationToken.None).GetAwaiter().GetResult();
            lastBackend = resumed.Backend;
            return resumed;
        }
        catch (Exception failure) when (failure is NpgsqlException or IOException or StoreRefusedException)
        {
            // Whatever keeps it from connecting, a new password too, says nothing against what it was to write.
            throw server.Unavailable(failure);
        }
    }

    private void Drop()
    {
        owner?.Dispose();
        owner = null;
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Database} runs with {Setting}=off: messages that were acknowledged can be lost when the server's machine fails. Switch it on (ALTER SYSTEM SET {Setting} = on)")]
    private static partial void LogNotDurable(ILogger log, string database, string setting);
}

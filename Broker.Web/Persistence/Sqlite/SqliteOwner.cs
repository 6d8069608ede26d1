using Broker.Core.Storage;
using Broker.Web.Persistence.Batches;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>The connection of the one process that writes: every transaction shows that it still owns the store. Of the journal's thread alone.</summary>
internal sealed class SqliteOwner : IDisposable
{
    // Only where SqliteCheckpoints cannot keep up does a commit move the log itself.
    private const int MostLogPages = 64_000;

    private readonly RawConnection connection;
    private readonly RawStatement begin, commit, rollback, mark, look;
    private SqliteWriter? writer;
    private SqliteSweep? sweep;

    /// <summary>Opens the connection, and changes nothing.</summary>
    /// <param name="path">The file.</param>
    public SqliteOwner(string path)
    {
        connection = new RawConnection(path, readOnly: false) { KeepsLogAtEnd = true };
        try
        {
            connection.Execute($"PRAGMA wal_autocheckpoint={MostLogPages}; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY");
            begin = connection.Prepare("BEGIN IMMEDIATE");
            commit = connection.Prepare("COMMIT");
            rollback = connection.Prepare("ROLLBACK");
            mark = connection.Prepare("UPDATE store_owner SET batch = ifnull(?2, batch) WHERE id = 1 AND epoch = ?1");
            look = connection.Prepare("SELECT epoch, batch FROM store_owner WHERE id = 1");
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The number of this ownership.</summary>
    public long Epoch { get; private set; }

    /// <summary>How many pages this connection has written into the log.</summary>
    public int PagesWritten => connection.PagesWritten;

    /// <summary>Writes batches.</summary>
    public SqliteWriter Writer => writer ??= new SqliteWriter(connection);

    /// <summary>Deletes what discarded sessions left behind.</summary>
    public SqliteSweep Sweep => sweep ??= new SqliteSweep(connection);

    /// <summary>Becomes the owner, and reads what the store holds at that moment. If that fails, nothing was written.</summary>
    public StoredState Take(DateTimeOffset at, Recovery recovery, long payloadBytes)
    {
        begin.Run();
        var state = SqliteRecovery.Read(connection, recovery, payloadBytes);
        using var take = connection.Query(
            "UPDATE store_owner SET epoch = epoch + 1, batch = 0, taken_at = ?1, host = ?2, process_id = ?3, backend_id = NULL WHERE id = 1 RETURNING epoch");
        take.BindTime(1, at.ToUnixTimeMilliseconds());
        take.Bind(2, Environment.MachineName);
        take.Bind(3, Environment.ProcessId);
        if (!take.Step()) throw new InvalidDataException("store_owner has no row");
        Epoch = take.Long(0);
        take.Run();
        commit.Run();
        connection.Execute("PRAGMA journal_mode=WAL");
        connection.KeepsLogAtEnd = false;
        return state;
    }

    /// <summary>Opens the connection anew, as the owner that this process was before.</summary>
    public static SqliteOwner Resume(string path, long epoch)
    {
        var owner = new SqliteOwner(path) { Epoch = epoch };
        owner.connection.KeepsLogAtEnd = false;
        return owner;
    }

    /// <summary>The number of the last batch that was committed.</summary>
    /// <exception cref="StoreLostException">Another process owns the store.</exception>
    public long LastBatch()
    {
        bool found = look.Step();
        var (epoch, batch) = found ? (look.Long(0), look.Long(1)) : (0, 0);
        look.Reset();
        return epoch == Epoch ? batch : throw Lost();
    }

    /// <summary>Begins a transaction, that of a batch or, with null, of none.</summary>
    /// <exception cref="StoreLostException">Another process owns the store.</exception>
    public void Begin(long? batch)
    {
        begin.Run();
        mark.Bind(1, Epoch);
        mark.Bind(2, batch);
        mark.Run();
        if (connection.Changes != 1) throw Lost();
    }

    /// <summary>Ends the transaction: the disk has it.</summary>
    public void Commit() => commit.Run();

    /// <summary>Moves what the log holds into the file, as far as no reader needs it in the log.</summary>
    public void Checkpoint() => connection.Checkpoint();

    /// <summary>Takes the transaction back, if there is one.</summary>
    public void Rollback()
    {
        if (connection.IsInTransaction) rollback.Run();
    }

    public void Dispose() => connection.Dispose();

    private static StoreLostException Lost() => new("another process has taken the database file over");
}

using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>
/// A connection to a SQLite file without ADO.NET between: the path of a message binds bytes where they lie. Used by one thread at a time. What goes wrong is a
/// <see cref="SqliteException"/>, as in EF Core.
/// </summary>
internal sealed class RawConnection : IDisposable
{
    private const int PatienceMilliseconds = 500;
    private readonly sqlite3 handle;
    private readonly List<RawStatement> statements = [];

    static RawConnection() => Batteries_V2.Init();

    /// <summary>Opens a file that is there. One opened for reading only never changes it, not even by a checkpoint at its end.</summary>
    public RawConnection(string path, bool readOnly)
    {
        int flags = raw.SQLITE_OPEN_NOMUTEX | (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE);
        int result = raw.sqlite3_open_v2(path, out handle, flags, null);
        try
        {
            Check(result);
            Check(raw.sqlite3_extended_result_codes(handle, 1));
            Check(raw.sqlite3_busy_timeout(handle, PatienceMilliseconds));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Whether a transaction is open.</summary>
    public bool IsInTransaction => raw.sqlite3_get_autocommit(handle) == 0;

    /// <summary>Whether the log stays as it is when this connection ends. Else, if it is the last one, it moves the log into the file.</summary>
    public bool KeepsLogAtEnd
    {
        set => Check(raw.sqlite3_db_config(handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, value ? 1 : 0, out _));
    }

    /// <summary>How many pages it has written.</summary>
    public int PagesWritten
    {
        get
        {
            Check(raw.sqlite3_db_status(handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out int pages, out _, 0));
            return pages;
        }
    }

    /// <summary>How many rows the last statement changed.</summary>
    public int Changes => raw.sqlite3_changes(handle);

    /// <summary>A statement that is used many times; it ends with the connection.</summary>
    public RawStatement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement));
        var prepared = new RawStatement(this, statement);
        statements.Add(prepared);
        return prepared;
    }

    /// <summary>Runs statements that give nothing back, or nothing of interest.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(handle, sql));

    /// <summary>Moves what the log holds into the file, as far as it can without waiting for anybody.</summary>
    /// <returns>How many pages the log holds, and how many of them have been moved; none if another connection is at it.</returns>
    public (int Pages, int Moved) Checkpoint()
    {
        int result = raw.sqlite3_wal_checkpoint_v2(handle, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out int pages, out int moved);
        if ((result & 0xFF) == raw.SQLITE_BUSY) return (0, 0);
        Check(result);
        return (pages, moved);
    }

    /// <summary>A statement that is used once; its user ends it.</summary>
    public RawStatement Query(string sql)
    {
        Check(raw.sqlite3_prepare_v2(handle, sql, out var statement));
        return new RawStatement(this, statement);
    }

    /// <summary>Runs a query and takes the first column of its rows.</summary>
    public List<string> Column(string sql)
    {
        using var query = Query(sql);
        var values = new List<string>();
        while (query.Step()) values.Add(query.Text(0) ?? "");
        return values;
    }

    /// <summary>Does nothing if the result is good.</summary>
    public void Check(int result)
    {
        if (result != raw.SQLITE_OK) Fail(result);
    }

    public void Fail(int result) =>
        throw new SqliteException($"{raw.sqlite3_errmsg(handle).utf8_to_string()} (SQLite error {result})", result & 0xFF, result);

    public void Dispose()
    {
        foreach (var statement in statements) statement.Dispose();
        handle.Dispose();
    }
}

using Microsoft.Data.Sqlite;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>
/// Moves what the log holds into the file, on a thread and a connection of its own, so that a commit waits for its own pages only. The log begins anew when all of it was
/// moved, which under load never happens beside a writer: once little is left, the journal's thread moves that between two commits.
/// </summary>
internal sealed class SqliteCheckpoints : IDisposable
{
    private const int Begin = 4_000, Whole = 16_000, Little = 500;

    private readonly string path;
    private readonly AutoResetEvent due = new(false);
    private readonly Thread thread;
    private int begun; // counts of pages may wrap around
    private volatile bool isLittleLeft, stopped;

    public SqliteCheckpoints(string path)
    {
        this.path = path;
        thread = new Thread(Run) { Name = "SQLite checkpoints", IsBackground = true };
        thread.Start();
    }

    /// <summary>Of the journal's thread: a transaction was committed.</summary>
    public void Committed(SqliteOwner owner)
    {
        if (isLittleLeft)
        {
            isLittleLeft = false;
            owner.Checkpoint();
        }
        if (owner.PagesWritten - begun < Begin) return;
        begun = owner.PagesWritten;
        due.Set();
    }

    /// <summary>Of the journal's thread: it begins to count anew, as its connection is a new one.</summary>
    public void Reopened() => begun = 0;

    public void Dispose()
    {
        stopped = true;
        due.Set();
        thread.Join();
        due.Dispose();
    }

    private void Run()
    {
        RawConnection? connection = null;
        while (due.WaitOne() && !stopped)
        {
            try
            {
                connection ??= new RawConnection(path, readOnly: false) { KeepsLogAtEnd = true };
                var (pages, moved) = connection.Checkpoint();
                if (pages < Whole) continue;
                if (pages - moved <= Little) isLittleLeft = true;
                else due.Set();
            }
            catch (SqliteException)
            {
                connection?.Dispose(); // the journal's own connection finds out what is wrong, and a later turn opens the file anew
                connection = null;
            }
        }
        connection?.Dispose();
    }
}

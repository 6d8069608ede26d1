using Broker.Web.Persistence.Batches;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>Deletes what discarded sessions left behind, a bounded number of rows at a time. The transaction around it is the caller's.</summary>
internal sealed class SqliteSweep(RawConnection connection)
{
    private readonly RawStatement border = connection.Prepare("SELECT sequence FROM queue_entries WHERE session_key = ?1 ORDER BY sequence LIMIT 1 OFFSET ?2");

    private readonly EntryDeletion entries = new(connection);

    private readonly RawStatement[] rest =
    [
        connection.Prepare("DELETE FROM subscriptions WHERE session_key = ?1"),
        connection.Prepare("DELETE FROM inbound_identifiers WHERE session_key = ?1"),
        connection.Prepare("DELETE FROM wills WHERE session_key = ?1"),
        connection.Prepare("DELETE FROM sessions WHERE key = ?1"), // last: while it is there, the session is found again
    ];

    /// <summary>Deletes about so many rows.</summary>
    /// <returns>How many of the first sessions have nothing left.</returns>
    public int Delete(IEnumerable<long> sessions, int rows, ReferenceChanges references)
    {
        int done = 0;
        foreach (long session in sessions)
        {
            rows -= DeleteEntries(session, rows, references);
            if (rows <= 0) break;
            foreach (var statement in rest)
            {
                statement.Bind(1, session);
                statement.Run();
                rows -= connection.Changes;
            }
            done++;
            if (rows <= 0) break;
        }
        return done;
    }

    private int DeleteEntries(long session, int most, ReferenceChanges references)
    {
        border.Bind(1, session);
        border.Bind(2, most - 1);
        long upTo = border.Step() ? border.Long(0) : long.MaxValue;
        border.Reset();
        return entries.Delete(new(session, long.MinValue, upTo), references);
    }
}

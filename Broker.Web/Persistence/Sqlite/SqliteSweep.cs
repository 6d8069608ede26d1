using Broker.Web.Persistence.Batches;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>Deletes what discarded sessions left behind, a bounded number of rows at a time. The transaction around it is the caller's.</summary>
internal sealed class SqliteSweep(RawConnection connection)
{
    private readonly RawStatement rows = connection.Prepare("SELECT sequence, run_length FROM queue_entries WHERE session_key = ?1 ORDER BY sequence");

    private readonly EntryDeletion entries = new(connection);

    private readonly RawStatement[] rest =
    [
        connection.Prepare("DELETE FROM subscriptions WHERE session_key = ?1"),
        connection.Prepare("DELETE FROM inbound_identifiers WHERE session_key = ?1"),
        connection.Prepare("DELETE FROM wills WHERE session_key = ?1"),
        connection.Prepare("DELETE FROM sessions WHERE key = ?1"), // last: while it is there, the session is found again
    ];

    /// <summary>Deletes about so many entries and other rows.</summary>
    /// <returns>How many of the first sessions have nothing left.</returns>
    public int Delete(IEnumerable<long> sessions, long most, ReferenceChanges references)
    {
        int done = 0;
        foreach (long session in sessions)
        {
            most -= DeleteEntries(session, most, references);
            if (most <= 0) break;
            foreach (var statement in rest)
            {
                statement.Bind(1, session);
                statement.Run();
                most -= connection.Changes;
            }
            done++;
            if (most <= 0) break;
        }
        return done;
    }

    private long DeleteEntries(long session, long most, ReferenceChanges references)
    {
        long found = 0, upTo = 0;
        rows.Bind(1, session);
        while (found < most && rows.Step())
        {
            upTo = rows.Long(0);
            found += rows.Long(1);
        }
        rows.Reset();
        if (found > 0) entries.Delete(new(session, long.MinValue, upTo), references);
        return found;
    }
}

using Broker.Web.Persistence.Batches;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>
/// Deletes entries of a queue that follow each other. Which rows hold entries that refer to messages is asked before: <c>RETURNING</c> would have SQLite look each row
/// up by its key two times more, and take more than twice as long as both statements.
/// </summary>
internal sealed class EntryDeletion(RawConnection connection)
{
    private readonly RawStatement rows = connection.Prepare(
        "SELECT sequence, run_length, message_id FROM queue_entries WHERE session_key = ?1 AND sequence >= ?2 ORDER BY sequence");

    private readonly RawStatement keepBefore = connection.Prepare("""
        INSERT INTO queue_entries (session_key, sequence, run_length, message_id, size, qos, retain, released, subscription_identifiers)
        SELECT session_key, ?3, ?4, message_id - (sequence - ?3), size, qos, retain, released, subscription_identifiers FROM queue_entries WHERE session_key = ?1 AND sequence = ?2
        """);

    private readonly RawStatement keepBehind = connection.Prepare("UPDATE queue_entries SET run_length = ?3 WHERE session_key = ?1 AND sequence = ?2");

    private readonly RawStatement delete = connection.Prepare("DELETE FROM queue_entries WHERE session_key = ?1 AND sequence BETWEEN ?2 AND ?3");

    /// <summary>Deletes those that are there.</summary>
    /// <param name="range">Which ones.</param>
    /// <param name="references">Where it is noted what becomes of the references; null if no entry refers to a message.</param>
    public void Delete(EntryRange range, ReferenceChanges? references)
    {
        if (references is not null) Shorten(range, references);
        Bind(delete, range.Session, range.First, range.Last);
        delete.Run();
    }

    // At most one run begins before the range, and at most one, which can be the same, goes on behind it.
    private void Shorten(EntryRange range, ReferenceChanges references)
    {
        (long Last, long Length) before = default, behind = default;
        Bind(rows, range.Session, range.First);
        for (long last = long.MinValue; last < range.Last && rows.Step();)
        {
            last = rows.Long(0);
            long first = last - rows.Long(1) + 1;
            if (first > range.Last || rows.IsNull(2)) continue;
            long deletedFirst = Math.Max(first, range.First), deletedLast = Math.Min(last, range.Last);
            references.AddRun(rows.Long(2) - (last - deletedLast), (int)(deletedLast - deletedFirst + 1), -1);
            if (first < range.First) before = (last, range.First - first);
            if (last > range.Last) behind = (last, last - range.Last);
        }
        rows.Reset();
        if (before.Length > 0)
        {
            Bind(keepBefore, range.Session, before.Last, range.First - 1, before.Length);
            keepBefore.Run();
        }
        if (behind.Length > 0)
        {
            Bind(keepBehind, range.Session, behind.Last, behind.Length);
            keepBehind.Run();
        }
    }

    private static void Bind(RawStatement statement, params ReadOnlySpan<long> values)
    {
        for (int i = 0; i < values.Length; i++) statement.Bind(i + 1, values[i]);
    }
}

using System.Text;
using Broker.Web.Persistence.Batches;
using Npgsql;
using NpgsqlTypes;

namespace Broker.Web.Persistence.PostgreSql.Rows;

/// <summary>The statement that deletes entries of queues.</summary>
internal static class EntryDeletion
{
    private static readonly CompositeFormat Whole = CompositeFormat.Parse(
        "DELETE FROM queue_entries e USING {0} WHERE e.session_key = r.session_key AND e.sequence BETWEEN r.first AND r.last");

    // Of a row that begins before a range, what lies between it and the range before stays as a row of its own. The last range of a row shortens it, if it goes on
    // behind, or else deletes it. All parts of the statement see the rows as they are before it.
    private static readonly CompositeFormat Runs = CompositeFormat.Parse("""
        WITH r AS MATERIALIZED (SELECT * FROM {0}),
        behind AS MATERIALIZED (
            SELECT r.*, e.sequence, e.run_length, e.message_id
            FROM r CROSS JOIN LATERAL (SELECT * FROM queue_entries q WHERE q.session_key = r.session_key AND q.sequence > r.last ORDER BY q.sequence LIMIT 1) e
            WHERE e.sequence - e.run_length < r.last),
        kept AS (
            INSERT INTO queue_entries (session_key, sequence, run_length, message_id, size, qos, retain, released, subscription_identifiers)
            SELECT e.session_key, r.first - 1, r.first - 1 - greatest(e.sequence - e.run_length, r.after), e.message_id - (e.sequence - (r.first - 1)),
                   e.size, e.qos, e.retain, e.released, e.subscription_identifiers
            FROM r CROSS JOIN LATERAL (SELECT * FROM queue_entries q WHERE q.session_key = r.session_key AND q.sequence >= r.first ORDER BY q.sequence LIMIT 1) e
            WHERE greatest(e.sequence - e.run_length, r.after) < r.first - 1),
        shortened AS (
            UPDATE queue_entries e SET run_length = e.sequence - b.last FROM behind b
            WHERE e.session_key = b.session_key AND e.sequence = b.sequence AND e.sequence < b.before),
        gone AS (DELETE FROM queue_entries e USING r WHERE e.session_key = r.session_key AND e.sequence BETWEEN r.first AND r.last)
        SELECT e.message_id, e.sequence - greatest(e.sequence - e.run_length, r.first - 1)
        FROM r JOIN queue_entries e ON e.session_key = r.session_key AND e.sequence BETWEEN r.first AND r.last WHERE e.message_id IS NOT NULL
        UNION ALL
        SELECT message_id - (sequence - last), last - greatest(sequence - run_length, first - 1) FROM behind
        """);

    /// <summary>Deletes those that are there.</summary>
    /// <param name="ranges">Which ones, in the order of their keys.</param>
    /// <param name="refer">Whether any entry refers to a message. Then the statement answers with runs: the id of the last message, and how many entries that referred to it and to those before it are gone.</param>
    public static NpgsqlBatchCommand Delete(List<EntryRange> ranges, bool refer)
    {
        var rows = new RowArrays<Neighbours>(WithNeighbours(ranges))
            .With("session_key", NpgsqlDbType.Bigint, row => row.Range.Session)
            .With("first", NpgsqlDbType.Bigint, row => row.Range.First)
            .With("last", NpgsqlDbType.Bigint, row => row.Range.Last);
        if (!refer) return rows.Command(string.Format(null, Whole, rows.Rows));
        rows.With("after", NpgsqlDbType.Bigint, row => row.After).With("before", NpgsqlDbType.Bigint, row => row.Before);
        return rows.Command(string.Format(null, Runs, rows.Rows));
    }

    private static List<Neighbours> WithNeighbours(List<EntryRange> ranges)
    {
        var all = new List<Neighbours>(ranges.Count);
        for (int i = 0; i < ranges.Count; i++)
        {
            var range = ranges[i];
            long after = i > 0 && ranges[i - 1].Session == range.Session ? ranges[i - 1].Last : long.MinValue;
            long before = i < ranges.Count - 1 && ranges[i + 1].Session == range.Session ? ranges[i + 1].First : long.MaxValue;
            all.Add(new(range, after, before));
        }
        return all;
    }

    /// <summary>A range, the last sequence of the one before it in the same queue, and the first one of the next.</summary>
    private readonly record struct Neighbours(EntryRange Range, long After, long Before);
}

using Broker.Web.Persistence.Batches;
using Npgsql;
using NpgsqlTypes;

namespace Broker.Web.Persistence.PostgreSql.Rows;

/// <summary>Statements that insert queue entries: those that hold their message themselves, and runs of those that refer to one each.</summary>
/// <remarks>Each column of a row costs the server about as much as a byte array: the small ones travel as the bits of one number.</remarks>
internal static class EntryRows
{
    private const string Own = "flags & 3, flags & 4 <> 0, flags & 8 <> 0", OfMessage = "flags >> 4 & 3, flags & 64 <> 0";

    public static IEnumerable<NpgsqlBatchCommand> Insert(List<EntryRun> entries)
    {
        var whole = entries.FindAll(row => row.Last.MessageId == 0);
        var runs = whole.Count == 0 ? entries : entries.FindAll(row => row.Last.MessageId != 0);
        if (whole.Count > 0) yield return InsertWhole(whole);
        if (runs.Count > 0) yield return InsertRuns(runs);
    }

    private static NpgsqlBatchCommand InsertWhole(List<EntryRun> entries)
    {
        var rows = Keys(entries).WithExpiry(row => row.Last.Message).WithContent(row => row.Last.Message);
        return Insert(rows.With("size", NpgsqlDbType.Integer, row => row.Last.Message.Size), "qos, retain, released, message_qos, message_retain", $"{Own}, {OfMessage}");
    }

    private static NpgsqlBatchCommand InsertRuns(List<EntryRun> entries)
    {
        var rows = Keys(entries).With("run_length", NpgsqlDbType.Integer, row => row.Length).With("message_id", NpgsqlDbType.Bigint, row => row.Last.MessageId);
        return Insert(rows, "size, qos, retain, released", "0, " + Own);
    }

    private static RowArrays<EntryRun> Keys(List<EntryRun> entries) => new RowArrays<EntryRun>(entries)
        .With("session_key", NpgsqlDbType.Bigint, row => row.Last.Session)
        .With("sequence", NpgsqlDbType.Bigint, row => row.Last.Sequence)
        .WithAny("subscription_identifiers", NpgsqlDbType.Text, row => Texts.Join(row.Last.Identifiers))
        .WithAny("share_filter", NpgsqlDbType.Text, row => row.Last.ShareFilter);

    private static NpgsqlBatchCommand Insert(RowArrays<EntryRun> rows, string flagColumns, string flags)
    {
        var columns = rows.Columns;
        rows.With("flags", NpgsqlDbType.Smallint, FlagsOf);
        return rows.Command($"INSERT INTO queue_entries ({columns}, {flagColumns}) SELECT {columns}, {flags} FROM {rows.Rows}");
    }

    private static short FlagsOf(EntryRun row)
    {
        var entry = row.Last;
        return (short)((int)entry.QoS | (entry.Retain ? 4 : 0) | (row.Released ? 8 : 0) | (int)entry.Message.QoS << 4 | (entry.Message.Retain ? 64 : 0));
    }
}

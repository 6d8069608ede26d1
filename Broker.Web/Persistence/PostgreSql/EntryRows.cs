using Broker.Web.Persistence.Batches;
using Npgsql;
using NpgsqlTypes;

namespace Broker.Web.Persistence.PostgreSql;

/// <summary>Statements that insert queue entries: those that hold their message themselves, and those that refer to one.</summary>
/// <remarks>Each column of a row costs the server about as much as a byte array: the small ones travel as the bits of one number.</remarks>
internal static class EntryRows
{
    private const string Own = "flags & 3, flags & 4 <> 0, flags & 8 <> 0", OfMessage = "flags >> 4 & 3, flags & 64 <> 0";

    public static IEnumerable<NpgsqlBatchCommand> Insert(List<NewEntry> entries)
    {
        var whole = entries.FindAll(row => row.Entry.MessageId == 0);
        var parts = whole.Count == 0 ? entries : entries.FindAll(row => row.Entry.MessageId != 0);
        if (whole.Count > 0) yield return InsertWhole(whole);
        if (parts.Count > 0) yield return InsertParts(parts);
    }

    private static NpgsqlBatchCommand InsertWhole(List<NewEntry> entries)
    {
        var rows = Keys(entries).WithExpiry(row => row.Entry.Message).WithContent(row => row.Entry.Message);
        return Insert(rows, "qos, retain, released, message_qos, message_retain", $"{Own}, {OfMessage}");
    }

    private static NpgsqlBatchCommand InsertParts(List<NewEntry> entries) =>
        Insert(Keys(entries).With("message_id", NpgsqlDbType.Bigint, row => row.Entry.MessageId), "qos, retain, released", Own);

    private static RowArrays<NewEntry> Keys(List<NewEntry> entries) => new RowArrays<NewEntry>(entries)
        .With("session_key", NpgsqlDbType.Bigint, row => row.Entry.Session)
        .With("sequence", NpgsqlDbType.Bigint, row => row.Entry.Sequence)
        .With("size", NpgsqlDbType.Integer, row => row.Entry.Message.Size)
        .WithAny("subscription_identifiers", NpgsqlDbType.Text, row => Texts.Join(row.Entry.Identifiers))
        .WithAny("share_filter", NpgsqlDbType.Text, row => row.Entry.ShareFilter);

    private static NpgsqlBatchCommand Insert(RowArrays<NewEntry> rows, string flagColumns, string flags)
    {
        var columns = rows.Columns;
        rows.With("flags", NpgsqlDbType.Smallint, FlagsOf);
        return rows.Command($"INSERT INTO queue_entries ({columns}, {flagColumns}) SELECT {columns}, {flags} FROM {rows.Rows}");
    }

    private static short FlagsOf(NewEntry row)
    {
        var (entry, released) = row;
        return (short)((int)entry.QoS | (entry.Retain ? 4 : 0) | (released ? 8 : 0) | (int)entry.Message.QoS << 4 | (entry.Message.Retain ? 64 : 0));
    }
}

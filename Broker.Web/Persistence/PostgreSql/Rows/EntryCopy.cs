using Broker.Core.Protocol;
using Broker.Web.Persistence.Batches;
using Npgsql;
using NpgsqlTypes;

namespace Broker.Web.Persistence.PostgreSql.Rows;

/// <summary>
/// Inserts many queue entries with COPY, which costs the server three fifths of what INSERT does, and two trips more. Inside a transaction that has begun.
/// </summary>
internal static class EntryCopy
{
    /// <summary>From so many entries on it is quicker than <see cref="EntryRows"/>.</summary>
    public const int Least = 300;

    private const string Command = """
        COPY queue_entries (session_key, sequence, run_length, size, qos, retain, released, message_id, subscription_identifiers, share_filter,
            message_qos, message_retain, expires_at, publisher, topic, properties, payload) FROM STDIN (FORMAT BINARY)
        """;

    public static void Insert(NpgsqlConnection connection, List<EntryRun> entries)
    {
        using var rows = connection.BeginBinaryImport(Command);
        rows.Timeout = TimeSpan.FromSeconds(connection.CommandTimeout);
        foreach (var (entry, length, released) in entries)
        {
            rows.StartRow();
            rows.Write(entry.Session, NpgsqlDbType.Bigint);
            rows.Write(entry.Sequence, NpgsqlDbType.Bigint);
            rows.Write(length, NpgsqlDbType.Integer);
            rows.Write(entry.MessageId == 0 ? entry.Message.Size : 0, NpgsqlDbType.Integer);
            rows.Write((short)entry.QoS, NpgsqlDbType.Smallint);
            rows.Write(entry.Retain, NpgsqlDbType.Boolean);
            rows.Write(released, NpgsqlDbType.Boolean);
            if (entry.MessageId == 0) rows.WriteNull();
            else rows.Write(entry.MessageId, NpgsqlDbType.Bigint);
            rows.WriteText(Texts.Join(entry.Identifiers));
            rows.WriteText(entry.ShareFilter);
            if (entry.MessageId == 0) rows.WriteMessage(entry.Message);
            else for (int column = 0; column < 7; column++) rows.WriteNull();
        }
        rows.Complete();
    }

    private static void WriteMessage(this NpgsqlBinaryImporter rows, ApplicationMessage message)
    {
        rows.Write((short)message.QoS, NpgsqlDbType.Smallint);
        rows.Write(message.Retain, NpgsqlDbType.Boolean);
        if (MessageColumns.ToTimeOrNull(message.ExpiresAt) is { } expiresAt) rows.Write(expiresAt, NpgsqlDbType.TimestampTz);
        else rows.WriteNull();
        rows.WriteText(message.Publisher);
        rows.Write(MessageColumns.Topic(message), NpgsqlDbType.Text);
        if (MessageColumns.Properties(message) is { } properties) rows.Write(properties, NpgsqlDbType.Bytea);
        else rows.WriteNull();
        rows.Write(MessageColumns.Payload(message), NpgsqlDbType.Bytea);
    }

    private static void WriteText(this NpgsqlBinaryImporter rows, string? text)
    {
        if (text is null) rows.WriteNull();
        else rows.Write(text, NpgsqlDbType.Text);
    }
}

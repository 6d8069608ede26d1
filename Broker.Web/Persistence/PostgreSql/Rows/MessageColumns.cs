using Broker.Core.Protocol;
using NpgsqlTypes;

namespace Broker.Web.Persistence.PostgreSql.Rows;

/// <summary>The columns in which every table keeps a message. A text is UTF-8 on the way to the server, as the topic is already.</summary>
internal static class MessageColumns
{
    /// <summary>The bytes of topic, properties and payload of a row, in SQL; long payloads are not fetched for it.</summary>
    public const string Bytes = "octet_length(topic) + coalesce(octet_length(properties), 0) + octet_length(payload)";

    /// <summary>Adds the message's columns but QoS and RETAIN.</summary>
    public static RowArrays<TRow> WithContent<TRow>(this RowArrays<TRow> rows, Func<TRow, ApplicationMessage> message) => rows
        .WithAny("publisher", NpgsqlDbType.Text, row => message(row).Publisher)
        .With("topic", NpgsqlDbType.Text, row => Topic(message(row)))
        .WithAny("properties", NpgsqlDbType.Bytea, row => Properties(message(row)))
        .With("payload", NpgsqlDbType.Bytea, row => Payload(message(row)));

    /// <summary>Adds when the message expires.</summary>
    public static RowArrays<TRow> WithExpiry<TRow>(this RowArrays<TRow> rows, Func<TRow, ApplicationMessage> message) =>
        rows.WithAny("expires_at", NpgsqlDbType.TimestampTz, row => ToTimeOrNull(message(row).ExpiresAt));

    /// <summary>A time for a column, from milliseconds since 1970.</summary>
    public static DateTime ToTime(long milliseconds) => DateTime.UnixEpoch.AddMilliseconds(milliseconds);

    /// <summary>The same, where null and a time that never comes are null.</summary>
    public static DateTime? ToTimeOrNull(long? milliseconds) => milliseconds is null or ApplicationMessage.Never ? null : ToTime(milliseconds.Value);

    public static ReadOnlyMemory<byte> Topic(ApplicationMessage message) => message.Bytes[..message.Topic.Length];

    public static ReadOnlyMemory<byte>? Properties(ApplicationMessage message) =>
        message.Properties.IsEmpty ? null : message.Bytes.Slice(message.Topic.Length, message.Properties.Length);

    public static ReadOnlyMemory<byte> Payload(ApplicationMessage message) => message.Bytes[(message.Topic.Length + message.Properties.Length)..];
}

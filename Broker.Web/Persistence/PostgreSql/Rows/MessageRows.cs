using Broker.Core.Storage;
using Broker.Web.Persistence.Batches;
using Npgsql;
using NpgsqlTypes;
using static Broker.Web.Persistence.PostgreSql.Rows.MessageColumns;

namespace Broker.Web.Persistence.PostgreSql.Rows;

/// <summary>Statements that insert messages: wills, retained messages, and those that several entries share.</summary>
internal static class MessageRows
{
    private const string ReplaceContent = "publisher = excluded.publisher, topic = excluded.topic, properties = excluded.properties, payload = excluded.payload";

    public static NpgsqlBatchCommand Wills(List<WillStored> wills) => new RowArrays<WillStored>(wills)
        .With("session_key", NpgsqlDbType.Bigint, will => will.Session)
        .With("qos", NpgsqlDbType.Smallint, will => (short)will.Message.QoS)
        .With("retain", NpgsqlDbType.Boolean, will => will.Message.Retain)
        .With("delay_interval", NpgsqlDbType.Bigint, will => (long)will.DelayInterval)
        .WithAny("expiry_interval", NpgsqlDbType.Bigint, will => (long?)will.ExpiryInterval)
        .WithContent(will => will.Message)
        .Insert("wills", $"""
            ON CONFLICT (session_key) DO UPDATE SET qos = excluded.qos, retain = excluded.retain, delay_interval = excluded.delay_interval,
                expiry_interval = excluded.expiry_interval, {ReplaceContent}
            """);

    public static NpgsqlBatchCommand Retained(List<RetainedStored> messages) => new RowArrays<RetainedStored>(messages)
        .With("number", NpgsqlDbType.Bigint, row => row.Topic)
        .With("qos", NpgsqlDbType.Smallint, row => (short)row.Message.QoS)
        .With("stored_at", NpgsqlDbType.TimestampTz, row => ToTime(row.At))
        .With("payload_length", NpgsqlDbType.Integer, row => row.Message.Payload.Length)
        .WithExpiry(row => row.Message)
        .WithAny("publisher_user", NpgsqlDbType.Text, row => row.Message.PublisherUser)
        .WithContent(row => row.Message)
        .Insert("retained_messages", $"""
            ON CONFLICT (number) DO UPDATE SET qos = excluded.qos, stored_at = excluded.stored_at, expires_at = excluded.expires_at,
                payload_length = excluded.payload_length, publisher_user = excluded.publisher_user, {ReplaceContent}
            """);

    public static NpgsqlBatchCommand Shared(List<SharedMessage> messages) => new RowArrays<SharedMessage>(messages)
        .With("id", NpgsqlDbType.Bigint, row => row.Id)
        .With("qos", NpgsqlDbType.Smallint, row => (short)row.Message.QoS)
        .With("retain", NpgsqlDbType.Boolean, row => row.Message.Retain)
        .WithExpiry(row => row.Message)
        .WithContent(row => row.Message)
        .Insert("messages");
}

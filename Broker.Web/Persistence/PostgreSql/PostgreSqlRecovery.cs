using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Web.Persistence.Batches;
using Npgsql;

namespace Broker.Web.Persistence.PostgreSql;

/// <summary>Reads everything that the broker begins with, each table once, while nobody writes.</summary>
internal static class PostgreSqlRecovery
{
    public static StoredState Read(NpgsqlConnection connection, Recovery recovery, long payloadBytes)
    {
        Each(connection, "SELECT key, client_identifier, user_name, expiry_interval, receive_maximum, detached_at, highest_sent, discarded_at IS NOT NULL, released FROM sessions", row =>
            recovery.Add(new RecoveredSession
            {
                Key = row.GetInt64(0),
                ClientIdentifier = row.GetString(1),
                UserName = row.ReadText(2),
                ExpiryInterval = (uint)row.GetInt64(3),
                ReceiveMaximum = row.GetInt32(4),
                DetachedAt = row.ReadTime(5),
                HighestSent = row.GetInt64(6),
                IsDiscarded = row.GetBoolean(7),
                IsReleased = row.GetBoolean(8),
            }));
        Each(connection, "SELECT session_key, number, filter, qos, no_local, retain_as_published, retain_handling, subscription_identifier FROM subscriptions", row =>
        {
            var options = new SubscriptionOptions((QualityOfService)row.GetInt16(3), row.GetBoolean(4), row.GetBoolean(5), (byte)row.GetInt16(6));
            recovery.Add(row.GetInt64(0), new StoredSubscription(row.GetInt32(1), row.GetString(2), options, (uint)row.GetInt64(7)));
        });
        Each(connection, "SELECT session_key, packet_identifier FROM inbound_identifiers", row => recovery.AddIdentifier(row.GetInt64(0), (ushort)row.GetInt32(1)));
        Each(connection, "SELECT retain, qos, NULL::timestamptz, publisher, topic, properties, payload, session_key, delay_interval, expiry_interval, (SELECT user_name FROM sessions WHERE key = session_key) FROM wills", row =>
            recovery.Add(new WillStored(row.GetInt64(7), row.ReadMessage(0, row.ReadText(10)), (uint)row.GetInt64(8), row.IsDBNull(9) ? null : (uint)row.GetInt64(9))));
        Each(connection, $"SELECT id, {MessageColumns.Bytes} FROM messages", row => recovery.AddMessage(row.GetInt64(0), row.GetInt32(1)));
        Each(connection, "SELECT session_key, sequence, share_filter IS NOT NULL, size, run_length, message_id FROM queue_entries ORDER BY session_key, sequence", row =>
        {
            if (row.IsDBNull(5)) recovery.AddEntry(row.GetInt64(0), row.GetInt64(1), row.GetInt32(3), row.GetBoolean(2));
            else recovery.AddRun(row.GetInt64(0), row.GetInt64(1), row.GetInt32(4), row.GetInt64(5), row.GetBoolean(2));
        });
        Each(connection, RetainedUpTo(payloadBytes), row => recovery.Add(new StoredRetained(row.GetInt64(7), row.ReadMessage(0, row.ReadText(9)), row.GetInt32(8))));
        return recovery.Finish();
    }

    // A payload that is not asked for is not fetched from where PostgreSQL keeps long values.
    private static string RetainedUpTo(long payloadBytes) => $"""
        SELECT true, qos, expires_at, publisher, topic, properties, CASE WHEN before < {payloadBytes} THEN payload END, number, payload_length, publisher_user
        FROM (SELECT *, sum(payload_length) OVER (ORDER BY number) - payload_length AS before FROM retained_messages) m ORDER BY number
        """;

    private static void Each(NpgsqlConnection connection, string sql, Action<NpgsqlDataReader> take)
    {
        using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        using var reader = command.ExecuteReader();
        while (reader.Read()) take(reader);
    }
}

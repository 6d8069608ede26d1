using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Web.Persistence.Batches;
using Broker.Web.Persistence.PostgreSql.Rows;
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
                Key = row.Long(0),
                ClientIdentifier = row.Text(1)!,
                UserName = row.Text(2),
                ExpiryInterval = (uint)row.Long(3),
                ReceiveMaximum = row.Int(4),
                DetachedAt = row.Time(5),
                HighestSent = row.Long(6),
                IsDiscarded = row.Bool(7),
                IsReleased = row.Bool(8),
            }));
        Each(connection, "SELECT session_key, number, filter, qos, no_local, retain_as_published, retain_handling, subscription_identifier FROM subscriptions", row =>
        {
            var options = new SubscriptionOptions((QualityOfService)row.Short(3), row.Bool(4), row.Bool(5), (byte)row.Short(6));
            recovery.Add(row.Long(0), new StoredSubscription(row.Int(1), row.Text(2)!, options, (uint)row.Long(7)));
        });
        Each(connection, "SELECT session_key, packet_identifier FROM inbound_identifiers", row => recovery.AddIdentifier(row.Long(0), (ushort)row.Int(1)));
        Each(connection, "SELECT retain, qos, NULL::timestamptz, publisher, topic, properties, payload, session_key, delay_interval, expiry_interval, (SELECT user_name FROM sessions WHERE key = session_key) FROM wills", row =>
            recovery.Add(new WillStored(row.Long(7), row.Message(0, row.Text(10)), (uint)row.Long(8), row.IsNull(9) ? null : (uint)row.Long(9))));
        Each(connection, $"SELECT id, {MessageColumns.Bytes} FROM messages", row => recovery.AddMessage(row.Long(0), row.Int(1)));
        Each(connection, "SELECT session_key, sequence, share_filter IS NOT NULL, size, run_length, message_id FROM queue_entries ORDER BY session_key, sequence", row =>
        {
            if (row.IsNull(5)) recovery.AddEntry(row.Long(0), row.Long(1), row.Int(3), row.Bool(2));
            else recovery.AddRun(row.Long(0), row.Long(1), row.Int(4), row.Long(5), row.Bool(2));
        });
        Each(connection, RetainedUpTo(payloadBytes), row => recovery.Add(new StoredRetained(row.Long(7), row.Message(0, row.Text(9)), row.Int(8))));
        return recovery.Finish();
    }

    // A payload that is not asked for is not fetched from where PostgreSQL keeps long values.
    private static string RetainedUpTo(long payloadBytes) => $"""
        SELECT true, qos, expires_at, publisher, topic, properties, CASE WHEN before < {payloadBytes} THEN payload END, number, payload_length, publisher_user
        FROM (SELECT *, sum(payload_length) OVER (ORDER BY number) - payload_length AS before FROM retained_messages) m ORDER BY number
        """;

    private static void Each(NpgsqlConnection connection, string sql, Action<PackedReader> take)
    {
        using var command = new NpgsqlCommand(PackedReader.OneByOne(sql), connection) { CommandTimeout = 0 };
        using var row = new PackedReader(command);
        while (row.Read()) take(row);
    }
}

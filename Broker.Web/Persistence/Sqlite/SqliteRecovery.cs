using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Web.Persistence.Batches;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>Reads everything that the broker begins with, each table once, and writes nothing. The transaction around it is the caller's.</summary>
internal static class SqliteRecovery
{
    public static StoredState Read(RawConnection connection, Recovery recovery, long payloadBytes)
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
                IsDiscarded = row.Int(7) != 0,
                IsReleased = row.Int(8) != 0,
            }));
        Each(connection, "SELECT session_key, number, filter, qos, no_local, retain_as_published, retain_handling, subscription_identifier FROM subscriptions", row =>
        {
            var options = new SubscriptionOptions((QualityOfService)row.Int(3), row.Int(4) != 0, row.Int(5) != 0, (byte)row.Int(6));
            recovery.Add(row.Long(0), new StoredSubscription(row.Int(1), row.Text(2)!, options, (uint)row.Long(7)));
        });
        Each(connection, "SELECT session_key, packet_identifier FROM inbound_identifiers", row => recovery.AddIdentifier(row.Long(0), (ushort)row.Int(1)));
        Each(connection, "SELECT retain, qos, NULL, publisher, topic, properties, payload, session_key, delay_interval, expiry_interval, (SELECT user_name FROM sessions WHERE key = session_key) FROM wills", row =>
            recovery.Add(new WillStored(row.Long(7), SqliteReader.ReadMessage(row, row.Text(10)), (uint)row.Long(8), row.IsNull(9) ? null : (uint)row.Long(9))));
        Each(connection, "SELECT id, octet_length(topic) + ifnull(octet_length(properties), 0) + octet_length(payload) FROM messages", row => recovery.AddMessage(row.Long(0), row.Int(1)));
        Each(connection, "SELECT session_key, sequence, share_filter IS NOT NULL, size, run_length, message_id FROM queue_entries ORDER BY session_key, sequence", row =>
        {
            if (row.IsNull(5)) recovery.AddEntry(row.Long(0), row.Long(1), row.Int(3), row.Int(2) != 0);
            else recovery.AddRun(row.Long(0), row.Long(1), row.Int(4), row.Long(5), row.Int(2) != 0);
        });
        ReadRetained(connection, recovery, payloadBytes);
        return recovery.Finish();
    }

    // Payloads stand last in their rows: one that is not asked for is not fetched from the disk.
    private static void ReadRetained(RawConnection connection, Recovery recovery, long payloadBytes)
    {
        const string columns = "1, qos, expires_at, publisher, topic, properties, {0}, number, payload_length, publisher_user FROM retained_messages";
        long last = long.MinValue;
        using (var whole = connection.Query($"SELECT {string.Format(null, columns, "payload")} ORDER BY number"))
        {
            while (payloadBytes > 0 && whole.Step())
            {
                recovery.Add(new StoredRetained(last = whole.Long(7), SqliteReader.ReadMessage(whole, whole.Text(9)), whole.Int(8)));
                payloadBytes -= whole.Int(8);
            }
        }
        Each(connection, $"SELECT {string.Format(null, columns, "NULL")} WHERE number > {last} ORDER BY number", row =>
            recovery.Add(new StoredRetained(row.Long(7), SqliteReader.ReadMessage(row, row.Text(9)), row.Int(8))));
    }

    private static void Each(RawConnection connection, string sql, Action<RawStatement> take)
    {
        using var query = connection.Query(sql);
        while (query.Step()) take(query);
    }
}

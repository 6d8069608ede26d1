using Broker.Core.Storage;
using Broker.Web.Persistence.Batches;
using Broker.Web.Persistence.Model;
using Broker.Web.Persistence.PostgreSql.Rows;
using Npgsql;
using NpgsqlTypes;
using static Broker.Web.Persistence.PostgreSql.Rows.MessageColumns;

namespace Broker.Web.Persistence.PostgreSql;

/// <summary>
/// Writes a batch: all its statements go out together and are one transaction. The server ends it at the one Sync behind them: either all of it is committed,
/// or nothing. It takes more trips where many entries are copied in, and where entries are deleted whose messages stand elsewhere: those that nobody refers to
/// any more are taken away then.
/// </summary>
internal sealed class PostgreSqlWriter(NpgsqlConnection connection, long epoch)
{
    /// <summary>Writes the batch and returns when it is committed.</summary>
    public void Write(BatchPlan plan, ReferenceChanges changes)
    {
        bool countsDown = plan.EntriesSettled.Count > 0 && changes.Counted.Messages > 0, copies = plan.EntriesQueued.Count >= EntryCopy.Least;
        using var batch = connection.CreateBatch();
        if (countsDown || copies) batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
        batch.BatchCommands.Add(Fence(plan.Number));
        AddSessions(batch, plan.Sessions);
        AddSmallTables(batch, plan);
        AddMessages(batch, plan);
        if (plan.EntriesSettled.Count > 0) batch.BatchCommands.Add(EntryDeletion.Delete(plan.EntriesSettled, countsDown));
        if (!copies) AddQueued(batch, plan);
        if (plan.Audit.Count > 0) batch.BatchCommands.Add(Audit(plan.Audit));
        if (plan.Requests.Count > 0) batch.BatchCommands.Add(Requests(plan.Requests));
        foreach (var run in plan.EntriesQueued)
        {
            if (run.Last.MessageId > 0) changes.AddRun(run.Last.MessageId, run.Length, 1);
        }
        if (countsDown)
        {
            using var reader = batch.ExecuteReader();
            reader.NextResult(); // behind that of the fence
            ReadReferences(reader, changes);
            while (reader.NextResult())
            {
            }
        }
        else batch.ExecuteNonQuery();
        if (copies) EntryCopy.Insert(connection, plan.EntriesQueued);
        if (countsDown || copies) Finish(changes, copies ? Released(plan) : []);
    }

    /// <summary>
    /// Notes the number of the batch, or none, and fails the transaction by a division by zero if this process does not own the store any more: so what follows
    /// need not wait for the answer.
    /// </summary>
    public NpgsqlBatchCommand Fence(long? number)
    {
        var fence = new NpgsqlBatchCommand(
            "WITH owned AS (UPDATE store_owner SET batch = coalesce($2, batch) WHERE id = 1 AND epoch = $1 RETURNING id) SELECT 1 / count(*) FROM owned");
        fence.Parameters.Add(new NpgsqlParameter<long> { TypedValue = epoch });
        fence.Parameters.Add(new NpgsqlParameter { Value = number ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
        return fence;
    }

    /// <summary>Rows of a message id, or null, and how many entries are gone that referred to it and to the messages before it.</summary>
    /// <returns>How many entries in all are gone.</returns>
    public static long ReadReferences(NpgsqlDataReader reader, ReferenceChanges changes)
    {
        long deleted = 0;
        while (reader.Read())
        {
            long count = reader.GetInt64(1);
            deleted += count;
            if (!reader.IsDBNull(0)) changes.AddRun(reader.GetInt64(0), (int)count, -1);
        }
        return deleted;
    }

    /// <summary>The second trip of a transaction: deletes what nobody refers to any more, and commits.</summary>
    public void Finish(ReferenceChanges changes, params ReadOnlySpan<NpgsqlBatchCommand> more)
    {
        using var batch = connection.CreateBatch();
        foreach (var command in more) batch.BatchCommands.Add(command);
        long[] unreferenced = [.. changes.Unreferenced()];
        if (unreferenced.Length > 0) batch.BatchCommands.Add(WhereAny("DELETE FROM messages WHERE id", unreferenced)); // not by ranges: a plan for few messages would pass over all of them
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        batch.ExecuteNonQuery();
    }

    /// <summary>A statement that goes on with a list of keys.</summary>
    public static NpgsqlBatchCommand WhereAny(string sql, long[] keys)
    {
        var command = new NpgsqlBatchCommand(sql + " = ANY($1)");
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = keys });
        return command;
    }

    private static void AddSessions(NpgsqlBatch batch, IReadOnlyCollection<SessionChange> sessions)
    {
        if (sessions.Count == 0) return;
        var stored = sessions.Where(session => session.Stored is not null).ToList();
        if (stored.Count > 0)
        {
            batch.BatchCommands.Add(new RowArrays<SessionChange>(stored)
                .With("key", NpgsqlDbType.Bigint, session => session.Key)
                .With("client_identifier", NpgsqlDbType.Text, session => session.Stored!.ClientIdentifier)
                .With("user_name", NpgsqlDbType.Text, session => session.Stored!.UserName)
                .With("expiry_interval", NpgsqlDbType.Bigint, session => (long)session.ExpiryInterval!)
                .With("receive_maximum", NpgsqlDbType.Integer, session => session.Stored!.ReceiveMaximum)
                .With("created_at", NpgsqlDbType.TimestampTz, session => ToTime(session.CreatedAt))
                .With("connected_at", NpgsqlDbType.TimestampTz, session => ToTime(session.Stored!.At))
                .With("detached_at", NpgsqlDbType.TimestampTz, session => ToTimeOrNull(session.DetachedAt))
                .With("highest_sent", NpgsqlDbType.Bigint, session => session.HighestSent)
                .With("discarded_at", NpgsqlDbType.TimestampTz, session => ToTimeOrNull(session.DiscardedAt))
                .With("released", NpgsqlDbType.Boolean, _ => false)
                .Insert("sessions", """
                    ON CONFLICT (key) DO UPDATE SET client_identifier = excluded.client_identifier, user_name = excluded.user_name,
                        expiry_interval = excluded.expiry_interval, receive_maximum = excluded.receive_maximum, connected_at = excluded.connected_at,
                        detached_at = excluded.detached_at, highest_sent = greatest(sessions.highest_sent, excluded.highest_sent), discarded_at = excluded.discarded_at, released = false
                    """));
        }
        foreach (var session in sessions)
        {
            if (session.Owned is { } owned) batch.BatchCommands.Add(Give(owned));
        }
        if (stored.Count == sessions.Count) return;
        var rows = new RowArrays<SessionChange>([.. sessions.Where(session => session.Stored is null)])
            .With("key", NpgsqlDbType.Bigint, session => session.Key)
            .With("expiry_interval", NpgsqlDbType.Bigint, session => (long?)session.ExpiryInterval)
            .With("detached_at", NpgsqlDbType.TimestampTz, session => ToTimeOrNull(session.DetachedAt))
            .With("highest_sent", NpgsqlDbType.Bigint, session => session.HighestSent)
            .With("discarded_at", NpgsqlDbType.TimestampTz, session => ToTimeOrNull(session.DiscardedAt));
        batch.BatchCommands.Add(rows.Command($"""
            UPDATE sessions s SET expiry_interval = coalesce(r.expiry_interval, s.expiry_interval), detached_at = coalesce(r.detached_at, s.detached_at),
                highest_sent = greatest(s.highest_sent, r.highest_sent), discarded_at = coalesce(r.discarded_at, s.discarded_at)
            FROM {rows.Rows} WHERE s.key = r.key
            """));
    }

    private static NpgsqlBatchCommand Give(SessionOwned owned)
    {
        var command = new NpgsqlBatchCommand("UPDATE sessions SET user_name = $2, released = $3 WHERE key = $1");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = owned.Session });
        command.Parameters.Add(new NpgsqlParameter { Value = owned.UserName ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = owned.IsReleased });
        return command;
    }

    private static void AddSmallTables(NpgsqlBatch batch, BatchPlan plan)
    {
        if (plan.SubscriptionsRemoved.Count > 0)
        {
            var rows = new RowArrays<(long Session, int Number)>(plan.SubscriptionsRemoved)
                .With("session_key", NpgsqlDbType.Bigint, row => row.Session).With("number", NpgsqlDbType.Integer, row => row.Number);
            batch.BatchCommands.Add(rows.Command($"DELETE FROM subscriptions t USING {rows.Rows} WHERE t.session_key = r.session_key AND t.number = r.number"));
        }
        if (plan.SubscriptionsStored.Count > 0)
        {
            batch.BatchCommands.Add(new RowArrays<SubscriptionStored>(plan.SubscriptionsStored)
                .With("session_key", NpgsqlDbType.Bigint, row => row.Session).With("number", NpgsqlDbType.Integer, row => row.Number)
                .With("filter", NpgsqlDbType.Text, row => row.Filter).With("qos", NpgsqlDbType.Smallint, row => (short)row.Options.QoS)
                .With("no_local", NpgsqlDbType.Boolean, row => row.Options.NoLocal).With("retain_as_published", NpgsqlDbType.Boolean, row => row.Options.RetainAsPublished)
                .With("retain_handling", NpgsqlDbType.Smallint, row => (short)row.Options.RetainHandling)
                .With("subscription_identifier", NpgsqlDbType.Bigint, row => (long)row.Identifier)
                .Insert("subscriptions", """
                    ON CONFLICT (session_key, number) DO UPDATE SET filter = excluded.filter, qos = excluded.qos, no_local = excluded.no_local,
                        retain_as_published = excluded.retain_as_published, retain_handling = excluded.retain_handling, subscription_identifier = excluded.subscription_identifier
                    """));
        }
        if (plan.IdentifiersForgotten.Count > 0)
        {
            var rows = Identifiers(plan.IdentifiersForgotten);
            batch.BatchCommands.Add(rows.Command(
                $"DELETE FROM inbound_identifiers t USING {rows.Rows} WHERE t.session_key = r.session_key AND t.packet_identifier = r.packet_identifier"));
        }
        if (plan.IdentifiersSeen.Count > 0) batch.BatchCommands.Add(Identifiers(plan.IdentifiersSeen).Insert("inbound_identifiers", "ON CONFLICT DO NOTHING"));
    }

    private static void AddMessages(NpgsqlBatch batch, BatchPlan plan)
    {
        if (plan.WillsRemoved.Count > 0) batch.BatchCommands.Add(WhereAny("DELETE FROM wills WHERE session_key", [.. plan.WillsRemoved]));
        if (plan.WillsStored.Count > 0) batch.BatchCommands.Add(MessageRows.Wills(plan.WillsStored));
        if (plan.RetainedCleared.Count > 0) batch.BatchCommands.Add(WhereAny("DELETE FROM retained_messages WHERE number", [.. plan.RetainedCleared]));
        if (plan.RetainedStored.Count > 0) batch.BatchCommands.Add(MessageRows.Retained(plan.RetainedStored));
        if (plan.Messages.Count > 0) batch.BatchCommands.Add(MessageRows.Shared(plan.Messages));
    }

    private static void AddQueued(NpgsqlBatch batch, BatchPlan plan)
    {
        if (plan.EntriesQueued.Count > 0)
        {
            foreach (var command in EntryRows.Insert(plan.EntriesQueued)) batch.BatchCommands.Add(command);
        }
        foreach (var command in Released(plan)) batch.BatchCommands.Add(command);
    }

    private static NpgsqlBatchCommand[] Released(BatchPlan plan)
    {
        if (plan.EntriesReleased.Count == 0) return [];
        var rows = new RowArrays<EntryKey>(plan.EntriesReleased)
            .With("session_key", NpgsqlDbType.Bigint, key => key.Session).With("sequence", NpgsqlDbType.Bigint, key => key.Sequence);
        return [rows.Command($"UPDATE queue_entries e SET released = true FROM {rows.Rows} WHERE e.session_key = r.session_key AND e.sequence = r.sequence")];
    }

    private static NpgsqlBatchCommand Audit(List<AuditRecorded> records) => new RowArrays<AuditRecorded>(records)
        .With("at", NpgsqlDbType.TimestampTz, row => ToTime(row.At)).With("actor", NpgsqlDbType.Text, row => row.Actor).With("address", NpgsqlDbType.Text, row => row.Address)
        .With("action", NpgsqlDbType.Text, row => row.Action).With("target", NpgsqlDbType.Text, row => row.Target).With("detail", NpgsqlDbType.Text, row => row.Detail)
        .Insert("audit");

    private static NpgsqlBatchCommand Requests(List<RequestAnswered> requests) => new RowArrays<RequestAnswered>(requests)
        .With("at", NpgsqlDbType.TimestampTz, row => ToTime(row.At)).With("key", NpgsqlDbType.Text, row => row.Key).With("request", NpgsqlDbType.Text, row => row.Request)
        .With("matched", NpgsqlDbType.Integer, row => row.Matched).With("persisted", NpgsqlDbType.Boolean, row => row.IsPersisted)
        .Insert("answered_requests", AnsweredRequestRow.Renewed);

    private static RowArrays<(long Session, ushort PacketIdentifier)> Identifiers(List<(long Session, ushort PacketIdentifier)> identifiers) =>
        new RowArrays<(long Session, ushort PacketIdentifier)>(identifiers)
            .With("session_key", NpgsqlDbType.Bigint, row => row.Session).With("packet_identifier", NpgsqlDbType.Integer, row => (int)row.PacketIdentifier);
}

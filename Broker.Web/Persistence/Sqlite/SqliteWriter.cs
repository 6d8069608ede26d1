using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Web.Persistence.Batches;
using Broker.Web.Persistence.Model;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>Does what a plan says, with statements that were prepared once. The transaction around it is the caller's.</summary>
internal sealed class SqliteWriter(RawConnection connection)
{
    private readonly RawStatement storeSession = connection.Prepare("""
        INSERT INTO sessions (key, client_identifier, user_name, expiry_interval, receive_maximum, created_at, connected_at, detached_at, highest_sent, discarded_at, released)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0)
        ON CONFLICT (key) DO UPDATE SET client_identifier = ?2, user_name = ?3, expiry_interval = ?4, receive_maximum = ?5, connected_at = ?7, detached_at = ?8,
            highest_sent = max(highest_sent, ?9), discarded_at = ?10, released = 0
        """);

    private readonly RawStatement detachSession = connection.Prepare(
        "UPDATE sessions SET expiry_interval = ?2, detached_at = ?3, highest_sent = max(highest_sent, ?4) WHERE key = ?1");

    private readonly RawStatement giveSession = connection.Prepare("UPDATE sessions SET user_name = ?2, released = ?3 WHERE key = ?1");

    private readonly RawStatement discardSession = connection.Prepare("UPDATE sessions SET discarded_at = ?2 WHERE key = ?1");

    private readonly RawStatement storeSubscription = connection.Prepare("""
        INSERT OR REPLACE INTO subscriptions (session_key, number, filter, qos, no_local, retain_as_published, retain_handling, subscription_identifier)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        """);

    private readonly RawStatement removeSubscription = connection.Prepare("DELETE FROM subscriptions WHERE session_key = ?1 AND number = ?2");

    private readonly RawStatement seeIdentifier = connection.Prepare("INSERT OR IGNORE INTO inbound_identifiers (session_key, packet_identifier) VALUES (?1, ?2)");

    private readonly RawStatement forgetIdentifier = connection.Prepare("DELETE FROM inbound_identifiers WHERE session_key = ?1 AND packet_identifier = ?2");

    private readonly RawStatement storeWill = connection.Prepare("""
        INSERT OR REPLACE INTO wills (session_key, delay_interval, expiry_interval, qos, retain, publisher, topic, properties, payload)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        """);

    private readonly RawStatement removeWill = connection.Prepare("DELETE FROM wills WHERE session_key = ?1");

    private readonly RawStatement storeRetained = connection.Prepare("""
        INSERT OR REPLACE INTO retained_messages (number, stored_at, payload_length, qos, expires_at, publisher_user, publisher, topic, properties, payload)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """);

    private readonly RawStatement clearRetained = connection.Prepare("DELETE FROM retained_messages WHERE number = ?1");

    private readonly EntryDeletion settle = new(connection);

    private readonly RawStatement release = connection.Prepare("UPDATE queue_entries SET released = 1 WHERE session_key = ?1 AND sequence = ?2");

    private readonly RawStatement storeMessage = connection.Prepare("""
        INSERT INTO messages (id, retain, qos, expires_at, publisher, topic, properties, payload)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        """);

    private readonly RawStatement deleteMessages = connection.Prepare("DELETE FROM messages WHERE id BETWEEN ?1 AND ?2");

    private readonly RawStatement queueShared = connection.Prepare("""
        INSERT INTO queue_entries (session_key, sequence, run_length, qos, retain, released, subscription_identifiers, share_filter, message_id, size)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)
        """);

    private readonly RawStatement queueWhole = connection.Prepare("""
        INSERT INTO queue_entries (session_key, sequence, size, qos, retain, released, subscription_identifiers, share_filter,
            message_retain, message_qos, expires_at, publisher, topic, properties, payload)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
        """);

    private readonly RawStatement record = connection.Prepare("INSERT INTO audit (at, actor, address, action, target, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");

    private readonly RawStatement answer = connection.Prepare("INSERT INTO answered_requests (at, key, request, matched, persisted) VALUES (?1, ?2, ?3, ?4, ?5)" + AnsweredRequestRow.Renewed);

    /// <summary>Writes the plan; what it does to the references is noted in <paramref name="references"/>.</summary>
    public void Write(BatchPlan plan, ReferenceChanges references)
    {
        foreach (var session in plan.Sessions) Write(session);
        foreach (var (session, number) in plan.SubscriptionsRemoved) Run(removeSubscription, session, number);
        foreach (var subscription in plan.SubscriptionsStored) Write(subscription);
        foreach (var (session, identifier) in plan.IdentifiersForgotten) Run(forgetIdentifier, session, identifier);
        foreach (var (session, identifier) in plan.IdentifiersSeen) Run(seeIdentifier, session, identifier);
        foreach (long session in plan.WillsRemoved) Run(removeWill, session);
        foreach (var will in plan.WillsStored) Write(will);
        foreach (long number in plan.RetainedCleared) Run(clearRetained, number);
        foreach (var retained in plan.RetainedStored) Write(retained);
        foreach (var range in plan.EntriesSettled) settle.Delete(range, references.Counted.Messages > 0 ? references : null);
        foreach (var (id, message) in plan.Messages) Write(id, message);
        foreach (var run in plan.EntriesQueued) Write(run, references);
        foreach (var (session, sequence) in plan.EntriesReleased) Run(release, session, sequence);
        foreach (var recorded in plan.Audit) Write(recorded);
        foreach (var request in plan.Requests) Write(request);
        DeleteUnreferenced(references);
    }

    /// <summary>Deletes the messages that nothing refers to any more.</summary>
    public void DeleteUnreferenced(ReferenceChanges references)
    {
        var ids = references.Unreferenced();
        for (int start = 0, end; start < ids.Count; start = end)
        {
            for (end = start + 1; end < ids.Count && ids[end] == ids[end - 1] + 1;) end++;
            Run(deleteMessages, ids[start], ids[end - 1]);
        }
    }

    private void Write(SessionChange change)
    {
        if (change.Stored is { } stored)
        {
            storeSession.Bind(1, change.Key);
            storeSession.Bind(2, stored.ClientIdentifier);
            storeSession.Bind(3, stored.UserName);
            storeSession.Bind(4, change.ExpiryInterval);
            storeSession.Bind(5, stored.ReceiveMaximum);
            storeSession.BindTime(6, change.CreatedAt);
            storeSession.BindTime(7, stored.At);
            storeSession.BindTime(8, change.DetachedAt);
            storeSession.Bind(9, change.HighestSent);
            storeSession.BindTime(10, change.DiscardedAt);
            storeSession.Run();
        }
        else if (change.DetachedAt is { } detachedAt)
        {
            detachSession.Bind(1, change.Key);
            detachSession.Bind(2, change.ExpiryInterval);
            detachSession.BindTime(3, detachedAt);
            detachSession.Bind(4, change.HighestSent);
            detachSession.Run();
        }
        if (change.Owned is { } owned)
        {
            giveSession.Bind(1, change.Key);
            giveSession.Bind(2, owned.UserName);
            giveSession.Bind(3, owned.IsReleased);
            giveSession.Run();
        }
        if (change is { Stored: null, DiscardedAt: { } discardedAt })
        {
            discardSession.Bind(1, change.Key);
            discardSession.BindTime(2, discardedAt);
            discardSession.Run();
        }
    }

    private void Write(SubscriptionStored subscription)
    {
        storeSubscription.Bind(1, subscription.Session);
        storeSubscription.Bind(2, subscription.Number);
        storeSubscription.Bind(3, subscription.Filter);
        storeSubscription.Bind(4, (long)subscription.Options.QoS);
        storeSubscription.Bind(5, subscription.Options.NoLocal);
        storeSubscription.Bind(6, subscription.Options.RetainAsPublished);
        storeSubscription.Bind(7, subscription.Options.RetainHandling);
        storeSubscription.Bind(8, subscription.Identifier);
        storeSubscription.Run();
    }

    private void Write(WillStored will)
    {
        storeWill.Bind(1, will.Session);
        storeWill.Bind(2, will.DelayInterval);
        storeWill.Bind(3, will.ExpiryInterval);
        storeWill.Bind(4, (long)will.Message.QoS);
        storeWill.Bind(5, will.Message.Retain);
        BindContent(storeWill, 6, will.Message);
        storeWill.Run();
    }

    private void Write(RetainedStored retained)
    {
        storeRetained.Bind(1, retained.Topic);
        storeRetained.BindTime(2, retained.At);
        storeRetained.Bind(3, retained.Message.Payload.Length);
        storeRetained.Bind(4, (long)retained.Message.QoS);
        storeRetained.BindTime(5, retained.Message.ExpiresAt);
        storeRetained.Bind(6, retained.Message.PublisherUser);
        BindContent(storeRetained, 7, retained.Message);
        storeRetained.Run();
    }

    private void Write(long id, ApplicationMessage message)
    {
        storeMessage.Bind(1, id);
        storeMessage.Bind(2, message.Retain);
        storeMessage.Bind(3, (long)message.QoS);
        storeMessage.BindTime(4, message.ExpiresAt);
        BindContent(storeMessage, 5, message);
        storeMessage.Run();
    }

    private void Write(EntryRun run, ReferenceChanges references)
    {
        var entry = run.Last;
        var statement = entry.MessageId > 0 ? queueShared : queueWhole;
        statement.Bind(1, entry.Session);
        statement.Bind(2, entry.Sequence);
        statement.Bind(3, entry.MessageId > 0 ? run.Length : entry.Message.Size);
        statement.Bind(4, (long)entry.QoS);
        statement.Bind(5, entry.Retain);
        statement.Bind(6, run.Released);
        statement.Bind(7, Texts.Join(entry.Identifiers));
        statement.Bind(8, entry.ShareFilter);
        if (entry.MessageId > 0)
        {
            statement.Bind(9, entry.MessageId);
            references.AddRun(entry.MessageId, run.Length, 1);
        }
        else
        {
            statement.Bind(9, entry.Message.Retain);
            statement.Bind(10, (long)entry.Message.QoS);
            statement.BindTime(11, entry.Message.ExpiresAt);
            BindContent(statement, 12, entry.Message);
        }
        statement.Run();
    }

    private void Write(AuditRecorded recorded)
    {
        record.BindTime(1, recorded.At);
        record.Bind(2, recorded.Actor);
        record.Bind(3, recorded.Address);
        record.Bind(4, recorded.Action);
        record.Bind(5, recorded.Target);
        record.Bind(6, recorded.Detail);
        record.Run();
    }

    private void Write(RequestAnswered request)
    {
        answer.BindTime(1, request.At);
        answer.Bind(2, request.Key);
        answer.Bind(3, request.Request);
        answer.Bind(4, request.Matched);
        answer.Bind(5, request.IsPersisted ? 1 : 0);
        answer.Run();
    }

    // Publisher, topic, properties and payload: in every table they stand last, and in this order.
    private static void BindContent(RawStatement statement, int first, ApplicationMessage message)
    {
        statement.Bind(first, message.Publisher);
        statement.BindText(first + 1, message.Topic);
        statement.BindBytesOrNull(first + 2, message.Properties);
        statement.BindBytes(first + 3, message.Payload);
    }

    private static void Run(RawStatement statement, long key)
    {
        statement.Bind(1, key);
        statement.Run();
    }

    private static void Run(RawStatement statement, long key, long second)
    {
        statement.Bind(2, second);
        Run(statement, key);
    }
}

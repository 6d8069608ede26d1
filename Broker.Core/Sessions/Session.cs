using System.Diagnostics.CodeAnalysis;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Core.Topics;

namespace Broker.Core.Sessions;

/// <summary>
/// What outlives a connection (MQTT 5, section 4.1): subscriptions, messages on their way to the client, packet identifiers received. It knows no socket:
/// while its client is connected it has an outbox. Everything here happens under its lock; only flushing is outside.
/// </summary>
public sealed partial class Session : ICommitObserver
{
    private readonly SessionServices services;
    private readonly OutboundQueue queue = new();
    private readonly Dictionary<string, Subscription<Session>> subscriptions = new(StringComparer.Ordinal);
    private Queue<RetainedBacklog>? retained;
    private volatile Outbox? owner, outbox;
    private int sendMaximum, inFlight;

    internal Session(long key, string clientIdentifier, SessionServices services)
    {
        Key = key;
        ClientIdentifier = clientIdentifier;
        this.services = services;
    }

    /// <summary>The broker's own name for this session, new at every creation.</summary>
    public long Key { get; }

    /// <summary>The client's name.</summary>
    public string ClientIdentifier { get; }

    /// <summary>Whether the client is connected.</summary>
    public bool IsConnected => owner is not null;

    /// <summary>How long it outlives its connection, in seconds; 0 ends it with the connection, 0xFFFFFFFF never [MQTT-3.1.2-23].</summary>
    public uint ExpiryInterval { get; internal set; }

    /// <summary>QoS 1 and 2 messages that wait or are in flight, and how many of them are in flight.</summary>
    public (int Queued, int InFlight) Messages
    {
        get
        {
            lock (Gate) return (queue.Count, inFlight);
        }
    }

    /// <summary>Under the lock: the highest sequence that was sent on the last connection.</summary>
    internal long HighestSent => queue.First + queue.Next - 1;

    internal Lock Gate { get; } = new();

    /// <summary>The connection that the session belongs to at present.</summary>
    internal Outbox? Owner => owner;

    /// <summary>It has ended: nothing reaches it any more.</summary>
    internal bool IsEnded { get; private set; }

    /// <summary>How many connections it has had.</summary>
    internal int Attachments { get; private set; }

    internal SessionDeadlines Deadlines { get; } = new();

    /// <summary>The will of the present or, while its delay runs, of the last connection.</summary>
    internal PendingWill? Will { get; set; }

    private bool IsPersistent => ExpiryInterval > 0;

    private bool IsJournaled => IsPersistent && services.Journal.IsDurable;

    /// <summary>Under the lock: a connection takes the session. Nothing is sent to it before <see cref="Open"/>.</summary>
    internal void Attach(Outbox to, int receiveMaximum)
    {
        Attachments++;
        sendMaximum = receiveMaximum;
        inFlight = 0;
        received = 0;
        queue.Rewind();
        owner = to;
        to.Drained = Pump;
    }

    /// <summary>The connection is accepted: CONNACK goes out before anything else [MQTT-3.2.0-1], then what waited.</summary>
    internal void Open(Outbox to, ConnAck accepted, Delivery delivery)
    {
        lock (Gate)
        {
            to.Write(accepted, delivery);
            if (owner != to) return;
            outbox = to;
            SendWaiting(delivery);
        }
    }

    /// <summary>Under the lock: the connection has ended.</summary>
    internal void Detach()
    {
        owner = outbox = null;
        if (!IsPersistent) retained = null;
    }

    /// <summary>Under the lock: the session ends, its subscriptions first.</summary>
    internal void End()
    {
        IsEnded = true;
        foreach (var subscription in subscriptions.Values) services.Subscriptions.Remove(subscription);
        subscriptions.Clear();
        services.Journal.Append(new SessionDiscarded(Key));
    }

    /// <summary>Makes or replaces a subscription (MQTT 5, section 3.8.4). What it asks for is granted already.</summary>
    /// <returns>Whether the filter is new to this session; null if there are as many subscriptions as allowed.</returns>
    internal bool? Subscribe(TopicFilter filter, SubscriptionOptions options, uint identifier, Delivery delivery)
    {
        var subscription = new Subscription<Session>(this, filter, options, identifier);
        lock (Gate)
        {
            if (IsEnded) return false;
            bool exists = subscriptions.TryGetValue(filter.Text, out var old);
            if (!exists && subscriptions.Count >= services.Limits.Subscriptions) return null;
            if (exists) services.Subscriptions.Replace(old!, subscription);
            else services.Subscriptions.Add(subscription);
            subscriptions[filter.Text] = subscription;
            if (IsJournaled) delivery.Unit.Changes.Add(new SubscriptionStored(Key, filter.Text, options, identifier));
            return !exists;
        }
    }

    /// <summary>Takes a subscription back; what is on its way already is still delivered [MQTT-3.10.4-3].</summary>
    /// <returns>Whether it existed.</returns>
    internal bool Unsubscribe(string filter, Delivery delivery)
    {
        lock (Gate)
        {
            if (!subscriptions.Remove(filter, out var subscription)) return false;
            services.Subscriptions.Remove(subscription);
            if (IsJournaled) delivery.Unit.Changes.Add(new SubscriptionRemoved(Key, filter));
            return true;
        }
    }

    /// <summary>The session's subscriptions at this moment.</summary>
    public IReadOnlyList<Subscription<Session>> Subscriptions
    {
        get
        {
            lock (Gate) return [.. subscriptions.Values];
        }
    }

    /// <summary>Delivers a live message to this session.</summary>
    /// <returns>Whether it was sent or queued.</returns>
    internal bool Deliver(in Publication message, Match<Session> match, Delivery delivery)
    {
        if (match.NoLocal || match.Local is not null)
        {
            if (message.Publisher == ClientIdentifier) // [MQTT-3.8.3-3]
            {
                if (match.Local is null) return false;
                match = match.Local;
            }
        }
        var qos = match.QoS < message.QoS ? match.QoS : message.QoS; // [MQTT-3.8.4-8]
        bool retain = message.Retain && match.RetainAsPublished; // [MQTT-3.3.1-12] [MQTT-3.3.1-13]
        if (qos == QualityOfService.AtMostOnce) return SendOnce(message, new PublishCopy(qos, retain, false, 0, match.Identifiers), delivery);
        lock (Gate) return Enqueue(message, qos, retain, match.Identifiers, null, delivery);
    }

    /// <summary>Offers a message of a share group to this member.</summary>
    /// <param name="message">The message.</param>
    /// <param name="member">The membership.</param>
    /// <param name="group">The group.</param>
    /// <param name="mayKeep">Whether it may be kept for later; else the member must be able to take it now.</param>
    /// <param name="delivery">The delivery at hand.</param>
    /// <returns>Whether the member took it.</returns>
    internal bool DeliverShared(in Publication message, Subscription<Session> member, ShareGroup<Session> group, bool mayKeep, Delivery delivery)
    {
        var qos = member.Options.QoS < message.QoS ? member.Options.QoS : message.QoS; // [MQTT-4.8.2-3]
        bool retain = message.Retain && member.Options.RetainAsPublished;
        uint[] identifiers = member.Identifier == 0 ? [] : [member.Identifier];
        if (qos == QualityOfService.AtMostOnce)
            return (mayKeep || outbox is { IsFull: false }) && SendOnce(message, new PublishCopy(qos, retain, false, 0, identifiers), delivery);
        lock (Gate)
        {
            if (!mayKeep && (outbox is null || !CanSendNext)) return false;
            return Enqueue(message, qos, retain, identifiers, group, delivery);
        }
    }

    /// <summary>Under no lock: sends what waits, as far as there is room.</summary>
    internal void Pump(Delivery delivery)
    {
        lock (Gate) SendWaiting(delivery);
    }

    /// <summary>Retained messages are due for a subscription (MQTT 5, section 3.3.1.3).</summary>
    internal void DeliverRetained(List<(RetainedTopic Topic, ApplicationMessage Message)> messages, SubscriptionOptions options, uint identifier, Delivery delivery)
    {
        if (messages.Count == 0) return;
        lock (Gate)
        {
            (retained ??= new()).Enqueue(new RetainedBacklog(messages, options, identifier == 0 ? [] : [identifier]));
            SendWaiting(delivery);
        }
    }

    /// <inheritdoc/>
    void ICommitObserver.Committed(long ticket)
    {
        lock (Gate)
        {
            long index = ticket - queue.First;
            if (index >= 0 && index < queue.Count && queue[(int)index] is { State: EntryState.Committing }) queue[(int)index].State = EntryState.Waiting;
        }
    }

    /// <inheritdoc/>
    void ICommitObserver.BatchCommitted()
    {
        var delivery = Delivery.Rent(services.Time);
        Pump(delivery);
        delivery.Return();
    }

    // QoS 0 needs no session state: it takes only the outbox's lock.
    private bool SendOnce(in Publication message, in PublishCopy copy, Delivery delivery)
    {
        if (outbox is not { } to) return false;
        switch (to.Publish(message, copy, delivery))
        {
            case Sent.Yes: return true;
            case Sent.SlowReader: services.Counters.Drop(DropReason.SlowReader); return false;
            case Sent.TooLarge: services.Counters.Drop(DropReason.PacketTooLarge); return false;
            default: return false;
        }
    }

    [MemberNotNullWhen(true, nameof(outbox))]
    private bool CanSend => outbox is { IsFull: false } && inFlight < sendMaximum && !queue.IdentifiersExhausted;

    private bool CanSendNext => CanSend && queue.Waiting == 0;

    private bool IsQueueFull => IsPersistent
        ? queue.Waiting >= services.Limits.QueueMessages || queue.WaitingBytes >= services.Limits.QueueBytes
        : queue.Waiting >= services.Limits.TransientQueueMessages || queue.WaitingBytes >= services.Limits.TransientQueueBytes;

    // Sequence, window and outbox are taken in one step, so that messages leave in the order in which they came [MQTT-4.6.0-5].
    private bool Enqueue(in Publication message, QualityOfService qos, bool retain, uint[] identifiers, ShareGroup<Session>? group, Delivery delivery)
    {
        if (IsEnded || (outbox is null && !IsPersistent)) return false;
        bool now = CanSendNext;
        if (!now && IsQueueFull)
        {
            services.Counters.Drop(DropReason.QueueFull);
            return false;
        }
        bool mustKeep = IsPersistent || group is not null || !now;
        long sequence = queue.NextSequence;
        if (group is not null) shared++;
        ref var entry = ref queue.Append(new Entry
        {
            Message = mustKeep ? delivery.Keep(message) : null,
            Group = group,
            Identifiers = identifiers,
            QoS = qos,
            State = EntryState.Waiting,
            Retain = retain,
        });
        if (IsJournaled)
        {
            entry.Stored = new EntryQueued(Key, sequence, entry.Message!, qos, retain, identifiers);
            delivery.Unit.Changes.Add(entry.Stored);
            if (qos == QualityOfService.ExactlyOnce)
            {
                // Before the commit a crash could give its identifier to another message.
                entry.State = EntryState.Committing;
                delivery.Unit.Observers.Add((this, sequence));
                return true;
            }
        }
        if (now) SendNext(message, delivery);
        return true;
    }

    private void SendWaiting(Delivery delivery)
    {
        while (outbox is { } to)
        {
            if (!SendEntries(delivery)) return;
            if (!to.IsFull)
            {
                if (retained is not null && queue.Waiting == 0) SendRetained(delivery);
                if (!to.IsFull) return;
            }
            to.WantsMore();
            if (to.IsFull) return;
        }
    }

    // Returns false where something else than the outbox holds it up: an acknowledgement or a commit, which pumps when it comes.
    private bool SendEntries(Delivery delivery)
    {
        while (queue.Waiting > 0 && outbox is { IsFull: false } to)
        {
            ref var entry = ref queue[queue.Next];
            switch (entry.State)
            {
                case EntryState.Committing or EntryState.Moving:
                    return false;
                case EntryState.Done:
                    queue.Advance();
                    break;
                case EntryState.Released:
                    to.Write(new PubRel(OutboundQueue.IdentifierOf(queue.First + queue.Next)), delivery);
                    queue.Advance();
                    break;
                default:
                    if (!CanSend) return false;
                    var message = entry.Message!;
                    if (!entry.WasSent && message.ExpiresAt <= delivery.Now)
                    {
                        services.Counters.Drop(DropReason.Expired);
                        Settle(queue.Next);
                        break;
                    }
                    delivery.Encoder.Reset();
                    SendNext(message.AsPublication(), delivery);
                    delivery.Encoder.Reset();
                    break;
            }
        }
        return true;
    }

    private void SendNext(in Publication message, Delivery delivery)
    {
        ref var entry = ref queue[queue.Next];
        ushort identifier = OutboundQueue.IdentifierOf(queue.First + queue.Next);
        var sent = outbox!.Publish(message, new PublishCopy(entry.QoS, entry.Retain, entry.WasSent, identifier, entry.Identifiers), delivery);
        if (sent == Sent.TooLarge)
        {
            services.Counters.Drop(DropReason.PacketTooLarge);
            Settle(queue.Next); // as if its delivery were complete [MQTT-3.1.2-25]
            return;
        }
        entry.State = EntryState.Sent;
        entry.WasSent = entry.Counted = true;
        inFlight++;
        queue.Advance();
        // A session that ends with its connection never sends twice, so its messages need not be kept; those of a group may move to another member.
        if (!IsPersistent && entry.Group is null) entry.Message = null;
    }

    private void Settle(int index)
    {
        ref var entry = ref queue[index];
        if (entry.Counted) inFlight--;
        if (entry.Group is not null) shared--;
        if (IsJournaled)
        {
            entry.Stored?.Elide();
            services.Journal.Append(new EntrySettled(Key, queue.First + index));
        }
        queue.Settle(index);
    }

    private void SendRetained(Delivery delivery)
    {
        SendBacklogs(delivery);
        delivery.Begin();
        if (delivery.TakeUnit() is { } unit) services.Journal.Append(unit);
    }

    private void SendBacklogs(Delivery delivery)
    {
        while (retained is not null && retained.TryPeek(out var backlog))
        {
            while (backlog.TryNext(delivery.Now, out var message))
            {
                if (outbox is not { IsFull: false } || queue.Waiting > 0)
                {
                    backlog.PutBack();
                    return;
                }
                delivery.Begin(message);
                var qos = backlog.Options.QoS < message.QoS ? backlog.Options.QoS : message.QoS;
                var publication = message.AsPublication();
                if (qos == QualityOfService.AtMostOnce) SendOnce(publication, new PublishCopy(qos, true, false, 0, backlog.Identifiers), delivery);
                else Enqueue(publication, qos, true, backlog.Identifiers, null, delivery);
            }
            retained.Dequeue();
        }
        retained = null;
    }
}

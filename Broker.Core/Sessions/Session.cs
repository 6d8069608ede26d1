using Broker.Core.Access;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Core.Topics;

namespace Broker.Core.Sessions;

/// <summary>
/// What outlives a connection (MQTT 5, section 4.1): subscriptions, messages on their way to the client, packet identifiers received. It knows no socket:
/// while its client is connected it has an outbox. Everything here happens under its lock; only flushing is outside.
/// </summary>
public sealed partial class Session : ICommitObserver, IOutboxSource
{
    private readonly SessionServices services;
    private readonly OutboundQueue queue = new();
    private SubscriptionSet subscriptions;
    private Queue<RetainedBacklog>? retained;
    private volatile Outbox? owner, outbox;
    private int sendMaximum, inFlight, lastSubscription;
    private long lowestBeside;
    private volatile bool isJournaled;
    private bool wasTold;
    private AnswerTime? answers;
    private DropTally? drops;

    internal Session(long key, string clientIdentifier, SessionServices services)
    {
        Key = key;
        ClientIdentifier = clientIdentifier;
        this.services = services;
        standing = StandingOf(ClientIdentity.Stored(clientIdentifier, null));
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
            lock (Gate) return ((int)Math.Min(int.MaxValue, queue.Count + queue.Rest.Count), inFlight);
        }
    }

    /// <summary>The bytes of the messages that it holds in memory, perhaps a moment late.</summary>
    internal long MemoryBytes => queue.MemoryBytes;

    /// <summary>Under the lock: the highest sequence that was ever sent.</summary>
    internal long HighestSent { get; private set; }

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

    /// <summary>Whether it is in the store.</summary>
    internal bool IsStored { get; set; }

    /// <summary>
    /// Whether its queue is in the store: it is, or once was, persistent. A client that comes back for a persistent session and wants it to end this time
    /// still finds its messages in one queue.
    /// </summary>
    internal bool IsJournaled => isJournaled;

    /// <summary>Under the lock: a connection takes the session. Nothing is sent to it before <see cref="Open"/>.</summary>
    internal void Attach(Outbox to, int receiveMaximum)
    {
        Attachments++;
        sendMaximum = receiveMaximum;
        inFlight = 0;
        received = 0;
        reading = false;
        answers = null;
        isJournaled |= IsPersistent && services.Journal.IsDurable;
        queue.Rewind();
        owner = to;
        to.Source = this;
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
        if (IsJournaled) Unload();
    }

    /// <summary>Under the lock: the session ends, its subscriptions first.</summary>
    internal void End()
    {
        IsEnded = true;
        foreach (var subscription in subscriptions.ToArray()) services.Subscriptions.Remove(subscription);
        subscriptions.Clear();
    }

    /// <summary>What was stored of it before this process began. Nobody else knows it yet.</summary>
    internal void Restore(StoredSession stored)
    {
        Attachments = 1;
        IsStored = true;
        RestoreOwner(stored);
        isJournaled = stored.ExpiryInterval > 0;
        ExpiryInterval = stored.ExpiryInterval;
        HighestSent = stored.HighestSent;
        lowestBeside = stored.LowestBeside;
        shared = (int)stored.SharedEntries;
        queue.Restore(stored.FirstSequence, Math.Max(stored.LastSequence, stored.HighestSent) + 1, stored.Entries, stored.EntryBytes);
        foreach (ushort identifier in stored.Identifiers) (inbound ??= [])[identifier] = 0;
        if (stored.Will is { } will) Will = new PendingWill(will.Message, will.DelayInterval, will.ExpiryInterval);
        foreach (var (number, text, options, identifier) in stored.Subscriptions)
        {
            if (!TopicFilter.TryParse(text, out var filter, out _)) continue;
            var subscription = new Subscription<Session>(this, filter, options, identifier) { Number = number };
            services.Subscriptions.Add(subscription);
            subscriptions.Put(subscription);
            lastSubscription = Math.Max(lastSubscription, number);
        }
    }

    /// <summary>Makes or replaces a subscription (MQTT 5, section 3.8.4). What it asks for is granted already.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="identifier">Subscription Identifier, or 0.</param>
    /// <param name="delivery">The delivery at hand.</param>
    /// <param name="decision">What the rules say.</param>
    /// <returns>The QoS that is granted and whether the filter is new to this session; or why it is refused.</returns>
    internal SubscribeOutcome Subscribe(TopicFilter filter, SubscriptionOptions options, uint identifier, Delivery delivery, out AccessDecision decision)
    {
        lock (Gate)
        {
            decision = Rights.Subscribe(filter); // under the lock: a change of the rules comes before or after
            if (!decision.Allows) return new(ReasonCode.NotAuthorized, false);
            if (options.QoS > decision.Rule.MaximumQoS) options = options with { QoS = decision.Rule.MaximumQoS };
            if (IsEnded) return new((ReasonCode)options.QoS, false);
            checksDeliveries |= decision.IsCut;
            var subscription = new Subscription<Session>(this, filter, options, identifier);
            bool exists = subscriptions.TryGet(filter.Text, out var old);
            subscription.Number = old?.Number ?? ++lastSubscription;
            if (!exists && subscriptions.Count >= services.Limits.Subscriptions) return new(ReasonCode.QuotaExceeded, false);
            Keep(subscription, old, delivery);
            return new((ReasonCode)options.QoS, !exists);
        }
    }

    private void Keep(Subscription<Session> subscription, Subscription<Session>? old, Delivery delivery)
    {
        if (old is null) services.Subscriptions.Add(subscription);
        else services.Subscriptions.Replace(old, subscription);
        subscriptions.Put(subscription);
        if (IsJournaled) delivery.Unit.Changes.Add(new SubscriptionStored(Key, subscription.Number, subscription.Filter.Text, subscription.Options, subscription.Identifier));
    }

    /// <summary>Takes a subscription back; what is on its way already is still delivered [MQTT-3.10.4-3].</summary>
    /// <returns>Whether it existed.</returns>
    internal bool Unsubscribe(string filter, Delivery delivery)
    {
        lock (Gate) return RemoveSubscription(filter, delivery);
    }

    private bool RemoveSubscription(string filter, Delivery delivery)
    {
        if (!subscriptions.Remove(filter, out var subscription)) return false;
        services.Subscriptions.Remove(subscription);
        if (IsJournaled) delivery.Unit.Changes.Add(new SubscriptionRemoved(Key, subscription.Number));
        return true;
    }

    /// <summary>The session's subscriptions at this moment.</summary>
    public IReadOnlyList<Subscription<Session>> Subscriptions
    {
        get
        {
            lock (Gate) return subscriptions.ToArray();
        }
    }

    /// <summary>Counts a message of this client's that is dropped, for the broker and for the client's own timeline.</summary>
    internal void Drop(DropReason reason)
    {
        services.Counters.Drop(reason);
        (drops ?? Interlocked.CompareExchange(ref drops, new DropTally(ClientIdentifier), null) ?? drops).Add(reason, services.Events);
    }
}

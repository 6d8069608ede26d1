using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Core.Storage;
using Broker.Core.Topics;

namespace Broker.Core.Routing;

/// <summary>Brings messages to the sessions that subscribed to them.</summary>
public sealed partial class MessageRouter(
    TopicTree<Session> tree, RetainedMessages retained, Journal journal, BrokerCounters counters, Limits limits, TimeProvider time)
{
    private const int Orders = 64;

    private readonly KnownMatches known = new(tree);
    private readonly Lock[] orders = [.. Enumerable.Range(0, Orders).Select(_ => new Lock())];

    /// <summary>Lets onlookers see what is routed.</summary>
    public MessageTail Tail { get; } = new();

    /// <summary>A cache for a publisher of its own.</summary>
    public MatchCache CreateCache() => new(tree, known);

    /// <summary>
    /// Delivers a message to every session that matches. It is retained first and matched second: who subscribes meanwhile finds it in one way or the other.
    /// </summary>
    /// <returns>0x00, or 0x10 if nobody subscribed, or 0x97 if it cannot be retained; then nobody gets it.</returns>
    public ReasonCode Route(in Publication message, MatchCache cache, Delivery delivery)
    {
        delivery.Begin();
        if (limits.QueueFull == QueueFull.Reject && message.QoS > QualityOfService.AtMostOnce && !HasRoom(cache.Find(message.Topic)))
        {
            counters.Drop(DropReason.QueueFull);
            return ReasonCode.QuotaExceeded;
        }
        if (message.Retain && !Retain(message, delivery)) return ReasonCode.QuotaExceeded;
        if (Tail.IsWatched) Tail.Offer(message, delivery.Now);
        var matches = cache.Find(message.Topic);
        foreach (ref readonly var match in matches.Subscribers.AsSpan()) match.Subscriber.Deliver(message, match, delivery);
        foreach (var group in matches.Groups) Offer(message, group, delivery);
        return matches.Count == 0 ? ReasonCode.NoMatchingSubscribers : ReasonCode.Success;
    }

    /// <summary>
    /// Held from before a retained message is routed until it has been given to the journal, so that the journal has the retained messages of a topic in the
    /// order in which memory has them. Nothing but what a publish does itself happens under it; no flush.
    /// </summary>
    /// <returns>The lock; null where there is no journal that needs the order.</returns>
    public Lock? OrderOf(ReadOnlySpan<byte> topic, bool retain) => retain && journal.IsDurable ? orders[(uint)Utf8Comparer.Hash(topic) % Orders] : null;

    /// <summary>Whether a message needs the store before it can be acknowledged.</summary>
    public bool NeedsStore(ReadOnlySpan<byte> topic, QualityOfService qos, bool retain, MatchCache cache)
    {
        if (retain) return true;
        if (qos == QualityOfService.AtMostOnce) return false;
        var matches = cache.Find(topic);
        foreach (var match in matches.Subscribers)
            if (match.Subscriber.IsJournaled && match.QoS > QualityOfService.AtMostOnce) return true;
        foreach (var group in matches.Groups)
            if (group.Find(static session => session.IsJournaled, tree.Version) is not null) return true;
        return false;
    }

    /// <summary>Publishes a will now (MQTT 5, section 3.1.2.5).</summary>
    /// <param name="will">The will.</param>
    /// <param name="session">The key of the stored session that it is taken from in the same transaction, or 0.</param>
    public void PublishWill(PendingWill will, long session)
    {
        Failpoints.Reached(Failpoint.WillPublication);
        var delivery = Delivery.Rent(time);
        var order = OrderOf(will.Message.Topic, will.Message.Retain);
        order?.Enter();
        try
        {
            RouteWill(will, session, delivery);
        }
        finally
        {
            order?.Exit();
        }
        delivery.Return();
    }

    private void RouteWill(PendingWill will, long session, Delivery delivery)
    {
        var message = will.Message;
        Route(
            new Publication
            {
                Topic = message.Topic,
                Properties = message.Properties,
                Payload = message.Payload,
                QoS = message.QoS,
                Retain = message.Retain,
                Publisher = message.Publisher,
                PublisherUser = message.PublisherUser,
                ExpiresAt = will.ExpiryInterval is { } seconds ? delivery.Now + seconds * 1000L : ApplicationMessage.Never,
            },
            CreateCache(),
            delivery);
        if (session != 0) delivery.Unit.Changes.Add(new WillRemoved(session));
        if (delivery.TakeUnit() is { } unit) journal.Append(unit);
    }

    // An empty payload clears the retained message and is itself never kept [MQTT-3.3.1-6] [MQTT-3.3.1-7].
    private bool Retain(in Publication message, Delivery delivery)
    {
        if (message.Payload.IsEmpty)
        {
            if (retained.Clear(message.Topic, out long cleared) && journal.IsDurable) delivery.Unit.Changes.Add(new RetainedCleared(cleared));
            return true;
        }
        var kept = delivery.Keep(message);
        if (!retained.Set(kept, out long number))
        {
            counters.Drop(DropReason.RetainedLimit);
            return false;
        }
        if (journal.IsDurable) delivery.Unit.Changes.Add(new RetainedStored(number, kept, delivery.Now));
        Failpoints.Reached(Failpoint.RetainedChange);
        return true;
    }

    private static bool HasRoom(Matches<Session> matches)
    {
        foreach (var match in matches.Subscribers)
            if (match.QoS > QualityOfService.AtMostOnce && !match.Subscriber.HasRoom) return false;
        return true;
    }

    private static void Offer(in Publication message, ShareGroup<Session> group, Delivery delivery)
    {
        var offer = new SharedOffer { Message = message, Group = group, Delivery = delivery };
        group.Offer(ref offer, static (ref SharedOffer offer, Subscription<Session> member, bool mayKeep) =>
            member.Subscriber.DeliverShared(offer.Message, member, offer.Group, mayKeep, offer.Delivery));
    }

    private ref struct SharedOffer
    {
        public Publication Message;
        public ShareGroup<Session> Group;
        public Delivery Delivery;
    }
}

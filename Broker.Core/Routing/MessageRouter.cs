using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Core.Storage;
using Broker.Core.Topics;

namespace Broker.Core.Routing;

/// <summary>Brings messages to the sessions that subscribed to them.</summary>
public sealed class MessageRouter(TopicTree<Session> tree, RetainedMessages retained, Journal journal, BrokerCounters counters, TimeProvider time)
{
    /// <summary>A cache for a publisher of its own.</summary>
    public MatchCache CreateCache() => new(tree);

    /// <summary>
    /// Delivers a message to every session that matches. It is retained first and matched second: who subscribes meanwhile finds it in one way or the other.
    /// </summary>
    /// <returns>0x00, or 0x10 if nobody subscribed, or 0x97 if it cannot be retained; then nobody gets it.</returns>
    public ReasonCode Route(in Publication message, MatchCache cache, Delivery delivery)
    {
        delivery.Begin();
        if (message.Retain && !Retain(message, delivery)) return ReasonCode.QuotaExceeded;
        var matches = cache.Find(message.Topic);
        foreach (var match in matches.Subscribers) match.Subscriber.Deliver(message, match, delivery);
        foreach (var group in matches.Groups) Offer(message, group, delivery);
        return matches.Count == 0 ? ReasonCode.NoMatchingSubscribers : ReasonCode.Success;
    }

    /// <summary>Publishes a will now (MQTT 5, section 3.1.2.5).</summary>
    public void PublishWill(PendingWill will)
    {
        var delivery = Delivery.Rent(time);
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
                ExpiresAt = will.ExpiryInterval is { } seconds ? delivery.Now + seconds * 1000L : ApplicationMessage.Never,
            },
            CreateCache(),
            delivery);
        if (delivery.TakeUnit() is { } unit) journal.Append(unit);
        delivery.Return();
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

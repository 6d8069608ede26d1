using System.Diagnostics.CodeAnalysis;
using Broker.Core.Protocol;
using Broker.Core.Topics;

namespace Broker.Core.Sessions;

/// <content>What becomes of a share group's messages when the member that got them has gone (MQTT 5, section 4.8.2).</content>
public sealed partial class Session
{
    private int shared;

    /// <summary>
    /// Under no lock, while the client is away: offers what this member did not acknowledge to the other members of its groups. A QoS 2 message that was
    /// sent stays with its client [MQTT-4.8.2-4] [MQTT-4.8.2-5]. What nobody takes stays here for the first to return; when the session has ended, offline
    /// members may keep it.
    /// </summary>
    internal void HandOver(Delivery delivery)
    {
        for (long from = 0; TryTakeMovable(ref from, out var message, out var group);)
        {
            delivery.Begin(message);
            var offer = new Handover { Message = message.AsPublication(), From = this, Group = group, Delivery = delivery };
            bool taken = group.Offer(ref offer, static (ref Handover offer, Subscription<Session> member, bool mayKeep) =>
                member.Subscriber != offer.From && (!mayKeep || offer.From.IsEnded)
                && member.Subscriber.DeliverShared(offer.Message, member, offer.Group, mayKeep, offer.Delivery));
            lock (Gate)
            {
                int index = (int)(from - 1 - queue.First);
                if (taken) Settle(index, movedBy: delivery);
                else queue[index].State = EntryState.Waiting;
            }
            if (delivery.TakeUnit() is { } unit) services.Journal.Append(unit);
        }
        if (IsConnected) Pump(delivery);
    }

    /// <summary>Under no lock: what other members of this session's share groups keep while they are away can come here now.</summary>
    internal void TakeOverShared(Delivery delivery)
    {
        foreach (var subscription in Subscriptions)
        {
            if (subscription.Filter.ShareName is null) continue;
            foreach (var member in services.Subscriptions.Members(subscription.Filter))
                if (member.Subscriber is { IsConnected: false, shared: > 0 } away && away != this) away.HandOver(delivery);
        }
    }

    private bool TryTakeMovable(ref long from, [NotNullWhen(true)] out ApplicationMessage? message,
        [NotNullWhen(true)] out ShareGroup<Session>? group)
    {
        lock (Gate)
        {
            (message, group) = (null, null);
            if (shared == 0 || IsConnected) return false;
            for (from = Math.Max(from, queue.First); from < queue.NextSequence;)
            {
                ref var entry = ref queue[(int)(from++ - queue.First)];
                if (entry.Group is null || entry.Message is null || entry.State is not (EntryState.Waiting or EntryState.Sent)) continue;
                if (entry.QoS == QualityOfService.ExactlyOnce && entry.WasSent) continue;
                entry.State = EntryState.Moving;
                (message, group) = (entry.Message, entry.Group);
                return true;
            }
            return false;
        }
    }

    private ref struct Handover
    {
        public Publication Message;
        public Session From;
        public ShareGroup<Session> Group;
        public Delivery Delivery;
    }
}

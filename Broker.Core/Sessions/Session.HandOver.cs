using System.Diagnostics.CodeAnalysis;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Core.Topics;

namespace Broker.Core.Sessions;

/// <content>What becomes of a share group's messages when the member that got them has gone (MQTT 5, section 4.8.2).</content>
public sealed partial class Session
{
    private int shared;

    // What is moving out of the rest, or has moved and may still be read back.
    private HashSet<long>? moved;
    private bool handingOver;

    /// <summary>
    /// Under no lock, while the client is away: offers what this member did not acknowledge to the other members of its groups. A QoS 2 message that was
    /// sent stays with its client [MQTT-4.8.2-4] [MQTT-4.8.2-5]. What nobody takes stays here for the first to return; when the session has ended, offline
    /// members may keep it.
    /// </summary>
    /// <returns>Ends when everything was offered: at once, unless it has to be read from the store.</returns>
    internal Task HandOver(Delivery delivery)
    {
        if (IsJournaled) return HandOverStoredAsync();
        for (long from = 0; TryTakeMovable(ref from, out var message, out var group);)
        {
            bool taken = Offer(message, group, delivery);
            lock (Gate)
            {
                int index = (int)(from - 1 - queue.First);
                if (taken) Settle(index, movedBy: delivery);
                else queue[index].State = EntryState.Waiting;
            }
            if (delivery.TakeUnit() is { } unit) services.Journal.Append(unit);
        }
        if (IsConnected) Pump(delivery);
        return Task.CompletedTask;
    }

    /// <summary>Under no lock: what other members of this session's share groups keep while they are away can come here now.</summary>
    internal void TakeOverShared(Delivery delivery)
    {
        foreach (var subscription in Subscriptions)
        {
            if (subscription.Filter.ShareName is null) continue;
            foreach (var member in services.Subscriptions.Members(subscription.Filter))
                if (member.Subscriber is { IsConnected: false, shared: > 0 } away && away != this) _ = away.HandOver(delivery);
        }
    }

    /// <summary>Under no lock, when a session that is not stored has ended: what it kept beside other queues and nobody took is nobody's any more.</summary>
    internal void AbandonBeside()
    {
        lock (Gate)
        {
            for (int i = 0; i < queue.Count; i++)
                if (queue[i].Stored is { } beside && !beside.TryElide()) services.Journal.Append(new EntrySettled(beside.Session, beside.Sequence));
        }
    }

    /// <summary>Under no lock: what a member without a stored session had when the process ended joins this session's queue.</summary>
    internal async Task RestoreBesideAsync()
    {
        var all = new List<StoredEntry>();
        for (long from = lowestBeside; from < 0;)
        {
            var read = await services.Reader.ReadEntriesAsync(Key, from, -1, Page, () => true).ConfigureAwait(false);
            if (read is not var (entries, isWhole)) return;
            all.AddRange(entries);
            from = isWhole ? 0 : entries[^1].Sequence + 1;
        }
        var delivery = Delivery.Rent(services.Time);
        foreach (var beside in Enumerable.Reverse(all)) // the first has the highest sequence
        {
            delivery.Begin(beside.Message);
            delivery.Unit.Changes.Add(new EntrySettled(Key, beside.Sequence));
            var group = services.Subscriptions.Group(beside.ShareFilter!);
            lock (Gate) Enqueue(beside.Message.AsPublication(), beside.QoS, beside.Retain, beside.Identifiers, group, delivery);
            if (delivery.TakeUnit() is { } unit) services.Journal.Append(unit);
        }
        delivery.Return();
    }

    // A message of a share group is durable if one of the members is, whoever gets it: what a member without a stored session gets is kept beside the queue
    // of one that has one, until it is acknowledged.
    private EntryQueued? KeepBeside(in Publication message, QualityOfService qos, bool retain, ShareGroup<Session> group, Delivery delivery)
    {
        if (!services.Journal.IsDurable || group.Find(static session => session.IsJournaled, services.Subscriptions.Version) is not { } keeper) return null;
        uint[] identifiers = keeper.Identifier == 0 ? [] : [keeper.Identifier];
        long place = Interlocked.Decrement(ref keeper.Subscriber.lowestBeside);
        return new EntryQueued(keeper.Subscriber.Key, place, delivery.Keep(message), qos, retain, identifiers, group.Filter);
    }

    private static void SettleBeside(ref EntryQueued? kept, EntryQueued beside, Delivery delivery)
    {
        kept = null;
        if (!beside.TryElide()) delivery.Unit.Changes.Add(new EntrySettled(beside.Session, beside.Sequence));
    }

    private bool Offer(ApplicationMessage message, ShareGroup<Session> group, Delivery delivery)
    {
        Failpoints.Reached(Failpoint.HandOver);
        delivery.Begin(message);
        var offer = new Handover { Message = message.AsPublication(), From = this, Group = group, Delivery = delivery };
        return group.Offer(ref offer, static (ref Handover offer, Subscription<Session> member, bool mayKeep) =>
            member.Subscriber != offer.From && (!mayKeep || offer.From.IsEnded || member.Subscriber is { IsConnected: true, IsJournaled: true })
            && member.Subscriber.DeliverShared(offer.Message, member, offer.Group, mayKeep, offer.Delivery));
    }

    private bool TryTakeMovable(ref long from, [NotNullWhen(true)] out ApplicationMessage? message,
        [NotNullWhen(true)] out ShareGroup<Session>? group)
    {
        lock (Gate)
        {
            (message, group) = (null, null);
            if (shared == 0 || IsConnected) return false;
            for (from = Math.Max(from, queue.First); from < queue.End;)
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

    private async Task HandOverStoredAsync()
    {
        lock (Gate)
        {
            if (handingOver || shared == 0 || IsConnected) return;
            handingOver = true;
        }
        for (long from = 0; ;)
        {
            long upTo;
            lock (Gate)
            {
                from = Math.Max(from, queue.End);
                upTo = Readable();
                if (IsConnected || from >= queue.NextSequence || shared == 0) break;
            }
            if (upTo >= from)
            {
                var read = await services.Reader.ReadEntriesAsync(Key, from, upTo, Page, () => !IsConnected).ConfigureAwait(false);
                if (read is not var (entries, isWhole)) break;
                MovePage(entries);
                from = isWhole ? upTo + 1 : entries[^1].Sequence + 1;
            }
            await services.Journal.FlushAsync().ConfigureAwait(false); // what moved is not there any more, and what was not committed is
            lock (Gate) moved = null;
        }
        lock (Gate) (handingOver, moved) = (false, null);
    }

    private void MovePage(IReadOnlyList<StoredEntry> entries)
    {
        var delivery = Delivery.Rent(services.Time);
        foreach (var entry in entries)
        {
            if (entry.ShareFilter is null || entry.IsReleased || services.Subscriptions.Group(entry.ShareFilter) is not { } group) continue;
            lock (Gate)
            {
                if (IsConnected) break;
                if (entry.QoS == QualityOfService.ExactlyOnce && entry.Sequence <= HighestSent) continue;
                (moved ??= []).Add(entry.Sequence); // from here on it is not read back
            }
            bool taken = Offer(entry.Message, group, delivery);
            lock (Gate)
            {
                bool passedOver = queue.End > entry.Sequence; // the client came back meanwhile, and it was read past
                if (taken || passedOver)
                {
                    delivery.Unit.Changes.Add(new EntrySettled(Key, entry.Sequence));
                    if (!passedOver) queue.TakenFromRest(entry.Message.Size);
                    shared--;
                }
                else
                {
                    moved!.Remove(entry.Sequence);
                }
                if (!taken && passedOver) Enqueue(entry.Message.AsPublication(), entry.QoS, entry.Retain, entry.Identifiers, group, delivery);
            }
            if (delivery.TakeUnit() is { } unit) services.Journal.Append(unit);
        }
        delivery.Return();
    }

    private ref struct Handover
    {
        public Publication Message;
        public Session From;
        public ShareGroup<Session> Group;
        public Delivery Delivery;
    }
}

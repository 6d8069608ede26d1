using Broker.Core.Diagnostics;
using Broker.Core.Storage;
using Broker.Core.Topics;

namespace Broker.Core.Sessions;

/// <content>What operators see of a session, and may drop.</content>
public sealed partial class Session
{
    /// <summary>The session at this moment.</summary>
    internal SessionState State
    {
        get
        {
            var connection = owner;
            lock (Gate)
            {
                return new SessionState
                {
                    Key = Key,
                    ClientIdentifier = ClientIdentifier,
                    Client = connection?.Connection.Client,
                    IsConnected = connection is not null,
                    ExpiryInterval = ExpiryInterval,
                    IsStored = IsJournaled,
                    Queued = queue.Count + queue.Rest.Count,
                    QueuedBytes = queue.WaitingBytes + queue.Rest.Bytes,
                    InFlight = inFlight,
                    Subscriptions = subscriptions.Count,
                    HighestSent = HighestSent,
                };
            }
        }
    }

    /// <summary>What a subscription asks for.</summary>
    internal static SubscriptionState StateOf(Subscription<Session> subscription) => new(
        subscription.Subscriber.Key, subscription.Number, subscription.Subscriber.ClientIdentifier, subscription.Filter.Text, subscription.Filter.ShareName,
        subscription.Options, subscription.Identifier, subscription.Subscriber.IsConnected);

    /// <summary>The messages that are in memory, from behind a sequence on; and the sequence behind them, from which on the store has the rest.</summary>
    internal (IReadOnlyList<QueuedMessage> Messages, long RestFrom) QueueBehind(long sequence, int most)
    {
        lock (Gate)
        {
            var page = new List<QueuedMessage>();
            for (int i = (int)Math.Clamp(sequence + 1 - queue.First, 0, queue.Count); i < queue.Count && page.Count < most; i++)
            {
                ref var entry = ref queue[i];
                if (entry.State == EntryState.Done) continue;
                var state = entry.State switch
                {
                    EntryState.Sent => QueuedState.Sent,
                    EntryState.Released => QueuedState.Released,
                    _ => QueuedState.Waiting,
                };
                page.Add(new QueuedMessage(queue.First + i, OutboundQueue.IdentifierOf(queue.First + i), entry.QoS, entry.Retain, state, entry.Group?.Filter, entry.Message));
            }
            return (page, queue.End);
        }
    }

    /// <summary>Drops messages that were never sent, the oldest first.</summary>
    /// <param name="from">The sequence to begin with; moves on.</param>
    /// <param name="most">About how many at a time.</param>
    /// <param name="unit">Takes the changes.</param>
    /// <param name="more">Whether there are more.</param>
    /// <returns>How many went.</returns>
    internal long DropQueue(ref long from, int most, JournalUnit unit, out bool more)
    {
        lock (Gate)
        {
            long dropped = from == 0 ? DropInMemory() : 0;
            from = Math.Max(from, Math.Max(queue.End, HighestSent + 1));
            long end = Math.Min(queue.NextSequence, from + most);
            if (from < end)
            {
                bool isFirst = from == queue.End;
                DropRest(from, end, unit);
                long rest = Math.Min(queue.Rest.Count, end - from);
                queue.GivenUpFromRest(rest);
                if (isFirst) queue.SkipTo(end);
                dropped += rest;
                from = end;
            }
            more = from < queue.NextSequence;
            if (!queue.HasRest) shared = CountShared();
            return dropped;
        }
    }

    private long DropInMemory()
    {
        long dropped = 0;
        for (int i = queue.Count - 1; i >= queue.Next; i--)
        {
            if (queue[i] is not { State: EntryState.Waiting or EntryState.Committing, WasSent: false }) continue;
            Settle(i);
            dropped++;
        }
        return dropped;
    }

    // What is not cut into a batch yet is never written; what is, goes after it.
    private void DropRest(long from, long end, JournalUnit unit)
    {
        var pending = new Dictionary<long, EntryQueued>();
        foreach (var entry in uncommitted ?? [])
            if (entry.Sequence >= from && entry.Sequence < end) pending.Add(entry.Sequence, entry);
        for (long sequence = from; sequence < end; sequence++)
        {
            if (moved is not null && moved.Contains(sequence)) continue;
            if (pending.TryGetValue(sequence, out var entry) && entry.TryElide()) continue;
            unit.Changes.Add(new EntrySettled(Key, sequence));
        }
    }

    private int CountShared()
    {
        int count = 0;
        for (int i = 0; i < queue.Count; i++)
            if (queue[i] is { Group: not null, State: not EntryState.Done }) count++;
        return count;
    }
}

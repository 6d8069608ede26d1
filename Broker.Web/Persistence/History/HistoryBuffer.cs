using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Broker.Core.Diagnostics;

namespace Broker.Web.Persistence.History;

/// <summary>More happened than was kept.</summary>
internal sealed record EventsLeftOut(long Count) : ClientEvent("");

/// <summary>What is to be known of a client: that it came or, with <paramref name="End"/>, that it left.</summary>
internal sealed record PresenceChange(DateTime At, ConnectedClient Client, ClientDisconnected? End);

/// <summary>
/// Takes what the broker tells, on the broker's threads, and holds it until it is written. It never makes anybody wait, and is bounded: events are left out
/// and counted when there are too many; of a client only the last state is held, and that is lost in one case alone: it came and went unwritten while
/// memory is short, so that the database knows nothing of it that is wrong.
/// </summary>
internal sealed class HistoryBuffer(TimeProvider time) : IClientEvents
{
    internal const int MostEvents = 10_000;

    // As estimated by Weight: client identifiers and filters can have 64 KiB each.
    internal const long MostEventBytes = 16 << 20, MostPresenceBytes = 64 << 20;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Entry> presence = new(StringComparer.Ordinal);
    private readonly Queue<(DateTime At, ClientEvent Happened)> events = new();
    private readonly ConcurrentQueue<DropTally> dropping = new();
    private long eventBytes, presenceBytes, leftOut;

    /// <summary>How many clients and events wait.</summary>
    public (int Clients, int Events) Count
    {
        get { lock (gate) return (presence.Count, events.Count); }
    }

    /// <inheritdoc/>
    public void Tell(ClientEvent happened)
    {
        lock (gate)
        {
            var at = time.GetUtcNow().UtcDateTime;
            if (happened is ClientConnected connected) Note(new PresenceChange(at, connected.Client, null));
            else if (happened is ClientDisconnected disconnected) Note(new PresenceChange(at, disconnected.Client, disconnected));
            long weight = Weight(happened);
            if (events.Count >= MostEvents || eventBytes + weight > MostEventBytes)
            {
                leftOut++;
                return;
            }
            TellLeftOut(at);
            events.Enqueue((at, happened));
            eventBytes += weight;
        }
    }

    /// <inheritdoc/>
    public void Dropped(DropTally tally) => dropping.Enqueue(tally);

    /// <summary>Takes out the next client whose messages began to be dropped.</summary>
    public bool TryTakeDropping([NotNullWhen(true)] out DropTally? tally) => dropping.TryDequeue(out tally);

    /// <summary>Takes out what is to be written next, at most so many of either kind.</summary>
    public (List<PresenceChange> Presence, List<(DateTime At, ClientEvent Happened)> Events) Take(int most)
    {
        lock (gate)
        {
            var changes = new List<PresenceChange>(Math.Min(most, presence.Count));
            foreach (var (client, entry) in presence)
            {
                if (changes.Count == most) break;
                changes.Add(entry.Change);
                presence.Remove(client);
                presenceBytes -= Weight(entry.Change);
            }
            var happened = new List<(DateTime, ClientEvent)>(Math.Min(most, events.Count + 1));
            while (happened.Count < most && events.TryDequeue(out var next))
            {
                happened.Add(next);
                eventBytes -= Weight(next.Happened);
            }
            if (events.Count == 0 && happened.Count < most && leftOut > 0)
            {
                TellLeftOut(time.GetUtcNow().UtcDateTime);
                happened.Add(events.Dequeue());
            }
            return (changes, happened);
        }
    }

    // A client that left, and of whose coming nothing waits here, was written as connected: that must not stay.
    private void Note(PresenceChange change)
    {
        bool known = presence.Remove(change.Client.ClientIdentifier, out var earlier);
        if (known) presenceBytes -= Weight(earlier.Change);
        bool written = known ? earlier.WasWritten : change.End is not null;
        if (change.End is not null && !written && presenceBytes > MostPresenceBytes) return;
        presence.Add(change.Client.ClientIdentifier, new Entry(change, written));
        presenceBytes += Weight(change);
    }

    private void TellLeftOut(DateTime at)
    {
        if (leftOut == 0) return;
        events.Enqueue((at, new EventsLeftOut(leftOut)));
        eventBytes += Weight(new EventsLeftOut(leftOut));
        leftOut = 0;
    }

    private static long Weight(PresenceChange change) => 300 + 2L * (change.Client.ClientIdentifier.Length + (change.End?.Why.Length ?? 0));

    private static long Weight(ClientEvent happened) => 200 + 2L * (happened.ClientIdentifier.Length + happened switch
    {
        ClientDisconnected disconnected => disconnected.Why.Length,
        ClientRefused refused => refused.Why.Length,
        Subscribed subscribed => subscribed.Filter.Length,
        Unsubscribed unsubscribed => unsubscribed.Filter.Length,
        SubscriptionRevoked revoked => revoked.Filter.Length + revoked.Rule.Length,
        SubscriptionLowered lowered => lowered.Filter.Length + lowered.Rule.Length,
        AccessDenied denied => denied.Topic.Length + denied.Rule.Length,
        _ => 0,
    });

    /// <summary>The last state of a client, and whether the database may hold it as connected.</summary>
    private readonly record struct Entry(PresenceChange Change, bool WasWritten);
}

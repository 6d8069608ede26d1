using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Broker.Core.Protocol;

namespace Broker.Core.Diagnostics;

/// <summary>
/// What the broker counts. Traffic is counted where it passes, without sharing, and added up when somebody asks; what happens rarely is counted here.
/// </summary>
public sealed class BrokerCounters
{
    private readonly Lock gate = new();
    private readonly List<Traffic> live = [];
    private readonly Traffic retired = new();
    private readonly long[] dropped = new long[Enum.GetValues<DropReason>().Length];
    private readonly ConcurrentDictionary<(EndedBy By, ReasonCode Reason), StrongBox<long>> ends = new();
    private long connected, maximum, sockets, accepted, refused, takeovers, expired, denied;

    /// <summary>Clients that are connected.</summary>
    public long ClientsConnected => Volatile.Read(ref connected);

    /// <summary>Most clients that were connected at the same time.</summary>
    public long ClientsMaximum => Volatile.Read(ref maximum);

    /// <summary>Connections that were accepted with CONNACK 0x00 since the start.</summary>
    public long ConnectionsAccepted => Volatile.Read(ref accepted);

    /// <summary>Byte streams that listeners accepted since the start.</summary>
    public long SocketsOpened => Volatile.Read(ref sockets);

    /// <summary>Connections refused for what they presented as identity.</summary>
    public long AuthenticationFailures => Volatile.Read(ref refused);

    /// <summary>Connections that ended because another one took their session over.</summary>
    public long TakeOvers => Volatile.Read(ref takeovers);

    /// <summary>Sessions that ended by their expiry interval.</summary>
    public long SessionsExpired => Volatile.Read(ref expired);

    /// <summary>Publishes and subscriptions that an access rule refused.</summary>
    public long AccessDenied => Volatile.Read(ref denied);

    /// <summary>Begins to count a connection's traffic.</summary>
    public void Open(Traffic traffic)
    {
        lock (gate)
        {
            sockets++;
            traffic.Index = live.Count;
            live.Add(traffic);
        }
    }

    /// <summary>Ends counting a connection's traffic; what it had stays in the sums.</summary>
    public void Close(Traffic traffic)
    {
        lock (gate)
        {
            retired.Add(traffic);
            var last = live[^1];
            live[traffic.Index] = last;
            last.Index = traffic.Index;
            live.RemoveAt(live.Count - 1);
        }
    }

    /// <summary>A client was connected.</summary>
    public void Connected()
    {
        Interlocked.Increment(ref accepted);
        long now = Interlocked.Increment(ref connected);
        for (long seen = ClientsMaximum; now > seen; seen = ClientsMaximum) Interlocked.CompareExchange(ref maximum, now, seen);
    }

    /// <summary>A client is connected no longer.</summary>
    public void Disconnected() => Interlocked.Decrement(ref connected);

    /// <summary>A connection that was let in has ended.</summary>
    public void Ended(EndedBy by, ReasonCode reason) => Interlocked.Increment(ref ends.GetOrAdd((by, reason), static _ => new()).Value);

    /// <summary>The connections that ended, by who ended them and by reason.</summary>
    public IEnumerable<(EndedBy By, ReasonCode Reason, long Count)> Ends => ends.Select(end => (end.Key.By, end.Key.Reason, Volatile.Read(ref end.Value.Value)));

    /// <summary>A connection was refused for what it presented as identity.</summary>
    public void Refused() => Interlocked.Increment(ref refused);

    /// <summary>A connection ended because another one took its session over.</summary>
    public void TookOver() => Interlocked.Increment(ref takeovers);

    /// <summary>A session ended by its expiry interval.</summary>
    public void SessionExpired() => Interlocked.Increment(ref expired);

    /// <summary>An access rule refused a publish or a subscription.</summary>
    public void Denied() => Interlocked.Increment(ref denied);

    /// <summary>A message was not delivered to a subscriber.</summary>
    public void Drop(DropReason reason) => Interlocked.Increment(ref dropped[(int)reason]);

    /// <summary>How many messages were not delivered for that reason.</summary>
    public long Dropped(DropReason reason) => Volatile.Read(ref dropped[(int)reason]);

    /// <summary>How many messages were not delivered.</summary>
    public long DroppedInAll => dropped.Sum();

    /// <summary>The traffic of all connections, past and present.</summary>
    public Traffic Total()
    {
        var total = new Traffic();
        lock (gate)
        {
            total.Add(retired);
            foreach (var traffic in CollectionsMarshal.AsSpan(live)) total.Add(traffic);
        }
        return total;
    }
}

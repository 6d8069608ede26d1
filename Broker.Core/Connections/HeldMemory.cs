using Broker.Core.Protocol;
using Broker.Core.Sessions;

namespace Broker.Core.Connections;

/// <summary>
/// Keeps within bounds what clients make the broker hold in memory, all together: packets that are here in part, output that is not taken, messages that wait or were not
/// acknowledged. It looks from time to time rather than counting each byte. Where much is held nobody else is let in; where it is too much, those for which the most is held are
/// disconnected.
/// </summary>
public sealed class HeldMemory : IDisposable
{
    private const int FullPercent = 80;

    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(1), Alert = TimeSpan.FromMilliseconds(100);

    private readonly Func<IEnumerable<ClientConnection>> connections;
    private readonly long most;
    private readonly ITimer timer;
    private long bytes;

    internal HeldMemory(Func<IEnumerable<ClientConnection>> connections, Limits limits, TimeProvider time)
    {
        (this.connections, most) = (connections, limits.HeldBytes ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);
        timer = time.CreateTimer(_ => Look(), null, Calm, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What was held at the latest look, in bytes. A message that waits for several clients counts for each.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    /// <summary>Whether so much is held that no more clients are let in.</summary>
    public bool IsFull => Bytes >= FullAt;

    private long FullAt => most / 100 * FullPercent;

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    private void Look()
    {
        long sum = 0;
        foreach (var connection in connections()) sum += connection.Held;
        if (sum > most) sum = Relieve();
        Volatile.Write(ref bytes, sum);
        timer.Change(sum > most / 2 ? Alert : Calm, Timeout.InfiniteTimeSpan);
    }

    // Who is disconnected holds nothing any more, though it takes a moment until that is so.
    private long Relieve()
    {
        var heaviest = connections().Select(connection => (Connection: connection, connection.Held)).Where(one => one.Held > 0).OrderByDescending(one => one.Held).ToList();
        long sum = heaviest.Sum(one => one.Held);
        foreach (var (connection, held) in heaviest)
        {
            if (sum < FullAt) break;
            connection.Disconnect(ReasonCode.QuotaExceeded, $"the broker holds too much for its clients, and {held:N0} bytes for this one");
            sum -= held;
        }
        return sum;
    }
}

using System.Text;
using BenchmarkDotNet.Attributes;
using Broker.Core.Protocol;
using Broker.Core.Routing;
using Broker.Core.Sessions;

namespace Broker.Bench.Micro;

/// <summary>
/// Messages of QoS 0 from a publisher to its subscribers: routed, encoded, and flushed once for what a read buffer brings. In the steady state nothing is
/// allocated.
/// </summary>
public class RouteBenchmarks
{
    private const int Buffer = 16;

    private readonly byte[][] topics = [.. Enumerable.Range(1, 8).Select(i => Encoding.UTF8.GetBytes($"sensors/{i}/temperature"))];
    private readonly byte[] payload = new byte[64];
    private BareSessions sessions = null!;
    private MatchCache cache = null!;

    /// <summary>How many get each message.</summary>
    [Params(1, 100)]
    public int Subscribers { get; set; }

    /// <summary>The version that they speak.</summary>
    [Params(ProtocolVersion.V311, ProtocolVersion.V5)]
    public ProtocolVersion Version { get; set; }

    /// <summary>Subscribes.</summary>
    [GlobalSetup]
    public void Setup() => Start(0);

    /// <summary>Lets go of it.</summary>
    [GlobalCleanup]
    public void Cleanup() => sessions.Dispose();

    /// <summary>What one read buffer brings; the figures are those of one message.</summary>
    [Benchmark(OperationsPerInvoke = Buffer)]
    public void Route()
    {
        var delivery = Delivery.Rent(sessions.Time);
        for (int i = 0; i < Buffer; i++)
        {
            var message = new Publication { Topic = topics[i % topics.Length], Payload = payload, ExpiresAt = ApplicationMessage.Never, Publisher = "publisher" };
            sessions.Router.Route(message, cache, delivery);
            delivery.FlushIfUrgent();
        }
        delivery.Return();
    }

    /// <summary>How many messages did not reach a subscriber.</summary>
    internal long Dropped => sessions.Counters.DroppedInAll;

    /// <summary>Subscribes, with subscribers that take so many topic aliases.</summary>
    internal void Start(ushort aliases)
    {
        sessions = new BareSessions(TimeProvider.System);
        cache = sessions.Router.CreateCache();
        for (int i = 0; i < Subscribers; i++) sessions.Subscribe(sessions.OpenSinkAsync($"subscriber {i}", Version, aliases).GetAwaiter().GetResult(), "sensors/+/temperature");
    }
}

using Broker.Bench.Micro;
using Broker.Core.Protocol;

namespace Broker.Tests.Routing;

/// <summary>A QoS 0 message costs no allocation once publisher and subscribers are warm.</summary>
public sealed class AllocationTests
{
    [Theory]
    [InlineData(ProtocolVersion.V311, 0)]
    [InlineData(ProtocolVersion.V5, 0)]
    [InlineData(ProtocolVersion.V5, 10)]
    public void A_qos_0_message_is_routed_encoded_and_flushed_without_allocating(ProtocolVersion version, int aliases)
    {
        var route = new RouteBenchmarks { Subscribers = 3, Version = version };
        route.Start((ushort)aliases);
        for (int i = 0; i < 100; i++) route.Route();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++) route.Route();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        route.Dropped.ShouldBe(0);
        route.Cleanup();
    }
}

using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Routing;
using Broker.Tests.Sessions;

namespace Broker.Tests.Routing;

/// <summary>What the broker tells of itself.</summary>
public sealed class SystemTopicsTests : IDisposable
{
    private readonly SessionBench bench = new();
    private readonly SystemTopics topics;

    public SystemTopicsTests() =>
        topics = new SystemTopics(TimeSpan.FromSeconds(10), "Broker", () => new BrokerStatistics { At = bench.Time.GetUtcNow(), Uptime = TimeSpan.Zero, Dropped = [] }, bench.Router, bench.Time);

    public void Dispose()
    {
        topics.Dispose();
        bench.Dispose();
    }

    [Fact]
    public async Task Subscribers_get_the_values_at_each_interval_and_their_flush_holds_up_nobody_who_asks_for_them()
    {
        var client = await bench.ConnectAsync("client");
        client.Subscribe("$SYS/broker/version");
        bool answered = false;
        client.Pipe.OnFlush = () => answered = Task.Run(() => topics.Match(TopicFilter.Parse("$SYS/#")).Count > 10).Wait(TimeSpan.FromSeconds(20));
        bench.Time.Advance(TimeSpan.FromSeconds(10));
        client.Payloads().ShouldBe(["Broker"]);
        answered.ShouldBeTrue();
    }
}

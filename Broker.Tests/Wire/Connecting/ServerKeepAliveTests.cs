using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Connecting;

/// <summary>A broker that allows a keep alive of 20 seconds at most.</summary>
public sealed class BrokerWithKeepAlive() : BrokerHostWithManualTime(("Mqtt:Limits:KeepAlive", "20"));

/// <summary>Server Keep Alive: announced in CONNACK, it replaces the client's own.</summary>
public sealed class ServerKeepAliveTests(BrokerWithKeepAlive broker) : WireTests(broker), IClassFixture<BrokerWithKeepAlive>
{
    [Theory, Transports, Spec("MQTT-3.1.2-21", "MQTT-3.2.2-21", "MQTT-3.1.2-22")]
    public async Task A_keep_alive_that_is_too_long_is_replaced_and_the_replacement_counts(Transport transport)
    {
        var client = await OpenAsync(transport);
        var connAck = await client.ConnectAsync(Plain() with { KeepAlive = 100 });
        connAck.Properties.Number(PropertyId.ServerKeepAlive).ShouldBe(20u);
        broker.Clock.Advance(TimeSpan.FromSeconds(29));
        await client.FenceAsync();
        broker.Clock.Advance(TimeSpan.FromSeconds(31));
        await client.ExpectDisconnectedAsync(ReasonCode.KeepAliveTimeout);
    }

    [Theory, Transports, Spec("MQTT-3.1.2-21")]
    public async Task No_keep_alive_is_too_long_as_well(Transport transport)
    {
        var client = await OpenAsync(transport);
        var connAck = await client.ConnectAsync(Plain() with { KeepAlive = 0 });
        connAck.Properties.Number(PropertyId.ServerKeepAlive).ShouldBe(20u);
        broker.Clock.Advance(TimeSpan.FromSeconds(31));
        await client.ExpectDisconnectedAsync(ReasonCode.KeepAliveTimeout);
    }

    [Theory, Transports, Spec("MQTT-3.2.2-22")]
    public async Task A_keep_alive_within_the_limit_stays_the_clients_own(Transport transport)
    {
        var client = await OpenAsync(transport);
        var connAck = await client.ConnectAsync(Plain() with { KeepAlive = 10 });
        connAck.Properties.Number(PropertyId.ServerKeepAlive).ShouldBeNull();
        broker.Clock.Advance(TimeSpan.FromSeconds(16));
        await client.ExpectDisconnectedAsync(ReasonCode.KeepAliveTimeout);
    }
}

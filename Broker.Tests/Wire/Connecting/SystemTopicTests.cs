using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Connecting;

/// <summary><c>$SYS</c>, on a clock that the tests move.</summary>
public sealed class SystemTopicTests(BrokerHostWithManualTime broker) : WireTests(broker), IClassFixture<BrokerHostWithManualTime>
{
    [Theory, Versions]
    public async Task The_current_values_come_at_once(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        foreach (string topic in new[] { "version", "uptime", "clients/connected", "messages/received", "publish/messages/sent", "load/messages/received/1min", "retained messages/count" })
        {
            await client.SubscribeAsync($"$SYS/broker/{topic}", QualityOfService.AtMostOnce);
            var publish = await client.ReceiveAsync();
            publish.TopicText().ShouldBe($"$SYS/broker/{topic}");
            publish.Retain.ShouldBeTrue();
            publish.PayloadText().ShouldNotBeEmpty();
        }
        await client.FenceAsync();
    }

    [Theory, Transports]
    public async Task New_values_come_after_the_interval(Transport transport)
    {
        var client = await ConnectAsync(transport);
        await client.SubscribeAsync("$SYS/broker/clients/connected", QualityOfService.AtMostOnce);
        await client.ReceiveAsync();
        await client.FenceAsync();
        var second = await ConnectAsync(transport, name: "second");
        broker.Clock.Advance(TimeSpan.FromSeconds(11));
        (await client.ReceiveAsync()).TopicText().ShouldBe("$SYS/broker/clients/connected");
        await second.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-4.7.2-1"), Spec311("MQTT-4.7.2-1")]
    public async Task New_values_do_not_reach_filters_that_begin_with_a_wildcard(Transport transport, ProtocolVersion version)
    {
        var witness = await ConnectAsync(transport, version, "witness");
        await witness.SubscribeAsync("$SYS/broker/clients/connected", QualityOfService.AtMostOnce);
        await witness.ReceiveAsync();
        var everything = await ConnectAsync(transport, version, "everything");
        await everything.SubscribeAsync("#", QualityOfService.AtMostOnce);
        await everything.SubscribeAsync("+/broker/#", QualityOfService.AtMostOnce);
        broker.Clock.Advance(TimeSpan.FromSeconds(11));
        await witness.ReceiveAsync();
        await everything.FenceAsync();
    }

    [Theory, Versions, Spec311("MQTT-3.3.5-2")]
    public async Task Nobody_publishes_there(Transport transport, ProtocolVersion version)
    {
        var observer = await ConnectAsync(transport, version, "observer");
        await observer.SubscribeAsync($"$SYS/{Unique}");
        var client = await ConnectAsync(transport, version);
        await client.SendAsync(ScriptedClient.Message($"$SYS/{Unique}", "forged", QualityOfService.AtLeastOnce, 1));
        var ack = await client.ExpectAsync<PubAck>(); // 3.1.1: positively, or the connection is closed
        if (version == ProtocolVersion.V5) ack.Reason.ShouldBe(ReasonCode.NotAuthorized);
        await observer.FenceAsync();
    }
}

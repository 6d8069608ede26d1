using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Connecting;

/// <summary>The Will Message: when it is sent, when not, and as what.</summary>
public sealed class WillTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    private Will Testament(QualityOfService qos = QualityOfService.AtMostOnce, bool retain = false, Properties properties = default) =>
        new() { Topic = $"{Unique}/will", Payload = "gone"u8.ToArray(), QoS = qos, Retain = retain, Properties = properties };

    private async Task<ScriptedClient> ObserveAsync(Transport transport, ProtocolVersion version)
    {
        var observer = await ConnectAsync(transport, version, "observer");
        await observer.SubscribeAsync($"{Unique}/will");
        return observer;
    }

    [Theory, Versions, Spec("MQTT-3.1.2-7", "MQTT-3.1.2-8", "MQTT-3.1.2-14"), Spec311("MQTT-3.1.2-8", "MQTT-3.1.2-16")]
    public async Task A_connection_that_breaks_sends_the_will(Transport transport, ProtocolVersion version)
    {
        var observer = await ObserveAsync(transport, version);
        foreach (var qos in Enum.GetValues<QualityOfService>())
        {
            var client = await ConnectAsync(transport, version, Plain() with { Will = Testament(qos) });
            client.Cut();
            var will = await observer.ReceiveAsync("gone");
            will.QoS.ShouldBe(qos);
            will.Retain.ShouldBeFalse();
        }
        var late = await ConnectAsync(transport, version, "late");
        await late.SubscribeAsync($"{Unique}/will");
        await late.FenceAsync(); // it was not retained
    }

    [Theory, Versions, Spec("MQTT-3.1.2-15"), Spec311("MQTT-3.1.2-17")]
    public async Task A_will_can_be_retained(Transport transport, ProtocolVersion version)
    {
        var observer = await ObserveAsync(transport, version);
        var client = await ConnectAsync(transport, version, Plain() with { Will = Testament(QualityOfService.AtLeastOnce, retain: true) });
        client.Cut();
        (await observer.ReceiveAsync("gone")).Retain.ShouldBeFalse();
        var late = await ConnectAsync(transport, version, "late");
        await late.SubscribeAsync($"{Unique}/will");
        (await late.ReceiveAsync("gone")).Retain.ShouldBeTrue();
    }

    [Theory, Versions, Spec("MQTT-3.14.4-3", "MQTT-3.1.2-10"), Spec311("MQTT-3.14.4-3", "MQTT-3.1.2-10")]
    public async Task DISCONNECT_takes_the_will_back(Transport transport, ProtocolVersion version)
    {
        var observer = await ObserveAsync(transport, version);
        var client = await ConnectAsync(transport, version, Plain() with { Will = Testament() });
        await client.DisconnectAsync();
        await ConnectAsync(transport, version, Plain()); // the broker has done with the old connection
        await observer.FenceAsync();
    }

    [Theory, Versions, Spec311("MQTT-3.1.2-12")]
    public async Task Without_a_will_nothing_is_sent(Transport transport, ProtocolVersion version)
    {
        var observer = await ConnectAsync(transport, version, "observer");
        await observer.SubscribeAsync($"{Unique}/#");
        var client = await ConnectAsync(transport, version, Plain());
        await client.PublishAsync($"{Unique}/x", "last words", QualityOfService.AtLeastOnce);
        client.Cut();
        await ConnectAsync(transport, version, Plain());
        await observer.ReceiveAsync("last words");
        await observer.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-3.1.2-8", "MQTT-3.1.2-10")]
    public async Task DISCONNECT_with_another_reason_than_0_leaves_the_will_to_be_sent(Transport transport)
    {
        var observer = await ObserveAsync(transport, ProtocolVersion.V5);
        foreach (var reason in new[] { ReasonCode.DisconnectWithWillMessage, ReasonCode.UnspecifiedError, ReasonCode.QuotaExceeded })
        {
            var client = await ConnectAsync(transport, ProtocolVersion.V5, Plain() with { Will = Testament() });
            await client.DisconnectAsync(reason);
            await observer.ReceiveAsync("gone");
        }
        await observer.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-3.1.4-3", "MQTT-3.1.2-10"), Spec311("MQTT-3.1.2-8", "MQTT-3.1.2-10")]
    public async Task A_take_over_sends_the_will_of_the_old_connection_once(Transport transport, ProtocolVersion version)
    {
        var observer = await ObserveAsync(transport, version);
        var old = await ConnectAsync(transport, version, Plain() with { Will = Testament() });
        var successor = await ConnectAsync(transport, version, Plain());
        await old.ExpectDisconnectedAsync(ReasonCode.SessionTakenOver);
        await observer.ReceiveAsync("gone");
        await successor.DisconnectAsync();
        await ConnectAsync(transport, version, Plain());
        await observer.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-3.1.3-10", "MQTT-3.3.2-17", "MQTT-3.3.2-18")]
    public async Task The_properties_of_the_will_arrive_in_their_order(Transport transport)
    {
        var observer = await ObserveAsync(transport, ProtocolVersion.V5);
        var properties = new PropertiesBuilder().Add(PropertyId.PayloadFormatIndicator, 1).Add(PropertyId.ContentType, "text/plain").AddUserProperty("b", "1").AddUserProperty("a", "2")
            .Add(PropertyId.ResponseTopic, "answers").Add(PropertyId.CorrelationData, [0, 1]).AddUserProperty("b", "3").Build();
        var client = await ConnectAsync(transport, ProtocolVersion.V5, Plain() with { Will = Testament(properties: properties) });
        client.Cut();
        var will = (await observer.ReceiveAsync("gone")).Properties;
        will.UserProperties.ShouldBe([("b", "1"), ("a", "2"), ("b", "3")]);
        will.Number(PropertyId.PayloadFormatIndicator).ShouldBe(1u);
        will.Text(PropertyId.ContentType).ShouldBe("text/plain");
        will.Text(PropertyId.ResponseTopic).ShouldBe("answers");
        will.Data(PropertyId.CorrelationData)!.Value.ToArray().ShouldBe([0, 1]);
    }

    [Theory, Versions]
    public async Task An_empty_will_is_sent_and_clears_a_retained_message(Transport transport, ProtocolVersion version)
    {
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/will", "here", QualityOfService.AtLeastOnce, retain: true);
        var observer = await ConnectAsync(transport, version, "observer");
        await observer.SubscribeAsync($"{Unique}/will");
        await observer.ReceiveAsync("here");
        var client = await ConnectAsync(transport, version, Plain() with { Will = new Will { Topic = $"{Unique}/will", Retain = true } });
        client.Cut();
        await observer.ReceiveAsync("");
        var late = await ConnectAsync(transport, version, "late");
        await late.SubscribeAsync($"{Unique}/will");
        await late.FenceAsync();
    }

    [Theory, Versions]
    public async Task The_will_waits_for_sessions_that_are_away(Transport transport, ProtocolVersion version)
    {
        var away = await ConnectAsync(transport, version, Lasting(version, "away"));
        await away.SubscribeAsync($"{Unique}/will");
        await away.DisconnectAsync();
        var observer = await ObserveAsync(transport, version);
        var client = await ConnectAsync(transport, version, Plain() with { Will = Testament(QualityOfService.AtLeastOnce) });
        client.Cut();
        await observer.ReceiveAsync("gone");
        var returned = await ConnectAsync(transport, version, Lasting(version, "away"));
        await returned.ReceiveAsync("gone");
    }
}

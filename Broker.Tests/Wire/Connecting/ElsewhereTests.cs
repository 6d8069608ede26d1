using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Connecting;

/// <summary>A broker that sends its clients elsewhere.</summary>
public sealed class MovedBroker() : BrokerHost(("Mqtt:Redirect:ServerReference", "other.example:1883"), ("Mqtt:Redirect:Moved", "true"));

/// <summary>Server redirection.</summary>
public sealed class ElsewhereTests(MovedBroker broker) : WireTests(broker), IClassFixture<MovedBroker>
{
    [Theory, Versions, Spec("MQTT-3.2.2-7", "MQTT-3.1.4-2"), Spec311("MQTT-3.2.2-5")]
    public async Task Clients_are_told_where_to_go(Transport transport, ProtocolVersion version)
    {
        var client = await OpenAsync(transport, version);
        var connAck = await client.RequestAsync(Plain());
        connAck.Reason.ShouldBe(version == ProtocolVersion.V5 ? ReasonCode.ServerMoved : ReasonCode.ServerUnavailable);
        connAck.Properties.Text(PropertyId.ServerReference).ShouldBe(version == ProtocolVersion.V5 ? "other.example:1883" : null);
        await client.ExpectClosedAsync();
    }
}

/// <summary>A broker with a word for those who ask for responses, and an eye on what calls itself text.</summary>
public sealed class CarefulBroker() : BrokerHost(("Mqtt:Limits:ResponseInformation", "answers/"), ("Mqtt:Limits:ValidatePayloadFormat", "true"));

/// <summary>Response Information and the payload format.</summary>
public sealed class CarefulTests(CarefulBroker broker) : WireTests(broker), IClassFixture<CarefulBroker>
{
    private static readonly Properties Text = Prop(PropertyId.PayloadFormatIndicator, 1);

    [Theory, Transports, Spec("MQTT-3.1.2-28")]
    public async Task Response_Information_is_for_those_who_ask(Transport transport)
    {
        foreach (var (asked, answer) in new[] { (1u, "answers/"), (0u, null) })
        {
            var client = await OpenAsync(transport);
            (await client.ConnectAsync(Plain() with { Properties = Prop(PropertyId.RequestResponseInformation, asked) })).Properties.Text(PropertyId.ResponseInformation).ShouldBe(answer);
        }
        var silent = await OpenAsync(transport);
        (await silent.ConnectAsync(Plain())).Properties.Text(PropertyId.ResponseInformation).ShouldBeNull();
    }

    [Theory, Transports, Spec("MQTT-4.3.3-9", "MQTT-4.3.3-4")]
    public async Task After_an_error_in_PUBREC_the_identifier_is_a_new_message(Transport transport)
    {
        var subscriber = await ConnectAsync(transport, name: "subscriber");
        await subscriber.SubscribeAsync($"{Unique}/x");
        var publisher = await ConnectAsync(transport, name: "publisher");
        var bad = new Publish { Topic = System.Text.Encoding.UTF8.GetBytes($"{Unique}/x"), Payload = new byte[] { 0xFF }, QoS = QualityOfService.ExactlyOnce, PacketIdentifier = 1, Properties = Text };
        await publisher.SendAsync(bad);
        (await publisher.ExpectAsync<PubRec>()).ShouldSatisfyAllConditions(ack => ack.PacketIdentifier.ShouldBe((ushort)1), ack => ack.Reason.ShouldBe(ReasonCode.PayloadFormatInvalid));
        await publisher.SendAsync(bad with { Payload = "good"u8.ToArray() });
        (await publisher.ExpectAsync<PubRec>()).Reason.IsError().ShouldBeFalse();
        await publisher.SendAsync(new PubRel(1));
        (await publisher.ExpectAsync<PubComp>()).ShouldBe(new PubComp(1));
        await subscriber.ReceiveAsync("good");
        await subscriber.FenceAsync();
    }

    [Theory, Transports]
    public async Task Text_that_is_none_is_refused_at_QoS_1_by_its_acknowledgement(Transport transport)
    {
        var publisher = await ConnectAsync(transport);
        await publisher.SendAsync(new Publish { Topic = "t"u8.ToArray(), Payload = new byte[] { 0xC0 }, QoS = QualityOfService.AtLeastOnce, PacketIdentifier = 1, Properties = Text });
        (await publisher.ExpectAsync<PubAck>()).Reason.ShouldBe(ReasonCode.PayloadFormatInvalid);
        await publisher.FenceAsync();
    }
}

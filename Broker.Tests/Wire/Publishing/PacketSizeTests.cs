using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Publishing;

/// <summary>A broker that accepts packets of 1,000 bytes at most.</summary>
public sealed class BrokerWithSmallPackets() : BrokerHost(("Mqtt:Limits:MaximumPacketSize", "1000"), ("Mqtt:Limits:MaximumConnectPacketSize", "1000"));

/// <summary>Maximum Packet Size in both directions.</summary>
public sealed class PacketSizeTests(BrokerWithSmallPackets broker) : WireTests(broker), IClassFixture<BrokerWithSmallPackets>
{
    [Theory, Transports, Spec("MQTT-3.1.2-24", "MQTT-3.1.2-25")]
    public async Task A_message_that_is_too_large_for_a_client_is_dropped_for_it_and_frees_its_place(Transport transport)
    {
        var small = await ConnectAsync(transport, new PropertiesBuilder().Add(PropertyId.MaximumPacketSize, 60).Add(PropertyId.ReceiveMaximum, 1).Build(), "small");
        await small.SubscribeAsync($"{Unique}/x");
        var large = await ConnectAsync(transport, name: "large");
        await large.SubscribeAsync($"{Unique}/x");
        var publisher = await ConnectAsync(transport, name: "publisher");
        foreach (var qos in Enum.GetValues<QualityOfService>())
        {
            await publisher.PublishAsync($"{Unique}/x", new string('L', 100), qos);
            await publisher.PublishAsync($"{Unique}/x", "small", qos);
            (await large.ReceiveAsync()).Payload.Length.ShouldBe(100);
            await large.ReceiveAsync("small");
            (await small.ReceiveAsync("small")).QoS.ShouldBe(qos);
            await small.FenceAsync();
        }
    }

    [Theory, Transports, Spec("MQTT-3.1.2-24", "MQTT-3.1.2-25")]
    public async Task The_size_is_that_of_the_whole_packet_as_this_client_would_get_it(Transport transport)
    {
        var publisher = await ConnectAsync(transport, name: "publisher");
        string topic = $"{Unique}/x";
        int size = 2 + 2 + topic.Length + 2 + 1 + 20; // fixed header, topic, identifier, no properties, payload
        await Expects(size, arrives: true, default);
        await Expects(size - 1, arrives: false, default);
        await Expects(size + 2, arrives: true, Prop(PropertyId.SubscriptionIdentifier, 1));
        await Expects(size + 1, arrives: false, Prop(PropertyId.SubscriptionIdentifier, 1));

        async Task Expects(int maximum, bool arrives, Properties properties)
        {
            var client = await ConnectAsync(transport, Prop(PropertyId.MaximumPacketSize, (uint)maximum), $"client{maximum}");
            await client.SubscribeAsync(topic, new SubscriptionOptions(QualityOfService.AtLeastOnce), properties);
            await publisher.PublishAsync(topic, new string('x', 20), QualityOfService.AtLeastOnce);
            if (arrives) await client.ReceiveAsync();
            await client.FenceAsync();
        }
    }

    [Theory, Transports, Spec("MQTT-3.1.2-25")]
    public async Task A_message_that_waited_is_dropped_if_it_is_too_large_for_the_new_connection(Transport transport)
    {
        var client = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await client.SubscribeAsync($"{Unique}/x");
        await client.DisconnectAsync();
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", new string('L', 100), QualityOfService.AtLeastOnce);
        await publisher.PublishAsync($"{Unique}/x", "small", QualityOfService.AtLeastOnce);
        var returned = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5) with
        {
            Properties = new PropertiesBuilder().Add(PropertyId.SessionExpiryInterval, 60).Add(PropertyId.MaximumPacketSize, 60).Build(),
        });
        await returned.ReceiveAsync("small");
        await returned.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-3.2.2-15")]
    public async Task A_packet_larger_than_the_broker_announced_ends_the_connection(Transport transport)
    {
        var client = await OpenAsync(transport);
        (await client.ConnectAsync(Plain())).Properties.Number(PropertyId.MaximumPacketSize).ShouldBe(1000u);
        var publish = ScriptedClient.Message("t", "");
        int rest = 1000 - PacketCodec.ToArray(publish, ProtocolVersion.V5).Length - 1; // Remaining Length takes one byte more
        await client.SendAsync(publish with { Payload = new byte[rest] });
        await client.FenceAsync();
        await client.SendAsync(publish with { Payload = new byte[rest + 1] });
        await client.ExpectDisconnectedAsync(ReasonCode.PacketTooLarge);
    }

    [Theory, Transports, Spec("MQTT-3.2.2-19", "MQTT-3.2.2-20", "MQTT-3.9.2-1", "MQTT-3.9.2-2", "MQTT-3.11.2-1", "MQTT-3.11.2-2", "MQTT-3.4.2-2", "MQTT-3.4.2-3", "MQTT-3.5.2-2",
        "MQTT-3.5.2-3", "MQTT-3.6.2-2", "MQTT-3.6.2-3", "MQTT-3.7.2-2", "MQTT-3.7.2-3", "MQTT-3.14.2-3", "MQTT-3.14.2-4", "MQTT-3.1.2-24")]
    public async Task No_answer_is_longer_than_a_client_allows(Transport transport)
    {
        const int Most = 40;
        var client = await OpenAsync(transport);
        var connAck = await client.ConnectAsync(Plain() with { Properties = Prop(PropertyId.MaximumPacketSize, Most) });
        Check(connAck);
        await client.SendAsync(new Subscribe(1, [new("a#", default)]), new Unsubscribe(2, ["a#"]), new PubRel(77), new PubRec(78));
        Check(await client.ExpectAsync<SubAck>());
        Check(await client.ExpectAsync<UnsubAck>());
        Check(await client.ExpectAsync<PubComp>());
        Check(await client.ExpectAsync<PubRel>());
        await client.SendAsync(ScriptedClient.Message("t", "", QualityOfService.AtLeastOnce, 1), ScriptedClient.Message("t", "", QualityOfService.ExactlyOnce, 2));
        Check(await client.ExpectAsync<PubAck>());
        Check(await client.ExpectAsync<PubRec>());
        await client.SendRawAsync("00 00");
        Check(await client.ExpectAsync<Disconnect>());

        static void Check(IControlPacket packet) => PacketCodec.ToArray(packet, ProtocolVersion.V5).Length.ShouldBeLessThanOrEqualTo(Most, PacketText.Of(packet));
    }

    [Theory, Transports, Spec("MQTT-3.1.2-29")]
    public async Task Without_problem_information_no_answer_but_CONNACK_and_DISCONNECT_explains_itself(Transport transport)
    {
        var client = await ConnectAsync(transport, Prop(PropertyId.RequestProblemInformation, 0));
        await client.SendAsync(new Subscribe(1, [new("a#", default)]), new Unsubscribe(2, ["a#"]), new PubRel(77), new PubRec(78));
        (await client.ExpectAsync<SubAck>()).Properties.IsEmpty.ShouldBeTrue();
        (await client.ExpectAsync<UnsubAck>()).Properties.IsEmpty.ShouldBeTrue();
        (await client.ExpectAsync<PubComp>()).Properties.IsEmpty.ShouldBeTrue();
        (await client.ExpectAsync<PubRel>()).Properties.IsEmpty.ShouldBeTrue();
        await client.SubscribeAsync($"{Unique}/x");
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", "hello", properties: new PropertiesBuilder().AddUserProperty("n", "v").Build());
        (await client.ReceiveAsync("hello")).Properties.UserProperties.ShouldBe([("n", "v")]);
    }
}

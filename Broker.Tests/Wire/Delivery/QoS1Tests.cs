using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Delivery;

/// <summary>QoS 0 and 1 in both directions.</summary>
public sealed class QoS1Tests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    private const QualityOfService QoS1 = QualityOfService.AtLeastOnce;

    private async Task<(ScriptedClient Publisher, ScriptedClient Subscriber)> PairAsync(Transport transport, ProtocolVersion version)
    {
        var subscriber = await ConnectAsync(transport, version, "subscriber");
        await subscriber.SubscribeAsync($"{Unique}/x");
        return (await ConnectAsync(transport, version, "publisher"), subscriber);
    }

    [Theory, Versions, Spec("MQTT-3.3.4-1", "MQTT-4.3.1-1"), Spec311("MQTT-3.3.4-1", "MQTT-4.3.1-1")]
    public async Task QoS_0_is_not_acknowledged(Transport transport, ProtocolVersion version)
    {
        var (publisher, subscriber) = await PairAsync(transport, version);
        await publisher.SendAsync(ScriptedClient.Message($"{Unique}/x", "hello"));
        await publisher.FenceAsync();
        var publish = await subscriber.ExpectAsync<Publish>();
        publish.QoS.ShouldBe(QualityOfService.AtMostOnce);
        publish.Duplicate.ShouldBeFalse();
        await subscriber.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-3.3.4-1", "MQTT-4.3.2-4", "MQTT-2.2.1-5"), Spec311("MQTT-3.3.4-1", "MQTT-4.3.2-2", "MQTT-2.3.1-6")]
    public async Task QoS_1_is_acknowledged_with_its_identifier(Transport transport, ProtocolVersion version)
    {
        var (publisher, subscriber) = await PairAsync(transport, version);
        foreach (ushort identifier in new ushort[] { 1, 255, 256, 65_535 })
        {
            await publisher.SendAsync(ScriptedClient.Message($"{Unique}/x", $"{identifier}", QoS1, identifier));
            var ack = await publisher.ExpectAsync<PubAck>();
            ack.PacketIdentifier.ShouldBe(identifier);
            ack.Reason.IsError().ShouldBeFalse();
            await subscriber.ReceiveAsync($"{identifier}");
        }
    }

    [Theory, Versions, Spec("MQTT-4.3.2-5", "MQTT-3.3.1-3"), Spec311("MQTT-4.3.2-2", "MQTT-3.3.1-3")]
    public async Task After_PUBACK_the_same_identifier_is_a_new_message_whatever_DUP_says_and_DUP_is_not_passed_on(Transport transport, ProtocolVersion version)
    {
        var (publisher, subscriber) = await PairAsync(transport, version);
        foreach (bool duplicate in new[] { false, true, true })
        {
            await publisher.SendAsync(ScriptedClient.Message($"{Unique}/x", "hello", QoS1, 7) with { Duplicate = duplicate });
            await publisher.ExpectAsync<PubAck>();
            (await subscriber.ReceiveAsync("hello")).Duplicate.ShouldBeFalse();
        }
        await subscriber.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-2.2.1-4", "MQTT-4.3.2-1", "MQTT-4.3.2-2", "MQTT-4.3.3-1", "MQTT-4.3.3-2"), Spec311("MQTT-2.3.1-4", "MQTT-4.3.2-1", "MQTT-4.3.3-1")]
    public async Task Each_message_to_a_client_has_an_identifier_of_its_own_from_1_upwards(Transport transport, ProtocolVersion version)
    {
        var (publisher, subscriber) = await PairAsync(transport, version);
        for (int i = 0; i < 40; i++) await publisher.PublishAsync($"{Unique}/x", $"{i}", (QualityOfService)(1 + i % 2));
        var sent = await subscriber.ExpectManyAsync<Publish>(40);
        sent.Select(publish => (int)publish.PacketIdentifier).ShouldBe(Enumerable.Range(1, 40));
        sent.ShouldAllBe(publish => !publish.Duplicate);
    }

    [Theory, Versions, Spec("MQTT-3.8.4-8", "MQTT-3.3.2-3"), Spec311("MQTT-3.8.4-6", "MQTT-3.3.2-3")]
    public async Task A_message_arrives_with_the_lower_of_both_QoS(Transport transport, ProtocolVersion version)
    {
        var publisher = await ConnectAsync(transport, version, "publisher");
        foreach (var granted in Enum.GetValues<QualityOfService>())
        {
            var subscriber = await ConnectAsync(transport, version, $"subscriber{(int)granted}");
            await subscriber.SubscribeAsync($"{Unique}/x", granted);
            foreach (var published in Enum.GetValues<QualityOfService>())
            {
                await publisher.PublishAsync($"{Unique}/x", "hello", published);
                var publish = await subscriber.ReceiveAsync("hello");
                publish.QoS.ShouldBe((QualityOfService)Math.Min((int)granted, (int)published));
                publish.TopicText().ShouldBe($"{Unique}/x");
            }
        }
    }

    [Theory, Versions]
    public async Task The_identifiers_of_both_directions_have_nothing_to_do_with_each_other(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        await client.SubscribeAsync($"{Unique}/x", QoS1);
        await client.SendAsync(ScriptedClient.Message($"{Unique}/x", "echo", QoS1, 1));
        IControlPacket[] packets = [await client.ExpectAnyAsync(), await client.ExpectAnyAsync()];
        packets.OfType<PubAck>().Single().PacketIdentifier.ShouldBe((ushort)1);
        packets.OfType<Publish>().Single().PacketIdentifier.ShouldBe((ushort)1);
        await client.SendAsync(ScriptedClient.Message("elsewhere", "", QoS1, 1));
        (await client.ExpectAsync<PubAck>()).PacketIdentifier.ShouldBe((ushort)1);
        await client.SendAsync(new PubAck(1));
        await client.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-4.4.0-2", "MQTT-4.3.2-3")]
    public async Task An_error_in_PUBACK_ends_the_delivery_as_well(Transport transport, ProtocolVersion version)
    {
        if (version != ProtocolVersion.V5) return; // there are no errors before
        var client = await ConnectAsync(transport, version, Lasting(version));
        await client.SubscribeAsync($"{Unique}/x");
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/x", "refused", QoS1);
        await client.SendAsync(new PubAck((await client.ExpectAsync<Publish>()).PacketIdentifier, ReasonCode.UnspecifiedError));
        await client.FenceAsync();
        var returned = await ConnectAsync(transport, version, Lasting(version));
        await returned.FenceAsync();
    }

    [Theory, Versions]
    public async Task A_PUBACK_that_belongs_to_nothing_is_ignored(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        await client.SendAsync(new PubAck(77), new PubComp(78));
        await client.FenceAsync();
    }

    [Theory, Transports]
    public async Task Without_subscribers_PUBACK_says_success_or_that_nobody_was_there(Transport transport)
    {
        var client = await ConnectAsync(transport);
        await client.SendAsync(ScriptedClient.Message($"{Unique}/nobody", "", QoS1, 1));
        (await client.ExpectAsync<PubAck>()).Reason.ShouldBeOneOf(ReasonCode.Success, ReasonCode.NoMatchingSubscribers);
    }
}

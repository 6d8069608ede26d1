using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Publishing;

/// <summary>Receive Maximum in both directions.</summary>
public sealed class FlowControlTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    private async Task PublishAsync(Transport transport, int count, QualityOfService qos)
    {
        var publisher = await ConnectAsync(transport, name: "publisher");
        for (int i = 0; i < count; i++) await publisher.PublishAsync($"{Unique}/x", $"{i}", qos);
    }

    [Theory, Transports, Spec("MQTT-3.3.4-9", "MQTT-4.9.0-1", "MQTT-4.9.0-2")]
    public async Task No_more_than_the_clients_maximum_is_unacknowledged(Transport transport)
    {
        var client = await ConnectAsync(transport, Prop(PropertyId.ReceiveMaximum, 2));
        await client.SubscribeAsync($"{Unique}/x");
        await PublishAsync(transport, 4, QualityOfService.AtLeastOnce);
        var first = await client.ExpectAsync<Publish>();
        var second = await client.ExpectAsync<Publish>();
        await client.FenceAsync();
        await client.SendAsync(new PubAck(second.PacketIdentifier));
        (await client.ExpectAsync<Publish>()).PayloadText().ShouldBe("2");
        await client.FenceAsync();
        await client.SendAsync(new PubAck(first.PacketIdentifier));
        (await client.ExpectAsync<Publish>()).PayloadText().ShouldBe("3");
    }

    [Theory, Transports, Spec("MQTT-3.3.4-9", "MQTT-4.4.0-2", "MQTT-4.3.3-4")]
    public async Task QoS_2_takes_its_place_until_PUBCOMP_or_an_error_in_PUBREC(Transport transport)
    {
        var client = await ConnectAsync(transport, Prop(PropertyId.ReceiveMaximum, 1));
        await client.SubscribeAsync($"{Unique}/x");
        await PublishAsync(transport, 3, QualityOfService.ExactlyOnce);
        var first = await client.ExpectAsync<Publish>();
        await client.SendAsync(new PubRec(first.PacketIdentifier));
        await client.ExpectAsync<PubRel>();
        await client.FenceAsync();
        await client.SendAsync(new PubComp(first.PacketIdentifier));
        var second = await client.ExpectAsync<Publish>();
        second.PayloadText().ShouldBe("1");
        await client.SendAsync(new PubRec(second.PacketIdentifier, ReasonCode.QuotaExceeded));
        (await client.ReceiveAsync()).PayloadText().ShouldBe("2");
        await client.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-3.3.4-10", "MQTT-4.9.0-3")]
    public async Task A_full_window_holds_up_nothing_but_QoS_1_and_2(Transport transport)
    {
        var client = await ConnectAsync(transport, Prop(PropertyId.ReceiveMaximum, 1));
        await client.SubscribeAsync($"{Unique}/#");
        await PublishAsync(transport, 2, QualityOfService.AtLeastOnce);
        var first = await client.ExpectAsync<Publish>();
        var publisher = await ConnectAsync(transport, name: "other");
        await publisher.PublishAsync($"{Unique}/y", "zero", QualityOfService.AtMostOnce);
        await client.ReceiveAsync("zero");
        await client.SubscribeAsync($"{Unique}/other");
        await client.UnsubscribeAsync($"{Unique}/other");
        await client.SendAsync(ScriptedClient.Message("elsewhere", "", QualityOfService.ExactlyOnce, 9));
        await client.ExpectAsync<PubRec>();
        await client.SendAsync(new PubRel(9));
        await client.ExpectAsync<PubComp>();
        await client.AcknowledgeAsync(first);
        await client.ReceiveAsync("1");
    }

    [Theory, Transports, Spec("MQTT-3.3.4-9", "MQTT-4.9.0-1")]
    public async Task The_window_is_that_of_the_new_connection_and_what_is_sent_again_counts(Transport transport)
    {
        var wide = Lasting(ProtocolVersion.V5);
        var client = await ConnectAsync(transport, ProtocolVersion.V5, wide);
        await client.SubscribeAsync($"{Unique}/x");
        await PublishAsync(transport, 4, QualityOfService.AtLeastOnce);
        await client.ExpectManyAsync<Publish>(4);
        client.Cut();
        var narrow = wide with { Properties = new PropertiesBuilder().Add(PropertyId.SessionExpiryInterval, 3600).Add(PropertyId.ReceiveMaximum, 2).Build() };
        var returned = await ConnectAsync(transport, ProtocolVersion.V5, narrow);
        var first = await returned.ExpectAsync<Publish>();
        first.Duplicate.ShouldBeTrue();
        (await returned.ExpectAsync<Publish>()).PayloadText().ShouldBe("1");
        await returned.FenceAsync();
        await returned.AcknowledgeAsync(first);
        var third = await returned.ExpectAsync<Publish>();
        third.PayloadText().ShouldBe("2");
        third.Duplicate.ShouldBeTrue();
    }

    [Theory, Transports, Spec("MQTT-3.3.4-7", "MQTT-4.9.0-2")]
    public async Task Who_exceeds_the_brokers_maximum_is_disconnected(Transport transport)
    {
        var publisher = await OpenAsync(transport);
        uint most = (await publisher.ConnectAsync(Plain("publisher"))).Properties.Number(PropertyId.ReceiveMaximum)!.Value;
        for (ushort i = 1; i <= most; i++) await publisher.SendAsync(ScriptedClient.Message($"{Unique}/x", "", QualityOfService.ExactlyOnce, i));
        await publisher.ExpectManyAsync<PubRec>((int)most);
        await publisher.SendAsync(ScriptedClient.Message($"{Unique}/x", "", QualityOfService.ExactlyOnce, (ushort)(most + 1)));
        await publisher.ExpectDisconnectedAsync(ReasonCode.ReceiveMaximumExceeded);
    }

    [Theory, Transports, Spec("MQTT-3.3.4-7")]
    public async Task Who_stays_within_it_may_go_on_for_ever(Transport transport)
    {
        var publisher = await OpenAsync(transport);
        uint most = (await publisher.ConnectAsync(Plain("publisher"))).Properties.Number(PropertyId.ReceiveMaximum)!.Value;
        for (ushort i = 1; i <= most; i++) await publisher.SendAsync(ScriptedClient.Message($"{Unique}/x", "", QualityOfService.ExactlyOnce, i));
        await publisher.ExpectManyAsync<PubRec>((int)most);
        for (ushort i = 1; i <= 3 * most; i++)
        {
            await publisher.SendAsync(new PubRel(i));
            await publisher.ExpectAsync<PubComp>();
            await publisher.SendAsync(ScriptedClient.Message($"{Unique}/x", "", QualityOfService.ExactlyOnce, (ushort)(i + most)));
            await publisher.ExpectAsync<PubRec>();
        }
        for (int i = 0; i < 100; i++) await publisher.SendAsync(ScriptedClient.Message($"{Unique}/x", ""));
        await publisher.FenceAsync();
    }
}

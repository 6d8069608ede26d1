using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Publishing;

/// <summary>Message Expiry Interval, on a clock that the tests move.</summary>
public sealed class MessageExpiryTests(BrokerHostWithManualTime broker) : WireTests(broker), IClassFixture<BrokerHostWithManualTime>
{
    private static uint? Left(Publish publish) => publish.Properties.Number(PropertyId.MessageExpiryInterval);

    private async Task<ScriptedClient> LeaveAsync(Transport transport, QualityOfService qos = QualityOfService.ExactlyOnce)
    {
        var client = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await client.SubscribeAsync($"{Unique}/x", qos);
        await client.DisconnectAsync();
        return await ConnectAsync(transport, name: "publisher");
    }

    [Theory, Transports, Spec("MQTT-3.3.2-6")]
    public async Task A_message_that_did_not_wait_keeps_its_interval(Transport transport)
    {
        var client = await ConnectAsync(transport);
        await client.SubscribeAsync($"{Unique}/x");
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", "fresh", properties: Prop(PropertyId.MessageExpiryInterval, 100));
        Left(await client.ReceiveAsync("fresh")).ShouldBe(100u);
        await publisher.PublishAsync($"{Unique}/x", "no limit");
        Left(await client.ReceiveAsync("no limit")).ShouldBeNull();
    }

    [Theory, Transports, Spec("MQTT-3.3.2-5", "MQTT-3.3.2-6")]
    public async Task What_waits_longer_is_not_delivered_and_what_waits_less_has_less_left(Transport transport)
    {
        var publisher = await LeaveAsync(transport);
        foreach (uint expiry in new[] { 10u, 100u, 20u, 200u })
            await publisher.PublishAsync($"{Unique}/x", $"{expiry}", QualityOfService.AtLeastOnce, properties: Prop(PropertyId.MessageExpiryInterval, expiry));
        broker.Clock.Advance(TimeSpan.FromSeconds(50));
        var returned = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        Left(await returned.ReceiveAsync("100"))!.Value.ShouldBeInRange(49u, 51u);
        Left(await returned.ReceiveAsync("200"))!.Value.ShouldBeInRange(149u, 151u);
        await returned.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-3.3.2-5", "MQTT-3.3.2-6")]
    public async Task A_retained_message_expires_as_well(Transport transport)
    {
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", "kept", QualityOfService.AtLeastOnce, retain: true, Prop(PropertyId.MessageExpiryInterval, 60));
        broker.Clock.Advance(TimeSpan.FromSeconds(40));
        var client = await ConnectAsync(transport);
        await client.SubscribeAsync($"{Unique}/#");
        Left(await client.ReceiveAsync("kept"))!.Value.ShouldBeInRange(19u, 21u);
        broker.Clock.Advance(TimeSpan.FromSeconds(21));
        await client.SubscribeAsync($"{Unique}/#");
        await client.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-4.3.3-7", "MQTT-3.3.2-5")]
    public async Task A_QoS_2_message_that_was_sent_does_not_expire(Transport transport)
    {
        var publisher = await ConnectAsync(transport, name: "publisher");
        var client = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await client.SubscribeAsync($"{Unique}/x");
        await publisher.PublishAsync($"{Unique}/x", "once", QualityOfService.ExactlyOnce, properties: Prop(PropertyId.MessageExpiryInterval, 10));
        var sent = await client.ExpectAsync<Publish>();
        client.Cut();
        broker.Clock.Advance(TimeSpan.FromSeconds(60));
        var returned = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        var again = await returned.ExpectAsync<Publish>();
        again.PacketIdentifier.ShouldBe(sent.PacketIdentifier);
        again.Duplicate.ShouldBeTrue();
        await returned.AcknowledgeAsync(again);
        await returned.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-4.3.3-13")]
    public async Task The_handshake_of_a_message_goes_on_when_it_has_expired(Transport transport)
    {
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.SendAsync(ScriptedClient.Message($"{Unique}/x", "short", QualityOfService.ExactlyOnce, 1, properties: Prop(PropertyId.MessageExpiryInterval, 5)));
        await publisher.ExpectAsync<PubRec>();
        broker.Clock.Advance(TimeSpan.FromSeconds(60));
        await publisher.SendAsync(new PubRel(1));
        (await publisher.ExpectAsync<PubComp>()).ShouldBe(new PubComp(1));
    }

    [Theory, Transports, Spec("MQTT-3.3.2-5")]
    public async Task What_waits_for_a_full_window_expires_as_well(Transport transport)
    {
        var publisher = await ConnectAsync(transport, name: "publisher");
        var client = await ConnectAsync(transport, Prop(PropertyId.ReceiveMaximum, 1));
        await client.SubscribeAsync($"{Unique}/x");
        await publisher.PublishAsync($"{Unique}/x", "first", QualityOfService.AtLeastOnce);
        await publisher.PublishAsync($"{Unique}/x", "short", QualityOfService.AtLeastOnce, properties: Prop(PropertyId.MessageExpiryInterval, 5));
        await publisher.PublishAsync($"{Unique}/x", "long", QualityOfService.AtLeastOnce, properties: Prop(PropertyId.MessageExpiryInterval, 500));
        var first = await client.ExpectAsync<Publish>();
        broker.Clock.Advance(TimeSpan.FromSeconds(10));
        await client.AcknowledgeAsync(first);
        Left(await client.ReceiveAsync("long"))!.Value.ShouldBeInRange(489u, 491u);
        await client.FenceAsync();
    }
}

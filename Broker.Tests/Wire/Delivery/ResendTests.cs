using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Delivery;

/// <summary>What was not acknowledged is sent again when the session is resumed, and at no other time.</summary>
public sealed class ResendTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    private async Task<ScriptedClient> SubscribeAsync(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version, Lasting(version));
        await client.SubscribeAsync($"{Unique}/#");
        return client;
    }

    [Theory, Versions, Spec("MQTT-3.3.1-1", "MQTT-4.4.0-1", "MQTT-4.3.2-3", "MQTT-4.3.3-3"), Spec311("MQTT-3.3.1-1", "MQTT-4.4.0-1", "MQTT-4.3.2-1", "MQTT-4.3.3-1")]
    public async Task Unacknowledged_messages_are_sent_again_with_DUP_identifier_and_order(Transport transport, ProtocolVersion version)
    {
        var client = await SubscribeAsync(transport, version);
        var publisher = await ConnectAsync(transport, version, "publisher");
        for (int i = 0; i < 6; i++) await publisher.PublishAsync($"{Unique}/x", $"{i}", (QualityOfService)(1 + i % 2));
        var sent = await client.ExpectManyAsync<Publish>(6);
        await client.SendAsync(new PubAck(sent[2].PacketIdentifier));
        await client.FenceAsync();
        client.Cut();
        var returned = await ConnectAsync(transport, version, Lasting(version));
        foreach (int i in new[] { 0, 1, 3, 4, 5 })
        {
            var again = await returned.ExpectAsync<Publish>();
            PacketText.Of(again).ShouldBe(PacketText.Of(sent[i] with { Duplicate = true }));
        }
        await returned.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-4.3.3-6", "MQTT-4.3.3-5", "MQTT-4.4.0-1"), Spec311("MQTT-4.3.3-1", "MQTT-4.4.0-1")]
    public async Task After_PUBREC_it_is_PUBREL_that_is_sent_again(Transport transport, ProtocolVersion version)
    {
        var client = await SubscribeAsync(transport, version);
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/x", "once", QualityOfService.ExactlyOnce);
        var publish = await client.ExpectAsync<Publish>();
        await client.SendAsync(new PubRec(publish.PacketIdentifier));
        await client.ExpectAsync<PubRel>();
        client.Cut();
        for (int i = 0; i < 2; i++)
        {
            client = await ConnectAsync(transport, version, Lasting(version));
            (await client.ExpectAsync<PubRel>()).ShouldBe(new PubRel(publish.PacketIdentifier));
        }
        await client.SendAsync(new PubComp(publish.PacketIdentifier));
        await client.FenceAsync();
        client = await ConnectAsync(transport, version, Lasting(version));
        await client.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-4.4.0-1")]
    public async Task Nothing_is_sent_again_while_the_connection_lasts(Transport transport, ProtocolVersion version)
    {
        var client = await SubscribeAsync(transport, version);
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/x", "1", QualityOfService.AtLeastOnce);
        await publisher.PublishAsync($"{Unique}/x", "2", QualityOfService.ExactlyOnce);
        await client.ExpectManyAsync<Publish>(2);
        await client.SubscribeAsync($"{Unique}/#");
        await client.FenceAsync();
    }

    [Theory, Versions]
    public async Task Acknowledgements_of_the_old_connection_count_on_the_new_one(Transport transport, ProtocolVersion version)
    {
        var client = await SubscribeAsync(transport, version);
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/x", "1", QualityOfService.AtLeastOnce);
        await publisher.PublishAsync($"{Unique}/x", "2", QualityOfService.AtLeastOnce);
        var sent = await client.ExpectManyAsync<Publish>(2);
        client.Cut();
        var returned = await ConnectAsync(transport, version, Lasting(version));
        await returned.ExpectManyAsync<Publish>(2);
        await returned.SendAsync(new PubAck(sent[0].PacketIdentifier), new PubAck(sent[1].PacketIdentifier));
        await returned.FenceAsync();
        var last = await ConnectAsync(transport, version, Lasting(version));
        await last.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-2.2.1-4")]
    public async Task An_identifier_in_flight_is_not_given_to_another_message_after_a_return(Transport transport, ProtocolVersion version)
    {
        var client = await SubscribeAsync(transport, version);
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/x", "first", QualityOfService.AtLeastOnce);
        var first = await client.ExpectAsync<Publish>();
        await client.DisconnectAsync(); // and it has gone: what comes now is not sent on the old connection
        await publisher.PublishAsync($"{Unique}/x", "away", QualityOfService.AtLeastOnce);
        var returned = await ConnectAsync(transport, version, Lasting(version));
        (await returned.ExpectAsync<Publish>()).PacketIdentifier.ShouldBe(first.PacketIdentifier);
        var away = await returned.ExpectAsync<Publish>();
        away.PacketIdentifier.ShouldNotBe(first.PacketIdentifier);
        away.Duplicate.ShouldBeFalse();
        await publisher.PublishAsync($"{Unique}/x", "live", QualityOfService.AtLeastOnce);
        var live = await returned.ExpectAsync<Publish>();
        new[] { first.PacketIdentifier, away.PacketIdentifier, live.PacketIdentifier }.ShouldBeUnique();
    }

    [Theory, Transports, Spec("MQTT-3.10.4-3"), Spec311("MQTT-3.10.4-3")]
    public async Task What_was_on_its_way_is_finished_after_UNSUBSCRIBE_also_over_a_return(Transport transport)
    {
        foreach (var version in Enum.GetValues<ProtocolVersion>())
        {
            var client = await ConnectAsync(transport, version, Lasting(version, $"client{version}"));
            await client.SubscribeAsync($"{Unique}/x");
            var publisher = await ConnectAsync(transport, version, "publisher");
            await publisher.PublishAsync($"{Unique}/x", "1", QualityOfService.AtLeastOnce);
            await publisher.PublishAsync($"{Unique}/x", "2", QualityOfService.ExactlyOnce);
            await client.ExpectManyAsync<Publish>(2);
            await client.UnsubscribeAsync($"{Unique}/x");
            await publisher.PublishAsync($"{Unique}/x", "3", QualityOfService.AtLeastOnce);
            client.Cut();
            var returned = await ConnectAsync(transport, version, Lasting(version, $"client{version}"));
            (await returned.ReceiveAsync("1")).Duplicate.ShouldBeTrue();
            (await returned.ReceiveAsync("2")).Duplicate.ShouldBeTrue();
            await returned.FenceAsync();
        }
    }
}

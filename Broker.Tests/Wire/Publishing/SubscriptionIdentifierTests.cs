using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Publishing;

/// <summary>Subscription Identifiers and overlapping subscriptions.</summary>
public sealed class SubscriptionIdentifierTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    private static Properties Identifier(uint identifier) => Prop(PropertyId.SubscriptionIdentifier, identifier);

    private static uint[] Identifiers(Publish publish) => [.. publish.Properties.Numbers(PropertyId.SubscriptionIdentifier).Order()];

    [Theory, Transports, Spec("MQTT-3.3.4-3", "MQTT-3.3.4-4")]
    public async Task A_message_carries_the_identifier_of_the_subscription_that_it_matched(Transport transport)
    {
        var client = await ConnectAsync(transport);
        await client.SubscribeAsync($"{Unique}/a", new SubscriptionOptions(QualityOfService.AtLeastOnce), Identifier(1));
        await client.SubscribeAsync($"{Unique}/b", new SubscriptionOptions(QualityOfService.AtLeastOnce), Identifier(268_435_455));
        await client.SubscribeAsync($"{Unique}/c", new SubscriptionOptions(QualityOfService.AtLeastOnce));
        var publisher = await ConnectAsync(transport, name: "publisher");
        foreach (string topic in new[] { "a", "b", "c" }) await publisher.PublishAsync($"{Unique}/{topic}", topic);
        Identifiers(await client.ReceiveAsync("a")).ShouldBe([1u]);
        Identifiers(await client.ReceiveAsync("b")).ShouldBe([268_435_455u]);
        Identifiers(await client.ReceiveAsync("c")).ShouldBeEmpty();
    }

    [Theory, Transports, Spec("MQTT-3.3.4-2", "MQTT-3.3.4-3", "MQTT-3.3.4-4", "MQTT-3.3.4-5")]
    public async Task One_copy_of_a_message_carries_the_identifiers_of_all_that_match_at_the_highest_QoS(Transport transport)
    {
        var client = await ConnectAsync(transport);
        await client.SubscribeAsync($"{Unique}/a", new SubscriptionOptions(QualityOfService.AtMostOnce), Identifier(1));
        await client.SubscribeAsync($"{Unique}/+", new SubscriptionOptions(QualityOfService.ExactlyOnce), Identifier(2));
        await client.SubscribeAsync($"{Unique}/#", new SubscriptionOptions(QualityOfService.AtLeastOnce));
        await client.SubscribeAsync($"{Unique}/+/#", new SubscriptionOptions(QualityOfService.AtLeastOnce), Identifier(2));
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/a", "x", QualityOfService.ExactlyOnce);
        var publish = await client.ReceiveAsync("x");
        publish.QoS.ShouldBe(QualityOfService.ExactlyOnce);
        Identifiers(publish).ShouldBe([1u, 2u, 2u]);
        await client.FenceAsync();
    }

    [Theory, EarlierVersions, Spec311("MQTT-3.3.5-1")]
    public async Task Overlapping_subscriptions_bring_one_copy_at_the_highest_QoS(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        await client.SubscribeAsync($"{Unique}/a", QualityOfService.AtMostOnce);
        await client.SubscribeAsync($"{Unique}/+", QualityOfService.ExactlyOnce);
        await client.SubscribeAsync($"{Unique}/#", QualityOfService.AtLeastOnce);
        var publisher = await ConnectAsync(transport, version, "publisher");
        foreach (var qos in Enum.GetValues<QualityOfService>())
        {
            await publisher.PublishAsync($"{Unique}/a", "x", qos);
            (await client.ReceiveAsync("x")).QoS.ShouldBe(qos);
            await client.FenceAsync();
        }
    }

    [Theory, Transports]
    public async Task Subscribing_again_without_an_identifier_takes_it_away_and_with_another_replaces_it(Transport transport)
    {
        var client = await ConnectAsync(transport);
        var publisher = await ConnectAsync(transport, name: "publisher");
        await client.SubscribeAsync($"{Unique}/a", new SubscriptionOptions(QualityOfService.AtLeastOnce), Identifier(1));
        await client.SubscribeAsync($"{Unique}/a", new SubscriptionOptions(QualityOfService.AtLeastOnce), Identifier(7));
        await publisher.PublishAsync($"{Unique}/a", "replaced");
        Identifiers(await client.ReceiveAsync("replaced")).ShouldBe([7u]);
        await client.SubscribeAsync($"{Unique}/a", new SubscriptionOptions(QualityOfService.AtLeastOnce));
        await publisher.PublishAsync($"{Unique}/a", "removed");
        Identifiers(await client.ReceiveAsync("removed")).ShouldBeEmpty();
    }

    [Theory, Transports, Spec("MQTT-3.3.4-3")]
    public async Task An_identifier_stands_for_every_filter_of_its_SUBSCRIBE_and_stays_with_the_session(Transport transport)
    {
        var client = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await client.SendAsync(new Subscribe(1, [new($"{Unique}/a", new(QualityOfService.AtLeastOnce)), new($"{Unique}/b", new(QualityOfService.AtLeastOnce))]) { Properties = Identifier(5) });
        await client.ExpectAsync<SubAck>();
        await client.DisconnectAsync();
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/a", "a", QualityOfService.AtLeastOnce);
        await publisher.PublishAsync($"{Unique}/b", "b", QualityOfService.AtLeastOnce);
        var returned = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        Identifiers(await returned.ReceiveAsync("a")).ShouldBe([5u]);
        Identifiers(await returned.ReceiveAsync("b")).ShouldBe([5u]);
        await publisher.PublishAsync($"{Unique}/b", "live", QualityOfService.AtLeastOnce);
        Identifiers(await returned.ReceiveAsync("live")).ShouldBe([5u]);
    }

    [Theory, Transports, Spec("MQTT-3.3.4-3")]
    public async Task A_retained_message_carries_the_identifier_of_the_subscription_that_brings_it(Transport transport)
    {
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/a", "kept", retain: true);
        var client = await ConnectAsync(transport);
        await client.SubscribeAsync($"{Unique}/#", new SubscriptionOptions(QualityOfService.AtLeastOnce), Identifier(3));
        Identifiers(await client.ReceiveAsync("kept")).ShouldBe([3u]);
    }
}

using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Publishing;

/// <summary>Topic aliases in both directions.</summary>
public sealed class TopicAliasTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    private static Properties Alias(uint alias) => Prop(PropertyId.TopicAlias, alias);

    private static Publish Aliased(string topic, string payload, uint alias, QualityOfService qos = QualityOfService.AtMostOnce, ushort identifier = 0, bool retain = false) =>
        ScriptedClient.Message(topic, payload, qos, identifier, retain, Alias(alias));

    private async Task<ScriptedClient> SubscribeAsync(Transport transport)
    {
        var client = await ConnectAsync(transport);
        await client.SubscribeAsync($"{Unique}/#");
        return client;
    }

    [Theory, Transports, Spec("MQTT-3.3.2-12", "MQTT-3.1.2-27")]
    public async Task Every_alias_that_was_announced_stands_for_its_topic_and_is_not_passed_on(Transport transport)
    {
        var client = await SubscribeAsync(transport);
        var publisher = await OpenAsync(transport);
        uint most = (await publisher.ConnectAsync(Plain("publisher"))).Properties.Number(PropertyId.TopicAliasMaximum)!.Value;
        for (uint alias = 1; alias <= most; alias++) await publisher.SendAsync(Aliased($"{Unique}/{alias}", "set", alias));
        for (uint alias = most; alias >= 1; alias--) await publisher.SendAsync(Aliased("", "used", alias));
        for (uint alias = 1; alias <= most; alias++) (await client.ReceiveAsync("set")).TopicText().ShouldBe($"{Unique}/{alias}");
        for (uint alias = most; alias >= 1; alias--)
        {
            var publish = await client.ReceiveAsync("used");
            publish.TopicText().ShouldBe($"{Unique}/{alias}");
            publish.Properties.Number(PropertyId.TopicAlias).ShouldBeNull();
        }
    }

    [Theory, Transports]
    public async Task A_topic_with_a_known_alias_gives_the_alias_a_new_meaning(Transport transport)
    {
        var client = await SubscribeAsync(transport);
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.SendAsync(Aliased($"{Unique}/a", "1", 1), Aliased($"{Unique}/b", "2", 1), Aliased("", "3", 1));
        (await client.ReceiveAsync("1")).TopicText().ShouldBe($"{Unique}/a");
        (await client.ReceiveAsync("2")).TopicText().ShouldBe($"{Unique}/b");
        (await client.ReceiveAsync("3")).TopicText().ShouldBe($"{Unique}/b");
    }

    [Theory, Transports, Spec("MQTT-3.3.2-9", "MQTT-3.2.2-17")]
    public async Task An_alias_above_the_maximum_is_invalid(Transport transport)
    {
        foreach (uint alias in new[] { 33u, 65_535u })
        {
            var publisher = await ConnectAsync(transport, name: "publisher");
            await publisher.SendAsync(Aliased($"{Unique}/a", "1", alias));
            await publisher.ExpectDisconnectedAsync(ReasonCode.TopicAliasInvalid);
        }
    }

    [Theory, Transports, Spec("MQTT-3.3.2-7")]
    public async Task An_alias_ends_with_its_connection(Transport transport)
    {
        var publisher = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, "publisher"));
        await publisher.SendAsync(Aliased($"{Unique}/a", "1", 1));
        await publisher.DisconnectAsync();
        var again = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, "publisher"));
        await again.SendAsync(Aliased("", "2", 1));
        await again.ExpectDisconnectedAsync(ReasonCode.ProtocolError);
    }

    [Theory, Transports, Spec("MQTT-3.3.2-7")]
    public async Task A_message_is_kept_with_its_topic_and_not_with_its_alias(Transport transport)
    {
        var away = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, "away"));
        await away.SubscribeAsync($"{Unique}/#");
        await away.DisconnectAsync();
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.SendAsync(Aliased($"{Unique}/a", "1", 1, QualityOfService.AtLeastOnce, 1));
        await publisher.SendAsync(Aliased("", "2", 1, QualityOfService.ExactlyOnce, 2, retain: true));
        await publisher.ExpectAsync<PubAck>();
        await publisher.ExpectAsync<PubRec>();
        var returned = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, "away"));
        (await returned.ReceiveAsync("1")).TopicText().ShouldBe($"{Unique}/a");
        (await returned.ReceiveAsync("2")).TopicText().ShouldBe($"{Unique}/a");
        var late = await SubscribeAsync(transport);
        (await late.ReceiveAsync("2")).TopicText().ShouldBe($"{Unique}/a");
    }

    [Theory, Transports, Spec("MQTT-3.1.2-27", "MQTT-3.3.2-11")]
    public async Task A_client_that_wants_no_aliases_gets_none(Transport transport)
    {
        var client = await SubscribeAsync(transport);
        var publisher = await ConnectAsync(transport, name: "publisher");
        for (int i = 0; i < 5; i++)
        {
            await publisher.PublishAsync($"{Unique}/a", $"{i}");
            var publish = await client.ReceiveAsync($"{i}");
            publish.Properties.Number(PropertyId.TopicAlias).ShouldBeNull();
            publish.TopicText().ShouldBe($"{Unique}/a");
        }
    }

    [Theory, Transports, Spec("MQTT-3.1.2-26", "MQTT-3.3.2-11")]
    public async Task A_client_that_allows_aliases_gets_none_above_its_maximum_and_can_always_tell_the_topic(Transport transport)
    {
        var client = await ConnectAsync(transport, Prop(PropertyId.TopicAliasMaximum, 2));
        await client.SubscribeAsync($"{Unique}/#");
        var publisher = await ConnectAsync(transport, name: "publisher");
        var aliases = new Dictionary<uint, string>();
        for (int i = 0; i < 30; i++)
        {
            string topic = $"{Unique}/{i % 5}";
            await publisher.PublishAsync(topic, $"{i}");
            var publish = await client.ReceiveAsync($"{i}");
            string told = publish.TopicText();
            if (publish.Properties.Number(PropertyId.TopicAlias) is { } alias)
            {
                alias.ShouldBeInRange(1u, 2u);
                if (told.Length == 0) told = aliases[alias];
                else aliases[alias] = told;
            }
            told.ShouldBe(topic);
        }
    }
}

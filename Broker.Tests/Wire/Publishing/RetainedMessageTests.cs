using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Publishing;

/// <summary>Retained messages: set, replace, clear, and what subscribers see of RETAIN.</summary>
public sealed class RetainedMessageTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    [Theory, Versions, Spec("MQTT-3.3.1-5", "MQTT-3.3.1-9"), Spec311("MQTT-3.3.1-5", "MQTT-3.3.1-6", "MQTT-3.3.1-8")]
    public async Task A_retained_message_is_sent_to_whoever_subscribes_later(Transport transport, ProtocolVersion version)
    {
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/x", "kept", QualityOfService.AtLeastOnce, retain: true);
        var client = await ConnectAsync(transport, version);
        await client.SubscribeAsync($"{Unique}/x");
        var publish = await client.ReceiveAsync("kept");
        publish.Retain.ShouldBeTrue();
        publish.Duplicate.ShouldBeFalse();
        publish.QoS.ShouldBe(QualityOfService.AtLeastOnce);
        await client.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-3.3.1-5"), Spec311("MQTT-3.3.1-5", "MQTT-3.3.1-7")]
    public async Task The_last_one_counts_whatever_its_QoS(Transport transport, ProtocolVersion version)
    {
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/x", "first", QualityOfService.ExactlyOnce, retain: true);
        await publisher.PublishAsync($"{Unique}/x", "second", QualityOfService.AtLeastOnce, retain: true);
        await publisher.PublishAsync($"{Unique}/x", "third", QualityOfService.AtMostOnce, retain: true);
        var client = await ConnectAsync(transport, version);
        await client.SubscribeAsync($"{Unique}/x");
        (await client.ReceiveAsync("third")).QoS.ShouldBe(QualityOfService.AtMostOnce);
        await client.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-3.3.1-6", "MQTT-3.3.1-7"), Spec311("MQTT-3.3.1-10", "MQTT-3.3.1-11")]
    public async Task An_empty_one_clears_the_topic_and_is_still_forwarded(Transport transport, ProtocolVersion version)
    {
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/x", "kept", QualityOfService.AtLeastOnce, retain: true);
        var client = await ConnectAsync(transport, version);
        await client.SubscribeAsync($"{Unique}/x");
        await client.ReceiveAsync("kept");
        await publisher.PublishAsync($"{Unique}/x", "", QualityOfService.AtLeastOnce, retain: true);
        (await client.ReceiveAsync("")).Retain.ShouldBeFalse();
        var late = await ConnectAsync(transport, version, "late");
        await late.SubscribeAsync($"{Unique}/x");
        await late.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-3.3.1-8"), Spec311("MQTT-3.3.1-12")]
    public async Task A_message_that_is_not_retained_leaves_the_retained_one_alone(Transport transport, ProtocolVersion version)
    {
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/x", "kept", QualityOfService.AtLeastOnce, retain: true);
        await publisher.PublishAsync($"{Unique}/x", "passing", QualityOfService.AtLeastOnce);
        await publisher.PublishAsync($"{Unique}/x", "", QualityOfService.AtLeastOnce);
        await publisher.PublishAsync($"{Unique}/y", "passing", QualityOfService.AtLeastOnce);
        var client = await ConnectAsync(transport, version);
        await client.SubscribeAsync($"{Unique}/#");
        await client.ReceiveAsync("kept");
        await client.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-3.3.1-12"), Spec311("MQTT-3.3.1-9")]
    public async Task RETAIN_is_cleared_on_the_way_to_an_established_subscription(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        await client.SubscribeAsync($"{Unique}/x");
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/x", "kept", QualityOfService.AtLeastOnce, retain: true);
        (await client.ReceiveAsync("kept")).Retain.ShouldBeFalse();
    }

    [Theory, Transports, Spec("MQTT-3.3.1-13", "MQTT-3.3.1-12")]
    public async Task Retain_As_Published_leaves_RETAIN_as_it_was_and_concerns_live_messages_only(Transport transport)
    {
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", "before", QualityOfService.AtLeastOnce, retain: true);
        var client = await ConnectAsync(transport);
        await client.SubscribeAsync($"{Unique}/x", new SubscriptionOptions(QualityOfService.AtLeastOnce, RetainAsPublished: true));
        (await client.ReceiveAsync("before")).Retain.ShouldBeTrue();
        await publisher.PublishAsync($"{Unique}/x", "retained", QualityOfService.AtLeastOnce, retain: true);
        (await client.ReceiveAsync("retained")).Retain.ShouldBeTrue();
        await publisher.PublishAsync($"{Unique}/x", "passing", QualityOfService.AtLeastOnce);
        (await client.ReceiveAsync("passing")).Retain.ShouldBeFalse();
        var plain = await ConnectAsync(transport, name: "plain");
        await plain.SubscribeAsync($"{Unique}/x", new SubscriptionOptions(QualityOfService.AtLeastOnce));
        (await plain.ReceiveAsync("retained")).Retain.ShouldBeTrue();
    }

    [Theory, Transports, Spec("MQTT-3.3.1-13")]
    public async Task Retain_As_Published_holds_for_messages_that_waited(Transport transport)
    {
        var client = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await client.SubscribeAsync($"{Unique}/x", new SubscriptionOptions(QualityOfService.AtLeastOnce, RetainAsPublished: true));
        await client.DisconnectAsync();
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", "retained", QualityOfService.AtLeastOnce, retain: true);
        var returned = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        (await returned.ReceiveAsync("retained")).Retain.ShouldBeTrue();
    }

    [Theory, Versions, Spec("MQTT-3.8.4-8"), Spec311("MQTT-3.8.4-6")]
    public async Task Retained_messages_are_sent_with_the_lower_QoS(Transport transport, ProtocolVersion version)
    {
        var publisher = await ConnectAsync(transport, version, "publisher");
        foreach (var qos in Enum.GetValues<QualityOfService>()) await publisher.PublishAsync($"{Unique}/{(int)qos}", $"{(int)qos}", qos, retain: true);
        foreach (var granted in Enum.GetValues<QualityOfService>())
        {
            var client = await ConnectAsync(transport, version, $"client{(int)granted}");
            await client.SubscribeAsync($"{Unique}/+", granted);
            for (int i = 0; i < 3; i++)
            {
                var publish = await client.ReceiveAsync();
                publish.QoS.ShouldBe((QualityOfService)Math.Min((int)granted, int.Parse(publish.PayloadText(), System.Globalization.CultureInfo.InvariantCulture)));
            }
            await client.FenceAsync();
        }
    }

    [Theory, Versions, Spec("MQTT-3.3.1-9"), Spec311("MQTT-3.3.1-6")]
    public async Task A_wildcard_finds_all_that_match_and_no_others(Transport transport, ProtocolVersion version)
    {
        var publisher = await ConnectAsync(transport, version, "publisher");
        foreach (string topic in new[] { "", "/a", "/a/b", "/b", "/a/b/c", "/", "//" }) await publisher.PublishAsync(Unique + topic, Unique + topic, retain: true);
        await Expects($"{Unique}/#", "", "/a", "/a/b", "/b", "/a/b/c", "/", "//");
        await Expects($"{Unique}/+", "/a", "/b", "/");
        await Expects($"{Unique}/+/b", "/a/b");
        await Expects($"{Unique}/+/+", "/a/b", "//");
        await Expects($"{Unique}/a/#", "/a", "/a/b", "/a/b/c");
        await Expects($"{Unique}/c/#");

        async Task Expects(string filter, params string[] topics)
        {
            var client = await ConnectAsync(transport, version);
            await client.SubscribeAsync(filter);
            var found = await client.ExpectManyAsync<Publish>(topics.Length);
            found.Select(publish => publish.TopicText()).Order(StringComparer.Ordinal).ShouldBe(topics.Select(topic => Unique + topic).Order(StringComparer.Ordinal), filter);
            await client.FenceAsync();
        }
    }

    [Theory, Versions]
    public async Task A_retained_message_waits_for_a_session_that_is_away_like_any_other(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version, Lasting(version));
        await client.SubscribeAsync($"{Unique}/x");
        await client.DisconnectAsync();
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/x", "retained", QualityOfService.AtLeastOnce, retain: true);
        var returned = await ConnectAsync(transport, version, Lasting(version));
        (await returned.ReceiveAsync("retained")).Retain.ShouldBeFalse("the subscription was there");
        await returned.FenceAsync();
    }
}

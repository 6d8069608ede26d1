using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Subscribing;

/// <summary>A broker that offers as little as the standard allows.</summary>
public sealed class LeastBroker() : BrokerHost(("Mqtt:Limits:MaximumQoS", "1"), ("Mqtt:Limits:RetainAvailable", "false"), ("Mqtt:Limits:WildcardSubscriptionAvailable", "false"),
    ("Mqtt:Limits:SubscriptionIdentifierAvailable", "false"), ("Mqtt:Limits:SharedSubscriptionAvailable", "false"), ("Mqtt:Limits:TopicAliasMaximum", "0"), ("Mqtt:Limits:ReceiveMaximum", "4"));

/// <summary>What a broker does not offer, it announces and refuses.</summary>
public sealed class CapabilityTests(LeastBroker broker) : WireTests(broker), IClassFixture<LeastBroker>
{
    [Theory, Transports, Spec("MQTT-3.2.2-9")]
    public async Task Everything_that_is_not_offered_is_announced(Transport transport)
    {
        var client = await OpenAsync(transport);
        var properties = (await client.ConnectAsync(Plain())).Properties;
        properties.Number(PropertyId.MaximumQoS).ShouldBe(1u);
        properties.Number(PropertyId.RetainAvailable).ShouldBe(0u);
        properties.Number(PropertyId.WildcardSubscriptionAvailable).ShouldBe(0u);
        properties.Number(PropertyId.SubscriptionIdentifierAvailable).ShouldBe(0u);
        properties.Number(PropertyId.SharedSubscriptionAvailable).ShouldBe(0u);
        properties.Number(PropertyId.ReceiveMaximum).ShouldBe(4u);
        (properties.Number(PropertyId.TopicAliasMaximum) ?? 0).ShouldBe(0u);
    }

    [Theory, Versions, Spec("MQTT-3.2.2-10")]
    public async Task A_subscription_asks_for_any_QoS_and_is_granted_less(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        await client.SendAsync(new Subscribe(1, [new("a", new(QualityOfService.AtMostOnce)), new("b", new(QualityOfService.AtLeastOnce)), new("c", new(QualityOfService.ExactlyOnce))]));
        (await client.ExpectAsync<SubAck>()).Reasons.ShouldBe([ReasonCode.Success, ReasonCode.GrantedQoS1, ReasonCode.GrantedQoS1]);
    }

    [Theory, Transports, Spec("MQTT-3.2.2-11")]
    public async Task A_PUBLISH_above_the_maximum_QoS_ends_the_connection(Transport transport)
    {
        var client = await ConnectAsync(transport);
        await client.SendAsync(ScriptedClient.Message("t", "", QualityOfService.ExactlyOnce, 1));
        await client.ExpectDisconnectedAsync(ReasonCode.QoSNotSupported);
    }

    [Theory, Transports, Spec("MQTT-3.2.2-12")]
    public async Task A_will_above_the_maximum_QoS_is_refused(Transport transport)
    {
        var client = await OpenAsync(transport);
        (await client.RequestAsync(Plain() with { Will = new Will { Topic = "w", QoS = QualityOfService.ExactlyOnce } })).Reason.ShouldBe(ReasonCode.QoSNotSupported);
        await client.ExpectClosedAsync();
    }

    [Theory, Transports, Spec("MQTT-3.2.2-14")]
    public async Task A_retained_PUBLISH_ends_the_connection(Transport transport)
    {
        var client = await ConnectAsync(transport);
        await client.SendAsync(ScriptedClient.Message("t", "", retain: true));
        await client.ExpectDisconnectedAsync(ReasonCode.RetainNotSupported);
    }

    [Theory, Transports, Spec("MQTT-3.2.2-13")]
    public async Task A_retained_will_is_refused(Transport transport)
    {
        var client = await OpenAsync(transport);
        (await client.RequestAsync(Plain() with { Will = new Will { Topic = "w", Retain = true } })).Reason.ShouldBe(ReasonCode.RetainNotSupported);
        await client.ExpectClosedAsync();
    }

    [Theory, EarlierVersions, Spec311("MQTT-3.2.2-6")]
    public async Task Before_MQTT_5_no_return_code_says_so_and_the_connection_is_closed_without_CONNACK(Transport transport, ProtocolVersion version)
    {
        foreach (var will in new[] { new Will { Topic = "w", Retain = true }, new Will { Topic = "w", QoS = QualityOfService.ExactlyOnce } })
        {
            var client = await OpenAsync(transport, version);
            await client.SendAsync(Plain() with { Version = version, Will = will });
            await client.ExpectClosedAsync();
        }
    }

    [Theory, Transports, Spec("MQTT-3.2.2-18")]
    public async Task A_topic_alias_is_invalid(Transport transport)
    {
        var client = await ConnectAsync(transport);
        await client.SendAsync(ScriptedClient.Message("t", "", properties: Prop(PropertyId.TopicAlias, 1)));
        await client.ExpectDisconnectedAsync(ReasonCode.TopicAliasInvalid);
    }

    [Theory, Transports]
    public async Task Subscriptions_that_are_not_offered_are_refused_by_name(Transport transport)
    {
        await Refuses(new("a/+", default), default, ReasonCode.WildcardSubscriptionsNotSupported);
        await Refuses(new("#", default), default, ReasonCode.WildcardSubscriptionsNotSupported);
        await Refuses(new("$share/g/a", default), default, ReasonCode.SharedSubscriptionsNotSupported);
        await Refuses(new("a", default), Prop(PropertyId.SubscriptionIdentifier, 1), ReasonCode.SubscriptionIdentifiersNotSupported);

        async Task Refuses(SubscriptionRequest request, Properties properties, ReasonCode reason)
        {
            var client = await ConnectAsync(transport);
            await client.SendAsync(new Subscribe(1, [request]) { Properties = properties });
            var answer = await client.ExpectAnyAsync();
            (answer is SubAck subAck ? subAck.Reasons.Single() : answer.ShouldBeOfType<Disconnect>().Reason).ShouldBe(reason);
        }
    }

    [Theory, EarlierVersions, Spec311("MQTT-3.8.3-2")]
    public async Task Before_MQTT_5_wildcards_that_are_not_offered_fail(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        await client.SendAsync(new Subscribe(1, [new("a/+", default), new("a", default)]));
        (await client.ExpectAsync<SubAck>()).Reasons.ShouldBe([ReasonCode.UnspecifiedError, ReasonCode.Success]);
    }
}

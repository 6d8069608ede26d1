using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Subscribing;

/// <summary>SUBSCRIBE, UNSUBSCRIBE and their answers.</summary>
public sealed class SubscribeTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    private static readonly string[] InvalidFilters = ["", "a#", "#/a", "a/#/b", "a+", "+a", "a/+b", "a/b#"];

    [Theory, Versions, Spec("MQTT-3.8.4-1", "MQTT-3.8.4-2", "MQTT-2.2.1-6", "MQTT-3.8.4-5", "MQTT-3.8.4-6", "MQTT-3.8.4-7", "MQTT-3.9.3-1", "MQTT-3.9.3-2")]
    [Spec311("MQTT-3.8.4-1", "MQTT-3.8.4-2", "MQTT-2.3.1-7", "MQTT-3.8.4-4", "MQTT-3.8.4-5", "MQTT-3.9.3-1", "MQTT-3.9.3-2")]
    public async Task SUBACK_carries_one_code_for_each_filter_in_their_order(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        foreach (ushort identifier in new ushort[] { 1, 4711, 65_535 })
        {
            await client.SendAsync(new Subscribe(identifier,
            [
                new($"{Unique}/2", new(QualityOfService.ExactlyOnce)), new($"{Unique}/0", new(QualityOfService.AtMostOnce)),
                new($"{Unique}/1", new(QualityOfService.AtLeastOnce)), new($"{Unique}/2", new(QualityOfService.AtLeastOnce)),
            ]));
            var subAck = await client.ExpectAsync<SubAck>();
            subAck.PacketIdentifier.ShouldBe(identifier);
            subAck.Reasons.ShouldBe([ReasonCode.GrantedQoS2, ReasonCode.Success, ReasonCode.GrantedQoS1, ReasonCode.GrantedQoS1]);
        }
    }

    [Theory, Transports, Spec("MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.3-1", "MQTT-3.8.4-5", "MQTT-3.8.4-6", "MQTT-3.8.4-7", "MQTT-3.9.3-1", "MQTT-3.9.3-2")]
    public async Task A_filter_that_is_invalid_fails_alone(Transport transport)
    {
        var client = await ConnectAsync(transport);
        foreach (string invalid in InvalidFilters)
        {
            await client.SendAsync(new Subscribe(1, [new($"{Unique}/a", new(QualityOfService.AtLeastOnce)), new(invalid, default), new($"{Unique}/b", new(QualityOfService.ExactlyOnce))]));
            (await client.ExpectAsync<SubAck>()).Reasons.ShouldBe([ReasonCode.GrantedQoS1, ReasonCode.TopicFilterInvalid, ReasonCode.GrantedQoS2], $"'{invalid}'");
        }
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/b", "works");
        await client.ReceiveAsync("works");
    }

    [Theory, EarlierVersions, Spec311("MQTT-4.7.1-2", "MQTT-4.7.1-3", "MQTT-4.7.3-1", "MQTT-3.9.3-2", "MQTT-3.8.3-2")]
    public async Task Before_MQTT_5_a_filter_that_is_invalid_fails_alone_or_ends_the_connection(Transport transport, ProtocolVersion version)
    {
        foreach (string invalid in InvalidFilters)
        {
            var client = await OpenAsync(transport, version);
            await client.ConnectAsync(Plain());
            await client.SendAsync(new Subscribe(1, [new(invalid, default)]));
            // 3.1 has no code for failure; [3.1.1: MQTT-3.9.3-2] has 0x80.
            if (version == ProtocolVersion.V311) (await client.ExpectAsync<SubAck>()).Reasons.ShouldBe([ReasonCode.UnspecifiedError], $"'{invalid}'");
            else if (await RefusalAsync(client) is { } subAck) subAck.Reasons.ShouldBe([ReasonCode.UnspecifiedError]);
        }

        static async Task<SubAck?> RefusalAsync(ScriptedClient client)
        {
            try
            {
                return await client.ExpectAsync<SubAck>();
            }
            catch (ScriptException)
            {
                await client.ExpectClosedAsync();
                return null;
            }
        }
    }

    [Theory, Versions, Spec("MQTT-3.10.4-4", "MQTT-3.10.4-5", "MQTT-3.10.4-6", "MQTT-3.11.3-1", "MQTT-3.11.3-2", "MQTT-2.2.1-6"), Spec311("MQTT-3.10.4-4", "MQTT-3.10.4-5", "MQTT-3.10.4-6", "MQTT-2.3.1-7")]
    public async Task UNSUBACK_carries_one_code_for_each_filter_also_for_those_that_were_not_there(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        await client.SubscribeAsync($"{Unique}/a");
        await client.SubscribeAsync($"{Unique}/c");
        await client.SendAsync(new Unsubscribe(4711, [$"{Unique}/a", $"{Unique}/b", $"{Unique}/c", $"{Unique}/a"]));
        var unsubAck = await client.ExpectAsync<UnsubAck>();
        unsubAck.PacketIdentifier.ShouldBe((ushort)4711);
        if (version == ProtocolVersion.V5)
            unsubAck.Reasons.ShouldBe([ReasonCode.Success, ReasonCode.NoSubscriptionExisted, ReasonCode.Success, ReasonCode.NoSubscriptionExisted]);
        await client.SendAsync(new Unsubscribe(1, ["nothing"]));
        (await client.ExpectAsync<UnsubAck>()).PacketIdentifier.ShouldBe((ushort)1);
    }

    [Theory, Versions, Spec("MQTT-3.10.4-1", "MQTT-3.10.4-2"), Spec311("MQTT-3.10.4-1", "MQTT-3.10.4-2")]
    public async Task UNSUBSCRIBE_ends_the_subscription_with_just_that_filter(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        foreach (string filter in new[] { "a", "+", "A" }) await client.SubscribeAsync($"{Unique}/{filter}");
        await client.UnsubscribeAsync($"{Unique}/+");
        await client.SendAsync(new Unsubscribe(99, [$"{Unique}/#", $"{Unique}/a/", $"{Unique}/b"]));
        await client.ExpectAsync<UnsubAck>();
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/b", "gone", QualityOfService.AtLeastOnce);
        await publisher.PublishAsync($"{Unique}/a", "stays", QualityOfService.AtLeastOnce);
        await client.ReceiveAsync("stays");
        await client.UnsubscribeAsync($"{Unique}/a");
        await publisher.PublishAsync($"{Unique}/a", "gone", QualityOfService.AtLeastOnce);
        await publisher.PublishAsync($"{Unique}/A", "stays", QualityOfService.AtLeastOnce);
        await client.ReceiveAsync("stays");
        await client.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-3.10.4-3"), Spec311("MQTT-3.10.4-3")]
    public async Task UNSUBSCRIBE_lets_a_delivery_finish_that_has_begun(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        await client.SubscribeAsync($"{Unique}/a");
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/a", "begun", QualityOfService.ExactlyOnce);
        var publish = await client.ExpectAsync<Publish>();
        await client.UnsubscribeAsync($"{Unique}/a");
        await client.SendAsync(new PubRec(publish.PacketIdentifier));
        (await client.ExpectAsync<PubRel>()).ShouldBe(new PubRel(publish.PacketIdentifier));
        await client.SendAsync(new PubComp(publish.PacketIdentifier));
        await client.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-3.8.3-3")]
    public async Task No_Local_keeps_a_clients_own_messages_away_and_no_others(Transport transport)
    {
        var client = await ConnectAsync(transport);
        await client.SubscribeAsync($"{Unique}/x", new SubscriptionOptions(QualityOfService.AtLeastOnce, NoLocal: true));
        await client.PublishAsync($"{Unique}/x", "own", QualityOfService.AtLeastOnce);
        await client.FenceAsync();
        var other = await ConnectAsync(transport, name: "other");
        await other.PublishAsync($"{Unique}/x", "other", QualityOfService.AtLeastOnce);
        await client.ReceiveAsync("other");
        await client.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-3.8.3-3")]
    public async Task No_Local_goes_by_the_client_identifier_also_over_a_return(Transport transport)
    {
        var client = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await client.SubscribeAsync($"{Unique}/x", new SubscriptionOptions(QualityOfService.AtLeastOnce, NoLocal: true));
        var successor = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await successor.PublishAsync($"{Unique}/x", "own", QualityOfService.AtLeastOnce);
        await successor.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-3.8.3-3", "MQTT-3.3.4-2")]
    public async Task An_overlapping_subscription_without_No_Local_brings_own_messages_with_its_own_QoS(Transport transport)
    {
        var client = await ConnectAsync(transport);
        await client.SubscribeAsync($"{Unique}/x", new SubscriptionOptions(QualityOfService.ExactlyOnce, NoLocal: true), Prop(PropertyId.SubscriptionIdentifier, 1));
        await client.SubscribeAsync($"{Unique}/+", new SubscriptionOptions(QualityOfService.AtMostOnce), Prop(PropertyId.SubscriptionIdentifier, 2));
        await client.SendAsync(ScriptedClient.Message($"{Unique}/x", "own", QualityOfService.AtMostOnce));
        var publish = await client.ReceiveAsync("own");
        publish.Properties.Numbers(PropertyId.SubscriptionIdentifier).ShouldBe([2u]);
        await client.FenceAsync();
    }

    [Theory, Versions]
    public async Task A_client_gets_its_own_messages_unless_it_asks_not_to(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        await client.SubscribeAsync($"{Unique}/x", QualityOfService.AtMostOnce);
        await client.SendAsync(ScriptedClient.Message($"{Unique}/x", "own"));
        await client.ReceiveAsync("own");
    }

    [Theory, Transports, Spec("MQTT-2.2.1-3")]
    public async Task A_packet_identifier_can_be_used_again_once_it_is_answered(Transport transport)
    {
        var client = await ConnectAsync(transport);
        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync(new Subscribe(5, [new($"{Unique}/x", default)]), new Unsubscribe(5, [$"{Unique}/x"]), ScriptedClient.Message("y", "", QualityOfService.AtLeastOnce, 5));
            await client.ExpectAsync<SubAck>();
            await client.ExpectAsync<UnsubAck>();
            (await client.ExpectAsync<PubAck>()).Reason.IsError().ShouldBeFalse();
        }
    }

    [Theory, Versions]
    public async Task Subscriptions_of_3_1_may_be_sent_again_with_DUP(Transport transport, ProtocolVersion version)
    {
        if (version != ProtocolVersion.V31) return;
        var client = await ConnectAsync(transport, version);
        await client.SendRawAsync("8A 06 00 01 00 01 'a' 01  AA 05 00 02 00 01 'a'");
        (await client.ExpectAsync<SubAck>()).Reasons.ShouldBe([ReasonCode.GrantedQoS1]);
        await client.ExpectAsync<UnsubAck>();
    }
}

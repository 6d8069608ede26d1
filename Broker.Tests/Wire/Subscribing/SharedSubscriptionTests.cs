using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Subscribing;

/// <summary>Shared subscriptions.</summary>
public sealed class SharedSubscriptionTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    private string Shared(string group = "g", string filter = "x") => $"$share/{group}/{Unique}/{filter}";

    private async Task<ScriptedClient> MemberAsync(Transport transport, string name, QualityOfService qos = QualityOfService.ExactlyOnce, bool lasting = false)
    {
        var member = await ConnectAsync(transport, ProtocolVersion.V5, lasting ? Lasting(ProtocolVersion.V5, name) : Plain(name));
        await member.SubscribeAsync(Shared(), qos);
        return member;
    }

    /// <summary>Publishes numbered messages and takes from the members what each got; every message reaches one member.</summary>
    private async Task<int[]> SpreadAsync(Transport transport, int count, params ScriptedClient[] members)
    {
        var publisher = await ConnectAsync(transport, name: "spread");
        for (int i = 0; i < count; i++) await publisher.PublishAsync($"{Unique}/x", $"{i}", QualityOfService.AtLeastOnce);
        int[] counts = new int[members.Length];
        for (int i = 0; i < members.Length; i++)
        {
            await members[i].SendAsync(default(PingReq));
            while (await members[i].ExpectAnyAsync() is Publish publish)
            {
                counts[i]++;
                if (publish.QoS == QualityOfService.AtLeastOnce) await members[i].SendAsync(new PubAck(publish.PacketIdentifier));
            }
        }
        counts.Sum().ShouldBe(count);
        return counts;
    }

    [Theory, Transports]
    public async Task Each_message_goes_to_one_member_and_every_member_gets_some(Transport transport)
    {
        var counts = await SpreadAsync(transport, 60, await MemberAsync(transport, "one"), await MemberAsync(transport, "two"), await MemberAsync(transport, "three"));
        counts.ShouldAllBe(count => count > 0);
    }

    [Theory, Transports]
    public async Task Groups_and_plain_subscriptions_each_get_their_own_copy(Transport transport)
    {
        var one = await ConnectAsync(transport, name: "one");
        await one.SubscribeAsync(Shared("one"));
        var two = await ConnectAsync(transport, name: "two");
        await two.SubscribeAsync(Shared("two"));
        var other = await ConnectAsync(transport, name: "other");
        await other.SubscribeAsync(Shared("one", "+"));
        var plain = await ConnectAsync(transport, name: "plain");
        await plain.SubscribeAsync($"{Unique}/x");
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", "hello", QualityOfService.AtLeastOnce);
        foreach (var client in new[] { one, two, other, plain })
        {
            await client.ReceiveAsync("hello");
            await client.FenceAsync();
        }
    }

    [Theory, Transports]
    public async Task Subscribing_twice_does_not_double_the_share(Transport transport)
    {
        var one = await MemberAsync(transport, "one");
        for (int i = 0; i < 4; i++) await one.SubscribeAsync(Shared());
        var two = await MemberAsync(transport, "two");
        (await SpreadAsync(transport, 40, one, two)).Max().ShouldBeLessThan(30);
        await one.UnsubscribeAsync(Shared());
        (await SpreadAsync(transport, 10, one, two)).ShouldBe([0, 10]);
    }

    [Theory, Transports, Spec("MQTT-4.8.2-1", "MQTT-4.8.2-2")]
    public async Task Filters_that_are_no_shared_subscriptions_are_refused(Transport transport)
    {
        var client = await ConnectAsync(transport);
        foreach (string filter in new[] { "$share/g", "$share/g/", "$share//x", "$share/", "$share/a+b/x", "$share/g#/x", "$share/+/x", "$share/#", "$share/g/a#" })
        {
            await client.SendAsync(new Subscribe(1, [new(filter, default)]));
            (await client.ExpectAsync<SubAck>()).Reasons.ShouldBe([ReasonCode.TopicFilterInvalid], filter);
        }
    }

    [Theory, Transports, Spec("MQTT-3.8.3-4")]
    public async Task No_Local_on_a_shared_subscription_ends_the_connection(Transport transport)
    {
        var client = await ConnectAsync(transport);
        await client.SendAsync(new Subscribe(1, [new(Shared(), new(QualityOfService.AtLeastOnce, NoLocal: true))]));
        await client.ExpectDisconnectedAsync(ReasonCode.ProtocolError);
    }

    [Theory, Transports]
    public async Task No_retained_messages_come_at_subscribe(Transport transport)
    {
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", "kept", QualityOfService.AtLeastOnce, retain: true);
        var member = await MemberAsync(transport, "one");
        await member.FenceAsync();
    }

    [Theory, Transports]
    public async Task UNSUBSCRIBE_needs_the_whole_filter(Transport transport)
    {
        var member = await MemberAsync(transport, "one");
        await member.SendAsync(new Unsubscribe(1, [$"{Unique}/x", $"$share/h/{Unique}/x", Shared()]));
        (await member.ExpectAsync<UnsubAck>()).Reasons.ShouldBe([ReasonCode.NoSubscriptionExisted, ReasonCode.NoSubscriptionExisted, ReasonCode.Success]);
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", "nobody", QualityOfService.AtLeastOnce);
        await member.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-4.8.2-3", "MQTT-3.8.4-8")]
    public async Task Each_member_gets_messages_with_the_QoS_granted_to_it(Transport transport)
    {
        var publisher = await ConnectAsync(transport, name: "publisher");
        foreach (var qos in Enum.GetValues<QualityOfService>())
        {
            var member = await MemberAsync(transport, $"member{(int)qos}", qos);
            await publisher.PublishAsync($"{Unique}/x", "hello", QualityOfService.ExactlyOnce);
            (await member.ReceiveAsync("hello")).QoS.ShouldBe(qos);
            await member.DisconnectAsync();
            await ConnectAsync(transport, ProtocolVersion.V5, Plain($"member{(int)qos}"));
        }
    }

    [Theory, Transports]
    public async Task The_messages_of_a_member_that_leaves_go_to_the_others(Transport transport)
    {
        var one = await MemberAsync(transport, "one");
        var two = await MemberAsync(transport, "two");
        await one.DisconnectAsync();
        await ConnectAsync(transport, ProtocolVersion.V5, Plain("one")); // the broker has done with the old connection
        (await SpreadAsync(transport, 10, two)).ShouldBe([10]);
    }

    [Theory, Transports, Spec("MQTT-4.8.2-4")]
    public async Task A_QoS_2_delivery_that_was_interrupted_is_finished_with_the_same_member(Transport transport)
    {
        var one = await MemberAsync(transport, "one", lasting: true);
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", "once", QualityOfService.ExactlyOnce);
        var publish = await one.ExpectAsync<Publish>();
        var two = await MemberAsync(transport, "two");
        one.Cut();
        var returned = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, "one"));
        var again = await returned.ExpectAsync<Publish>();
        again.PacketIdentifier.ShouldBe(publish.PacketIdentifier);
        again.Duplicate.ShouldBeTrue();
        await returned.AcknowledgeAsync(again);
        await two.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-4.8.2-5")]
    public async Task A_QoS_2_delivery_whose_session_ends_goes_to_nobody_else(Transport transport)
    {
        var one = await MemberAsync(transport, "one", lasting: true);
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", "once", QualityOfService.ExactlyOnce);
        await one.ExpectAsync<Publish>();
        var two = await MemberAsync(transport, "two");
        var cleaned = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, "one", cleanStart: true));
        await cleaned.FenceAsync();
        await two.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-4.8.2-6")]
    public async Task A_message_that_a_member_refuses_goes_to_nobody_else(Transport transport)
    {
        var one = await MemberAsync(transport, "one");
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", "first", QualityOfService.AtLeastOnce);
        await publisher.PublishAsync($"{Unique}/x", "second", QualityOfService.ExactlyOnce);
        var sent = await one.ExpectManyAsync<Publish>(2);
        var two = await MemberAsync(transport, "two");
        await one.SendAsync(new PubAck(sent[0].PacketIdentifier, ReasonCode.UnspecifiedError), new PubRec(sent[1].PacketIdentifier, ReasonCode.NotAuthorized));
        await one.FenceAsync();
        await two.FenceAsync();
        await one.DisconnectAsync();
        await ConnectAsync(transport, ProtocolVersion.V5, Plain("one"));
        await two.FenceAsync();
    }

    [Theory, Transports]
    public async Task An_unacknowledged_QoS_1_message_of_a_member_that_leaves_goes_to_another(Transport transport)
    {
        var one = await MemberAsync(transport, "one");
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", "first", QualityOfService.AtLeastOnce);
        await publisher.PublishAsync($"{Unique}/x", "second", QualityOfService.AtLeastOnce);
        var sent = await one.ExpectManyAsync<Publish>(2);
        await one.AcknowledgeAsync(sent[0]);
        await one.FenceAsync();
        var two = await MemberAsync(transport, "two");
        await one.DisconnectAsync();
        await two.ReceiveAsync("second");
        await two.FenceAsync();
    }

    [Theory, Transports]
    public async Task While_all_members_are_away_the_group_keeps_messages_for_the_first_that_returns(Transport transport)
    {
        foreach (string name in new[] { "one", "two" }) await (await MemberAsync(transport, name, lasting: true)).DisconnectAsync();
        var publisher = await ConnectAsync(transport, name: "publisher");
        for (int i = 0; i < 6; i++) await publisher.PublishAsync($"{Unique}/x", $"{i}", QualityOfService.AtLeastOnce);
        var returned = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, "two"));
        var got = new HashSet<string>();
        for (int i = 0; i < 6; i++) got.Add((await returned.ReceiveAsync()).PayloadText());
        got.Count.ShouldBe(6);
        await returned.FenceAsync();
    }

    [Theory, Transports]
    public async Task A_filter_that_begins_with_a_dollar_sign_can_be_shared(Transport transport)
    {
        var member = await ConnectAsync(transport);
        await member.SubscribeAsync($"$share/{Unique}/$SYS/broker/uptime", QualityOfService.AtMostOnce);
        await member.FenceAsync();
    }

    [Theory, Transports]
    public async Task A_shared_subscription_carries_its_identifier(Transport transport)
    {
        var member = await ConnectAsync(transport);
        await member.SubscribeAsync(Shared(), new SubscriptionOptions(QualityOfService.AtLeastOnce), Prop(PropertyId.SubscriptionIdentifier, 9));
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", "hello", QualityOfService.AtLeastOnce);
        (await member.ReceiveAsync("hello")).Properties.Numbers(PropertyId.SubscriptionIdentifier).ShouldBe([9u]);
    }
}

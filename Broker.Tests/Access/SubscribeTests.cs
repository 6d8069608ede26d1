using Broker.Core.Access;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;

namespace Broker.Tests.Access;

/// <summary>Subscriptions that rules forbid, cut into or bound (MQTT 5, section 3.9.3).</summary>
public sealed class SubscribeTests : IDisposable
{
    private readonly AccessBench bench = new();

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData(5, ReasonCode.NotAuthorized)]
    [InlineData(4, ReasonCode.UnspecifiedError)]
    public async Task One_that_is_forbidden_is_refused_alone(int version, ReasonCode reason)
    {
        bench.Use("allow anyone subscribe a/#");
        var client = await bench.ConnectAsync("c", version: (ProtocolVersion)version, cleanStart: true);

        client.Subscribe(1, ("a/b", 1), ("b", 1), ("#", 0), ("$share/g/a/c", 2), ("$share/g/b", 2));
        (await client.ExpectAsync<SubAck>()).Reasons.ShouldBe([(ReasonCode)1, reason, reason, (ReasonCode)2, reason]);
        bench.Events.Of<AccessDenied>().Select(denied => $"{denied.Action} {denied.Topic}: {denied.Rule}")
            .ShouldBe(["subscribe to b: the default: deny", "subscribe to #: the default: deny", "subscribe to $share/g/b: the default: deny"]);
    }

    [Fact]
    public async Task One_that_a_rule_cuts_into_brings_only_what_is_allowed_live_and_retained()
    {
        var publisher = await bench.ConnectAsync("p");
        foreach (string topic in new[] { "a/secret/old", "a/old" }) await publisher.PublishAsync(topic, retain: true);
        bench.UseOpen("deny user anna subscribe a/secret/#");
        var anna = await bench.ConnectAsync("c", "anna");

        (await anna.SubscribeAsync("a/#", qos: 1)).ShouldBe((ReasonCode)1);
        await anna.ExpectMessageAsync("a/old");
        foreach (string topic in new[] { "a/secret", "a/secret/new", "a/new" }) await publisher.PublishAsync(topic);
        publisher.Publish("a/secret/once", "0").Publish("a/once", "0");

        foreach (string topic in new[] { "a/new", "a/once" }) await anna.ExpectMessageAsync(topic);
    }

    [Fact]
    public async Task A_member_of_a_share_group_that_may_not_get_a_message_leaves_it_to_the_others()
    {
        bench.UseOpen("deny user anna subscribe a/secret");
        var anna = await bench.ConnectAsync("c", "anna");
        var bert = await bench.ConnectAsync("d", "bert");
        await anna.SubscribeAsync("$share/g/a/#");
        await bert.SubscribeAsync("$share/g/a/#");
        var publisher = await bench.ConnectAsync("p");

        for (int i = 0; i < 6; i++) await publisher.PublishAsync("a/secret");
        for (int i = 0; i < 6; i++) await bert.ExpectMessageAsync("a/secret");
        await anna.PingAsync();
    }

    [Fact]
    public async Task No_more_than_the_qos_of_the_rule_is_granted()
    {
        bench.Broker.UseAccess(new AccessPolicy([new AccessRule { Filter = "a/#", Allows = true, MaximumQoS = QualityOfService.AtLeastOnce }], allowsByDefault: true));
        var client = await bench.ConnectAsync("c");

        client.Subscribe(1, ("a/b", 2), ("b", 2));
        (await client.ExpectAsync<SubAck>()).Reasons.ShouldBe([(ReasonCode)1, (ReasonCode)2]);
    }

    [Fact]
    public async Task An_operator_cannot_subscribe_for_a_client_to_what_it_may_not_get()
    {
        bench.UseOpen("deny client c subscribe a");
        await bench.ConnectAsync("c");

        (await bench.Broker.SubscribeAsync("c", "a", new SubscriptionOptions(0), 0, null)).ShouldBe(ReasonCode.NotAuthorized);
    }
}

using System.Text;
using Broker.Core.Access;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;

namespace Broker.Tests.Access;

/// <summary>Rules that change while clients are connected, or while their sessions wait for them.</summary>
public sealed class RevocationTests : IDisposable
{
    private readonly AccessBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task A_subscription_that_is_not_allowed_any_more_has_ended_when_the_change_returns()
    {
        var anna = await bench.ConnectAsync("c", "anna");
        await anna.SubscribeAsync("a/#");
        await anna.SubscribeAsync("b");

        bench.UseOpen("deny user anna subscribe a/#");

        bench.Broker.Sessions.ShouldHaveSingleItem().Subscriptions.ShouldBe(1);
        var publisher = await bench.ConnectAsync("p");
        await publisher.PublishAsync("a/b");
        await publisher.PublishAsync("b");
        await anna.ExpectMessageAsync("b");
        bench.Events.Of<SubscriptionRevoked>().ShouldHaveSingleItem().ShouldBe(new SubscriptionRevoked("c", "a/#", "rule 1: deny user anna to subscribe to a/#"));
    }

    [Fact]
    public async Task One_to_topics_of_the_broker_ends_with_the_rule_that_opened_them()
    {
        bench.UseOpen("allow user anna subscribe $SYS/#");
        var anna = await bench.ConnectAsync("c", "anna");
        await anna.SubscribeAsync("$SYS/none/#");

        bench.UseOpen();

        bench.Broker.Sessions.ShouldHaveSingleItem().Subscriptions.ShouldBe(0);
    }

    [Fact]
    public async Task A_rule_that_grants_less_QoS_binds_subscriptions_that_there_are_and_is_told()
    {
        var anna = await bench.ConnectAsync("c", "anna");
        await anna.SubscribeAsync("a", qos: 1);
        await anna.SubscribeAsync("b", qos: 1);

        bench.Broker.UseAccess(new AccessPolicy([AccessBench.Rule("allow user anna subscribe a", 0) with { MaximumQoS = QualityOfService.AtMostOnce }], allowsByDefault: true));

        var publisher = await bench.ConnectAsync("p");
        foreach (string topic in new[] { "a", "b" }) await publisher.PublishAsync(topic);
        (await anna.ExpectMessageAsync("a")).QoS.ShouldBe(QualityOfService.AtMostOnce);
        (await anna.ExpectMessageAsync("b")).QoS.ShouldBe(QualityOfService.AtLeastOnce);
        bench.Events.Of<SubscriptionLowered>().ShouldHaveSingleItem().ShouldBe(
            new SubscriptionLowered("c", "a", QualityOfService.AtMostOnce, "rule 1: allow user anna to subscribe to a, at most QoS 0"));
    }

    [Fact]
    public async Task A_dry_run_names_what_would_end_and_what_would_go_on_with_less_QoS_and_changes_nothing()
    {
        var anna = await bench.ConnectAsync("c", "anna", expiry: 100);
        foreach (string filter in new[] { "a/b", "b", "c" }) await anna.SubscribeAsync(filter, qos: 2);
        await anna.SubscribeAsync("b/0", qos: 0);
        await anna.LeaveAsync();
        bench.UseOpen("deny anyone subscribe x");
        var policy = new AccessPolicy(
            [AccessBench.Rule("deny user anna subscribe a/#", 0), AccessBench.Rule("allow anyone subscribe b/#", 1) with { MaximumQoS = QualityOfService.AtMostOnce }], allowsByDefault: true);

        for (int attempt = 0; attempt < 2; attempt++)
        {
            var (revoked, lowered) = bench.Broker.WouldAffect(policy);
            (revoked.Count, lowered.Count).ShouldBe((1, 1));
            revoked.Sample.ShouldBe([new RevokedSubscription("c", "anna", "a/b", "rule 1: deny user anna to subscribe to a/#")]);
            lowered.Sample.ShouldBe(
                [new LoweredSubscription("c", "anna", "b", QualityOfService.ExactlyOnce, QualityOfService.AtMostOnce, "rule 2: allow anyone to subscribe to b/#, at most QoS 0")]);
        }
        bench.Broker.Sessions.ShouldHaveSingleItem().Subscriptions.ShouldBe(4);

        bench.Broker.UseAccess(policy);
        var (ended, less) = bench.Broker.WouldAffect(policy);
        (ended.Count, less.Count).ShouldBe((0, 0), "it has come about");
    }

    [Fact] // CVE-2021-34434
    public async Task A_stored_subscription_is_gone_after_revocation_and_what_was_queued_for_it_is_not_delivered()
    {
        var anna = await bench.ConnectAsync("c", "anna", expiry: 100);
        foreach (string filter in new[] { "a/#", "b" }) await anna.SubscribeAsync(filter, qos: 1);
        await anna.LeaveAsync();
        var publisher = await bench.ConnectAsync("p");
        foreach (string topic in new[] { "a/1", "b", "a/2" }) await publisher.PublishAsync(topic);

        bench.UseOpen("deny user anna subscribe a/#");
        foreach (string topic in new[] { "a/3", "b" }) await publisher.PublishAsync(topic);

        anna = await bench.ConnectAsync("c", "anna", expiry: 100);
        for (int i = 0; i < 2; i++) await anna.ExpectMessageAsync("b");
        await anna.PingAsync();
        bench.Broker.Sessions.Single(session => session.ClientIdentifier == "c").Queued.ShouldBe(0);
    }

    [Fact] // CVE-2018-12546
    public async Task A_retained_message_is_not_delivered_once_its_publisher_may_not_publish_there()
    {
        var anna = await bench.ConnectAsync("c", "anna");
        await anna.PublishAsync("a", "hers", retain: true);
        await (await bench.ConnectAsync("d", "bert")).PublishAsync("b", "his", retain: true);

        bench.UseOpen("deny user anna publish a", "deny user anna publish b");

        var subscriber = await bench.ConnectAsync("s");
        await subscriber.SubscribeAsync("#");
        await subscriber.ExpectMessageAsync("b");
        await subscriber.PingAsync();
        bench.UseOpen();
        await subscriber.SubscribeAsync("a");
        await subscriber.ExpectMessageAsync("a");
    }

    [Fact]
    public async Task While_the_rules_cannot_be_read_nothing_is_allowed_and_nothing_is_lost()
    {
        var anna = await bench.ConnectAsync("c", "anna", expiry: 100);
        await anna.SubscribeAsync("a", qos: 1);
        await anna.LeaveAsync();
        var publisher = await bench.ConnectAsync("p");
        await publisher.PublishAsync("a");

        bench.Broker.UseAccess(AccessPolicy.Unreadable("rule 1: no"));

        bench.Broker.Readiness.ShouldBe((false, "the rules of access cannot be read, and everything is denied: rule 1: no"));
        (await publisher.PublishAsync("a")).ShouldBe(ReasonCode.NotAuthorized);
        (await publisher.SubscribeAsync("a")).ShouldBe(ReasonCode.NotAuthorized);
        (await AccessBench.TryAsync(bench.Broker, "w", null, will: new Will { Topic = "a", Payload = Encoding.UTF8.GetBytes("x") })).Answer.Reason.ShouldBe(ReasonCode.NotAuthorized);
        anna = await bench.ConnectAsync("c", "anna", expiry: 100);
        await anna.PingAsync();

        bench.UseOpen("deny anyone subscribe b");
        await anna.ExpectMessageAsync("a");
        (await publisher.PublishAsync("a")).ShouldBe(ReasonCode.Success);
        await anna.ExpectMessageAsync("a");
    }
}

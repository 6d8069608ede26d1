using Broker.Core.Protocol;
using Broker.Tests.Durability;

namespace Broker.Tests.Access;

/// <summary>What the store keeps for the rules: whose a session is, and who published what is retained.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly RestartBench bench = new(new GullibleAuthenticator());

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task A_session_is_still_its_owners()
    {
        await (await ConnectAsync("c", "anna")).LeaveAsync();
        bench.Restart();
        (await TryAsync("c", "bert")).Reason.ShouldBe(ReasonCode.NotAuthorized);
        (await TryAsync("c", null)).Reason.ShouldBe(ReasonCode.NotAuthorized);
        (await TryAsync("c", "anna")).SessionPresent.ShouldBeTrue();
    }

    [Fact]
    public async Task One_that_was_released_or_given_away_still_is()
    {
        foreach (string name in new[] { "c", "d" }) await (await ConnectAsync(name, "anna")).LeaveAsync();
        await bench.Now.Broker.ReleaseSessionAsync("c");
        await bench.Now.Broker.ReassignSessionAsync("d", "carl");
        bench.Restart();
        (await TryAsync("c", "bert")).SessionPresent.ShouldBeTrue();
        (await TryAsync("d", "anna")).Reason.ShouldBe(ReasonCode.NotAuthorized);
        (await TryAsync("d", "carl")).SessionPresent.ShouldBeTrue();
        bench.Restart();
        (await TryAsync("c", "anna")).Reason.ShouldBe(ReasonCode.NotAuthorized, "it is bert's for good");
    }

    [Fact] // CVE-2018-12546
    public async Task A_retained_message_is_still_its_publishers_and_not_delivered_once_that_one_may_not_publish_there()
    {
        await (await ConnectAsync("c", "anna")).PublishAsync("a", retain: true);
        await (await ConnectAsync("d", "bert")).PublishAsync("b", retain: true);
        bench.Restart();
        bench.Now.Broker.UseAccess(AccessBench.OpenRules("deny user anna publish #"));
        var subscriber = await ConnectAsync("s", null);
        await subscriber.SubscribeAsync("#");
        await subscriber.ExpectMessageAsync("b");
        await subscriber.PingAsync();
    }

    [Fact] // CVE-2021-34434
    public async Task A_subscription_that_was_revoked_while_the_broker_was_down_is_gone_for_good_and_its_messages_are_not_delivered()
    {
        var anna = await ConnectAsync("c", "anna");
        foreach (string filter in new[] { "a", "b" }) await anna.SubscribeAsync(filter, qos: 1);
        await anna.LeaveAsync();
        var publisher = await ConnectAsync("p", "bert");
        foreach (string topic in new[] { "a", "b" }) await publisher.PublishAsync(topic);
        bench.Policy = AccessBench.OpenRules("deny user anna subscribe a");
        bench.Restart();
        bench.Now.Broker.Sessions.Single(session => session.ClientIdentifier == "c").Subscriptions.ShouldBe(1);
        anna = await ConnectAsync("c", "anna");
        await anna.ExpectMessageAsync("b");
        await anna.PingAsync();
        bench.Policy = AccessBench.OpenRules();
        bench.Restart();
        bench.Now.Broker.Sessions.Single(session => session.ClientIdentifier == "c").Subscriptions.ShouldBe(1, "a rule that comes back does not bring it back");
    }

    [Fact]
    public async Task A_subscription_that_was_granted_less_QoS_stays_so_until_its_client_subscribes_anew()
    {
        var anna = await ConnectAsync("c", "anna");
        await anna.SubscribeAsync("a", qos: 1);
        bench.Now.Broker.UseAccess(new Broker.Core.Access.AccessPolicy([AccessBench.Rule("allow user anna subscribe a", 0) with { MaximumQoS = QualityOfService.AtMostOnce }], allowsByDefault: true));
        await anna.SubscribeAsync("b", qos: 1); // answered once that is committed, and all before it
        await anna.LeaveAsync();
        bench.Restart();
        anna = await ConnectAsync("c", "anna");
        var publisher = await ConnectAsync("p", "bert");
        await publisher.PublishAsync("a");
        (await anna.ExpectMessageAsync("a")).QoS.ShouldBe(QualityOfService.AtMostOnce);
        (await anna.SubscribeAsync("a", qos: 1)).ShouldBe(ReasonCode.GrantedQoS1);
        await publisher.PublishAsync("a");
        (await anna.ExpectMessageAsync("a")).QoS.ShouldBe(QualityOfService.AtLeastOnce);
    }

    [Fact]
    public async Task Rules_that_cannot_be_read_at_start_end_no_subscription_and_keep_what_waits()
    {
        var anna = await ConnectAsync("c", "anna");
        await anna.SubscribeAsync("a", qos: 1);
        await anna.LeaveAsync();
        await (await ConnectAsync("p", "bert")).PublishAsync("a");
        bench.Policy = Broker.Core.Access.AccessPolicy.Unreadable("rule 1: no");
        bench.Restart();
        anna = await ConnectAsync("c", "anna");
        await anna.PingAsync();
        bench.Now.Broker.UseAccess(Broker.Core.Access.AccessPolicy.Open);
        await anna.ExpectMessageAsync("a");
    }

    private Task<Connections.PipeClient> ConnectAsync(string name, string? user) => AccessBench.ConnectAsync(bench.Now.Broker, name, user, expiry: 1_000);

    private async Task<ConnAck> TryAsync(string name, string? user)
    {
        var (client, answer) = await AccessBench.TryAsync(bench.Now.Broker, name, user, expiry: 1_000);
        if (answer.Reason == ReasonCode.Success) await client.LeaveAsync();
        return answer;
    }
}

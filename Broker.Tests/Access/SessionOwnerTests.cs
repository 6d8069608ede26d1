using Broker.Core.Diagnostics;
using Broker.Core.Protocol;

namespace Broker.Tests.Access;

/// <summary>A session belongs to whoever made it (CVE-2026-6564).</summary>
public sealed class SessionOwnerTests : IDisposable
{
    private const int Attempts = 10_000;

    private readonly AccessBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task Ten_thousand_attempts_of_others_take_nothing_and_the_owner_stays_connected()
    {
        var anna = await bench.ConnectAsync("c", "anna", expiry: 100);
        await anna.SubscribeAsync("a");

        for (int i = 0; i < Attempts; i++)
        {
            string? who = i % 3 == 0 ? null : i % 3 == 1 ? "bert" : "Anna";
            var (_, answer) = await AccessBench.TryAsync(bench.Broker, "c", who, i % 2 == 0 ? ProtocolVersion.V5 : ProtocolVersion.V311, cleanStart: i % 2 == 1);
            answer.Reason.ShouldBe(ReasonCode.NotAuthorized);
        }

        await (await bench.ConnectAsync("p")).PublishAsync("a");
        await anna.ExpectMessageAsync("a");
        await anna.PingAsync();
        bench.Events.Of<SessionTakenOver>().ShouldBeEmpty();
        bench.Events.Of<ClientRefused>().First().Why.ShouldContain("the session belongs to somebody else");
    }

    [Fact]
    public async Task One_that_waits_for_its_client_is_not_taken_nor_discarded_by_others_and_its_owner_finds_it()
    {
        var anna = await bench.ConnectAsync("c", "anna", expiry: 100);
        await anna.SubscribeAsync("a", qos: 1);
        await anna.LeaveAsync();

        (await AccessBench.TryAsync(bench.Broker, "c", "bert", cleanStart: true)).Answer.Reason.ShouldBe(ReasonCode.NotAuthorized);

        (await AccessBench.TryAsync(bench.Broker, "c", "anna", expiry: 100)).Answer.SessionPresent.ShouldBeTrue();
    }

    [Fact]
    public async Task A_new_connection_of_its_owner_takes_it_over()
    {
        var first = await bench.ConnectAsync("c", "anna", expiry: 100);
        (await AccessBench.TryAsync(bench.Broker, "c", "anna", expiry: 100)).Answer.SessionPresent.ShouldBeTrue();
        (await first.ExpectAsync<Disconnect>()).Reason.ShouldBe(ReasonCode.SessionTakenOver);
    }

    [Fact]
    public async Task One_that_was_given_to_another_user_is_that_users_and_the_old_client_is_disconnected()
    {
        var anna = await bench.ConnectAsync("c", "anna", expiry: 100);
        await anna.SubscribeAsync("a");

        (await bench.Broker.ReassignSessionAsync("c", "bert")).ShouldBeTrue();

        (await anna.ExpectAsync<Disconnect>()).Reason.ShouldBe(ReasonCode.AdministrativeAction);
        await anna.ExpectEndAsync();
        (await AccessBench.TryAsync(bench.Broker, "c", "anna")).Answer.Reason.ShouldBe(ReasonCode.NotAuthorized);
        (await AccessBench.TryAsync(bench.Broker, "c", "bert")).Answer.SessionPresent.ShouldBeTrue();
        bench.Broker.IdentityOf("c")!.UserName.ShouldBe("bert");
    }

    [Fact]
    public async Task One_that_was_released_is_of_whoever_comes_next()
    {
        var anna = await bench.ConnectAsync("c", "anna", expiry: 100);
        await anna.LeaveAsync();

        (await bench.Broker.ReleaseSessionAsync("c")).ShouldBeTrue();

        (await AccessBench.TryAsync(bench.Broker, "c", "bert", expiry: 100)).Answer.SessionPresent.ShouldBeTrue();
        (await AccessBench.TryAsync(bench.Broker, "c", "anna")).Answer.Reason.ShouldBe(ReasonCode.NotAuthorized);
        (await bench.Broker.ReleaseSessionAsync("nobody")).ShouldBeFalse();
    }

    [Fact]
    public async Task Its_subscriptions_are_held_to_the_rules_of_its_new_owner()
    {
        bench.UseOpen("deny user bert subscribe a");
        var anna = await bench.ConnectAsync("c", "anna", expiry: 100);
        foreach (string filter in new[] { "a", "b" }) await anna.SubscribeAsync(filter);

        await bench.Broker.ReassignSessionAsync("c", "bert");

        bench.Events.Of<SubscriptionRevoked>().ShouldHaveSingleItem().Filter.ShouldBe("a");
    }
}

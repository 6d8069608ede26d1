using Broker.Core.Protocol;
using Broker.Web.Persistence;
using Broker.Web.Security;
using Broker.Web.Security.Users;
using Microsoft.EntityFrameworkCore;

namespace Broker.Tests.Security.Users;

/// <summary>What a change of a user does to those who were let in before.</summary>
public sealed class AdmissionTests : IAsyncLifetime
{
    private readonly UserBench bench = new();

    public async Task InitializeAsync()
    {
        await bench.AddAsync("anna");
        await bench.AddAsync("berta");
    }

    public Task DisposeAsync() => bench.DisposeAsync().AsTask();

    [Theory]
    [InlineData("password", true)]
    [InlineData("no password", true)]
    [InlineData("disabled", true)]
    [InlineData("removed", true)]
    [InlineData("removed and added again", true)]
    [InlineData("groups", false)]
    public async Task Who_was_let_in_as_a_user_has_to_go_when_that_user_changes_and_nobody_else(string change, bool ends)
    {
        var (anna, berta) = (await bench.AskAsync("anna", UserBench.Password), await bench.AskAsync("berta", UserBench.Password));
        await bench.ActAsync(() => ChangeAsync(change));
        if (ends) await UserBench.UntilAsync(() => anna.Revoked!.Token.IsCancellationRequested);
        await bench.ActAsync(() => bench.AddAsync("clara")); // from here on the round before is over
        anna.Revoked!.Token.IsCancellationRequested.ShouldBe(ends);
        berta.Revoked!.Token.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_came_with_a_token_has_to_go_when_it_is_revoked_and_who_came_with_another_stays()
    {
        var (row, token) = await bench.Tokens.CreateAsync("anna", null, null, Actor.Configuration);
        var (_, other) = await bench.Tokens.CreateAsync("anna", null, null, Actor.Configuration);
        var (first, second) = (await bench.AskAsync("anna", token), await bench.AskAsync("anna", other));

        await bench.ActAsync(() => bench.Tokens.RevokeAsync(row.Id, Actor.Configuration));

        await UserBench.UntilAsync(() => first.Revoked!.Token.IsCancellationRequested);
        second.Revoked!.Token.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_is_let_in_while_its_user_changes_does_not_slip_through()
    {
        bench.Comparing = () =>
        {
            bench.Comparing = null;
            bench.ActAsync(() => bench.Users.ChangeAsync("anna", "another long password", null, null, Actor.Configuration)).Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue();
        };
        (await bench.ReasonAsync("anna", UserBench.Password)).ShouldBe(ReasonCode.BadUserNameOrPassword);
    }

    [Fact]
    public async Task A_change_of_another_process_is_seen_at_the_next_look()
    {
        var anna = await bench.AskAsync("anna", UserBench.Password);
        using var elsewhere = new Administration(bench.Tables, new Credentials(bench.Tables, bench.Hashes, bench.Clock), bench.Clock);
        await new UserDirectory(bench.Tables, elsewhere, new UserPasswords(bench)).RemoveAsync("anna", Actor.Configuration);
        bench.Clock.Advance(RevisionWatch.Period);
        await UserBench.UntilAsync(() => anna.Revoked!.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task Groups_raise_the_number_of_access_too_and_are_found_for_those_who_have_some()
    {
        long before = await NumberAsync(Revisions.Access);
        await bench.Users.ChangeAsync("anna", null, ["b", "a", "b"], null, Actor.Configuration);
        (await NumberAsync(Revisions.Access)).ShouldBe(before + 1);
        await bench.Users.ChangeAsync("anna", null, null, false, Actor.Configuration);
        (await NumberAsync(Revisions.Access)).ShouldBe(before + 1);

        await using var context = bench.Tables.CreateDbContext();
        var groups = await UserDirectory.GroupsAsync(context, default);
        groups.Keys.ShouldBe(["anna"]);
        groups["anna"].ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task A_change_that_is_refused_raises_nothing()
    {
        long before = await NumberAsync(Revisions.Users);
        await Should.ThrowAsync<RefusedException>(bench.AddAsync("anna"));
        await Should.ThrowAsync<RefusedException>(bench.AddAsync("dora", "short"));
        await Should.ThrowAsync<RefusedException>(bench.AddAsync("do\nra"));
        await Should.ThrowAsync<RefusedException>(bench.AddAsync("dora", UserBench.Password, "a group"));
        await Should.ThrowAsync<RefusedException>(bench.Users.RemoveAsync("dora", Actor.Configuration));
        (await NumberAsync(Revisions.Users)).ShouldBe(before);
    }

    private async Task ChangeAsync(string change)
    {
        var by = Actor.Configuration;
        switch (change)
        {
            case "password": await bench.Users.ChangeAsync("anna", "another long password", null, null, by); break;
            case "no password": await bench.Users.ClearPasswordAsync("anna", by); break;
            case "disabled": await bench.Users.ChangeAsync("anna", null, null, true, by); break;
            case "groups": await bench.Users.ChangeAsync("anna", null, ["a"], null, by); break;
            default:
                await bench.Users.RemoveAsync("anna", by);
                if (change != "removed") await bench.AddAsync("anna");
                break;
        }
    }

    private async Task<long> NumberAsync(string name)
    {
        await using var context = bench.Tables.CreateDbContext();
        return await context.Revisions.Where(row => row.Name == name).Select(row => row.Number).SingleAsync();
    }
}

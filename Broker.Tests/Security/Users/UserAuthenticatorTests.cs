using System.Text;
using Broker.Core;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Broker.Web.Security;
using Broker.Web.Security.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Security.Users;

/// <summary>Who is let in by what it presents, and who is not.</summary>
public sealed class UserAuthenticatorTests : IAsyncLifetime
{
    private readonly UserBench bench = new(new User { Name = "fixed", Password = "pencil" });

    public Task InitializeAsync() => bench.AddAsync("anna");

    public Task DisposeAsync() => bench.DisposeAsync().AsTask();

    [Theory]
    [InlineData("anna", UserBench.Password, ReasonCode.Success)]
    [InlineData("fixed", "pencil", ReasonCode.Success)]
    [InlineData("anna", "wrong", ReasonCode.BadUserNameOrPassword)]
    [InlineData("anna", "", ReasonCode.BadUserNameOrPassword)]
    [InlineData("ANNA", UserBench.Password, ReasonCode.BadUserNameOrPassword)]
    [InlineData("fixed", UserBench.Password, ReasonCode.BadUserNameOrPassword)]
    [InlineData("nobody", UserBench.Password, ReasonCode.BadUserNameOrPassword)]
    [InlineData("an\0na", UserBench.Password, ReasonCode.BadUserNameOrPassword)]
    [InlineData("", UserBench.Password, ReasonCode.BadUserNameOrPassword)]
    [InlineData(null, UserBench.Password, ReasonCode.BadUserNameOrPassword)]
    [InlineData(null, null, ReasonCode.NotAuthorized)]
    public async Task Users_of_the_store_and_of_the_configuration_are_let_in_by_their_passwords(string? name, string? password, ReasonCode reason)
    {
        var admission = await bench.AskAsync(name, password);
        admission.Reason.ShouldBe(reason);
        admission.UserName.ShouldBe(reason == ReasonCode.Success ? name : null);
    }

    [Theory]
    [InlineData("anna")]
    [InlineData("fixed")]
    [InlineData("nobody")]
    public async Task A_user_name_without_a_password_is_refused_even_where_anybody_may_come_in(string name) => // CVE-2016-9877
        (await bench.ReasonAsync(name, null, anonymous: AnonymousAccess.Always)).ShouldBe(ReasonCode.BadUserNameOrPassword);

    [Fact]
    public async Task An_unknown_user_costs_as_many_hashes_as_a_wrong_password_and_so_does_one_of_the_configuration()
    {
        foreach (string name in new[] { "anna", "nobody", "fixed", "no\0body" })
        {
            int before = bench.Compared;
            (await bench.ReasonAsync(name, "wrong")).ShouldBe(ReasonCode.BadUserNameOrPassword);
            (bench.Compared - before).ShouldBe(1, name);
        }
    }

    [Fact]
    public async Task A_name_that_no_user_can_have_is_not_looked_for()
    {
        long before = bench.Lookup.Queries;
        await bench.AskAsync("no\0body", "wrong");
        await bench.AskAsync(new string('x', UserNames.Longest + 1), "wrong");
        bench.Lookup.Queries.ShouldBe(before);
    }

    [Fact]
    public async Task A_password_that_is_too_long_is_not_hashed()
    {
        (await bench.ReasonAsync("anna", new string('x', 1_025))).ShouldBe(ReasonCode.BadUserNameOrPassword);
        bench.Compared.ShouldBe(0);
    }

    [Fact]
    public async Task A_password_that_was_right_a_while_ago_costs_no_hash_until_it_is_changed()
    {
        for (int n = 0; n < 3; n++) (await bench.ReasonAsync("anna", UserBench.Password)).ShouldBe(ReasonCode.Success);
        bench.Compared.ShouldBe(1);

        await bench.Users.ChangeAsync("anna", "another long password", null, null, Actor.Configuration);
        (await bench.ReasonAsync("anna", UserBench.Password)).ShouldBe(ReasonCode.BadUserNameOrPassword);
        (await bench.ReasonAsync("anna", "another long password")).ShouldBe(ReasonCode.Success);
        bench.Compared.ShouldBe(3);

        bench.Clock.Advance(TimeSpan.FromHours(2));
        await bench.AskAsync("anna", "another long password");
        bench.Compared.ShouldBe(4);
    }

    [Fact]
    public async Task Many_clients_with_one_password_wait_for_one_comparison()
    {
        using var gate = new ManualResetEventSlim();
        bench.Comparing = () => gate.Wait();
        var first = bench.AskAsync("anna", UserBench.Password);
        await UserBench.UntilAsync(() => bench.Compared == 1);
        var others = Enumerable.Range(0, 50).Select(_ => bench.AskAsync("anna", UserBench.Password)).ToArray();
        gate.Set();

        (await first).Reason.ShouldBe(ReasonCode.Success);
        foreach (var other in others) (await other).Reason.ShouldBe(ReasonCode.Success);
        bench.Compared.ShouldBe(1);
    }

    [Fact]
    public async Task Who_guesses_has_to_wait_and_the_same_user_comes_in_from_elsewhere()
    {
        for (int n = 0; n < PasswordCheck.FreeOfPair; n++) (await bench.ReasonAsync("anna", $"guess {n}")).ShouldBe(ReasonCode.BadUserNameOrPassword);
        int before = bench.Compared;

        (await bench.ReasonAsync("anna", UserBench.Password)).ShouldBe(ReasonCode.ConnectionRateExceeded);
        bench.Compared.ShouldBe(before);
        (await bench.ReasonAsync("anna", UserBench.Password, from: "198.51.100.7")).ShouldBe(ReasonCode.Success);
        bench.Clock.Advance(TimeSpan.FromMinutes(1));
        (await bench.ReasonAsync("anna", UserBench.Password)).ShouldBe(ReasonCode.Success);
    }

    [Fact]
    public async Task A_user_that_is_disabled_is_refused_and_told_so_only_with_the_right_password()
    {
        await bench.Users.ChangeAsync("anna", null, null, true, Actor.Configuration);
        (await bench.ReasonAsync("anna", UserBench.Password)).ShouldBe(ReasonCode.NotAuthorized);
        (await bench.ReasonAsync("anna", "wrong")).ShouldBe(ReasonCode.BadUserNameOrPassword);
        (await bench.AskAsync(null, null, certified: "anna")).Reason.ShouldBe(ReasonCode.NotAuthorized);
    }

    [Fact]
    public async Task A_certificate_lets_in_without_a_password()
    {
        (await bench.AskAsync(null, null, certified: "anna")).UserName.ShouldBe("anna");
        (await bench.AskAsync(null, null, certified: "machine")).UserName.ShouldBe("machine");
    }

    [Theory]
    [InlineData(AnonymousAccess.Never, ReasonCode.NotAuthorized, ReasonCode.NotAuthorized)]
    [InlineData(AnonymousAccess.UntilUsersExist, ReasonCode.Success, ReasonCode.NotAuthorized)]
    [InlineData(AnonymousAccess.Always, ReasonCode.Success, ReasonCode.Success)]
    public async Task Who_presents_nothing_is_let_in_as_the_listener_says_before_and_after_the_first_user(AnonymousAccess anonymous, ReasonCode before, ReasonCode after)
    {
        await using var empty = new UserBench();
        (await empty.ReasonAsync(null, null, anonymous: anonymous)).ShouldBe(before);
        await UserBench.UntilAsync(() => empty.Admissions.HasUsers == false);
        (await empty.ReasonAsync(null, null, anonymous: anonymous)).ShouldBe(before);
        await empty.ActAsync(() => empty.AddAsync("anna"));
        (await empty.ReasonAsync(null, null, anonymous: anonymous)).ShouldBe(after);
    }

    [Fact]
    public async Task While_the_store_is_away_clients_with_a_password_are_told_that_the_server_is_and_others_come_in()
    {
        await using (var context = bench.Tables.CreateDbContext()) await context.Database.ExecuteSqlRawAsync("DROP TABLE users");
        (await bench.ReasonAsync("anna", UserBench.Password)).ShouldBe(ReasonCode.ServerUnavailable);
        (await bench.ReasonAsync("fixed", "pencil")).ShouldBe(ReasonCode.Success);
        (await bench.ReasonAsync(null, null, anonymous: AnonymousAccess.Always)).ShouldBe(ReasonCode.Success);
    }

    [Theory]
    [InlineData("anna")]
    [InlineData("nobody")]
    public async Task SCRAM_shows_the_same_salt_after_a_restart_whether_there_is_such_a_user_or_not(string name)
    {
        var restarted = new UserAuthenticator(
            new BrokerOptions(), bench.Lookup, bench.Admissions, bench.Check, bench.Tokens, new UnknownSalts(bench.Tables), bench.Clock, NullLogger<UserAuthenticator>.Instance);
        (await SaltAsync(restarted, name)).ShouldBe(await SaltAsync(bench.Authenticator, name));
        (await SaltAsync(restarted, name)).ShouldNotBe(await SaltAsync(restarted, name + "2"));
    }

    [Fact]
    public async Task Ten_thousand_logins_with_passwords_that_were_right_a_while_ago_compare_none_with_its_hash()
    {
        const int Users = 100, Logins = 10_000;
        for (int n = 0; n < Users; n++) await bench.AddAsync($"device-{n}");
        for (int n = 0; n < Users; n++) (await bench.ReasonAsync($"device-{n}", UserBench.Password)).ShouldBe(ReasonCode.Success);
        bench.Compared.ShouldBe(Users);

        var answers = await Task.WhenAll(Enumerable.Range(0, Logins).Select(n => bench.ReasonAsync($"device-{n % Users}", UserBench.Password, $"192.0.2.{n % 250}")));

        answers.ShouldAllBe(answer => answer == ReasonCode.Success);
        bench.Compared.ShouldBe(Users);
    }

    // server-first: r=nonce,s=salt,i=iterations
    private static async Task<string> SaltAsync(UserAuthenticator authenticator, string name)
    {
        var step = await authenticator.Begin(ScramExchange.Method, null)!.StepAsync(new ScramClient(name).First(), default);
        return Encoding.UTF8.GetString(step.Data).Split(',')[1];
    }
}

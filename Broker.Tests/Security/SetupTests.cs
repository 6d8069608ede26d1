using System.Net;
using Broker.Tests.Testing;
using Broker.Web.Security;
using Broker.Web.Security.SignIn;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Security;

/// <summary>The first administrator.</summary>
public sealed class SetupTests : IAsyncLifetime
{
    private readonly BrokerHost host = new();

    private Accounts Accounts => host.Services.GetRequiredService<Accounts>();

    public async Task InitializeAsync()
    {
        await host.InitializeAsync();
        await host.AccountsReadAsync();
    }

    public Task DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task Until_there_is_one_the_dashboard_says_how_to_make_one()
    {
        using var visitor = new WebSession(host.Origin());
        using var first = await visitor.Http.GetAsync("/");
        first.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        first.Headers.Location!.PathAndQuery.ShouldBe("/sign-in?returnUrl=%2F");

        var page = await visitor.Http.GetStringAsync(first.Headers.Location);
        page.ShouldContain("There is no administrator yet");
        page.ShouldNotContain("<form method=\"post\"");
    }

    [Fact]
    public async Task The_link_makes_one_who_is_signed_in_at_once()
    {
        using var visitor = new WebSession(host.Origin());
        using var answer = await visitor.SendFormAsync(Link(), ("name", "Anna"), ("password", SignedIn.Password), ("again", SignedIn.Password));

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        Accounts.All.ShouldHaveSingleItem().ShouldSatisfyAllConditions(row => row.Name.ShouldBe("anna"), row => row.Role.ShouldBe("admin"));
        (await visitor.Http.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_link_counts_once()
    {
        var link = Link();
        using var visitor = new WebSession(host.Origin());
        var fields = WebSession.HiddenFields(await visitor.Http.GetStringAsync(link)).ToArray();
        (await visitor.PostAsync(link, [.. fields, ("name", "anna"), ("password", SignedIn.Password), ("again", SignedIn.Password)])).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        using var other = new WebSession(host.Origin());
        (await other.Http.GetAsync(link)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        Accounts.All.Count().ShouldBe(1);
    }

    [Fact]
    public async Task Of_several_who_use_it_at_once_one_becomes_the_administrator()
    {
        var link = Link();
        var visitors = Enumerable.Range(1, 4).Select(_ => new WebSession(host.Origin())).ToArray();
        var pages = await Task.WhenAll(visitors.Select(visitor => visitor.Http.GetStringAsync(link)));

        var answers = await Task.WhenAll(visitors.Select((visitor, n) => visitor.PostAsync(link,
            [.. WebSession.HiddenFields(pages[n]), ("name", $"anna{n}"), ("password", SignedIn.Password), ("again", SignedIn.Password)])));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Redirect).ShouldBe(1);
        Accounts.All.Count().ShouldBe(1);
        foreach (var visitor in visitors) visitor.Dispose();
    }

    [Theory]
    [InlineData("anna", "short", "short", "at least 10 characters")]
    [InlineData("anna", "long enough it is", "long enough it was", "the two passwords differ")]
    [InlineData("an na", "long enough it is", "long enough it is", "a name has 1 to 64 letters")]
    public async Task What_is_not_allowed_is_told_and_leaves_the_link_as_it_is(string name, string password, string again, string told)
    {
        var link = Link();
        using var visitor = new WebSession(host.Origin());
        using var answer = await visitor.SendFormAsync(link, ("name", name), ("password", password), ("again", again));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain(told);
        (await visitor.Http.GetAsync(link)).StatusCode.ShouldBe(HttpStatusCode.OK);
        Accounts.All.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/setup")]
    [InlineData("/setup?token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Another_link_counts_nothing(string path)
    {
        using var visitor = new WebSession(host.Origin());
        using var answer = await visitor.Http.GetAsync(path);

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("This link counts no more");
    }

    private string Link() => $"/setup?token={host.Services.GetRequiredService<SetupLink>().Open()}";
}

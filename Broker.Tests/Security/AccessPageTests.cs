using System.Net;
using System.Text.RegularExpressions;
using Broker.Tests.Testing;
using Broker.Web.Persistence;
using Broker.Web.Persistence.Model;
using Broker.Web.Security;
using Broker.Web.Security.Access;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Security;

/// <summary>What the pages of access tell, and to whom, as the host sends them; what they do is tried in a browser.</summary>
public sealed partial class AccessPageTests(SignInHost host) : IClassFixture<SignInHost>, IAsyncLifetime
{
    private const string Markup = "<img src=x onerror=\"document.title='hit'\">";

    private AccessRules Rules => host.Services.GetRequiredService<AccessRules>();

    [Fact]
    public async Task An_answer_names_the_rule_that_decides_and_the_way_to_it()
    {
        await Rules.AddAsync(new RuleDraft("anyone", "", "publish", "a/b", Allows: true), null, Actor.Configuration);
        var decides = await Rules.AddAsync(new RuleDraft("user", "anna", "both", "a/%c", Allows: false), null, Actor.Configuration);

        var page = await ReadAsync(Role.Viewer, "/access/explain?client=x&user=anna&action=publish&topic=a/x");

        page.ShouldContain($"Denied Client x of user anna may not publish to a/x. Decided by rule {decides.Id}: deny user anna to publish and subscribe to a/%c");
        page.ShouldContain($"allow anyone to publish to a/b another topic rule {decides.Id}: deny user anna to publish and subscribe to a/%c it decides");
    }

    [Theory]
    [InlineData("action=publish&topic=a/%23", "no wildcards")]
    [InlineData("topic=a&qos=7", "Allowed is 0, 1 or 2.")]
    [InlineData("topic=a&qos=many", "Allowed is 0, 1 or 2.")]
    [InlineData("topic=a&action=steal", "'steal' is not known")]
    public async Task A_question_that_cannot_be_is_told_so(string query, string words)
    {
        var page = await ReadAsync(Role.Viewer, $"/access/explain?{query}");

        page.ShouldContain(words);
        page.ShouldNotContain("Decided by");
    }

    [Fact]
    public async Task A_viewer_sees_the_rules_and_is_offered_no_change()
    {
        await Rules.AddAsync(new RuleDraft("group", "crew", "subscribe", "deck/#", Allows: true) { MaximumQoS = 1, Note = "by day" }, null, Actor.Configuration);
        string[] offers = ["Add a rule", "Edit rule", "Remove rule", "what no rule concerns", "Users"];

        var seen = await ReadAsync(Role.Viewer, "/access");
        var offered = await ReadAsync(Role.Admin, "/access");

        // What has no column of its own on a narrow screen stands below the filter there.
        seen.ShouldContain("1 Allow group crew subscribe deck/# group crew, subscribe at most QoS 1 at most QoS 1 by day");
        seen.ShouldContain("last Allow anyone publish and subscribe everything else (nobody has set it)");
        offers.ShouldAllBe(offer => !seen.Contains(offer, StringComparison.Ordinal) && offered.Contains(offer, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/access/users")]
    [InlineData("/access/users/user?name=anna")]
    public async Task Users_are_for_admins_alone(string path)
    {
        using var session = await host.SignInAsync(Role.Operator);
        using var page = await session.Http.GetAsync(path);
        page.Headers.Location!.PathAndQuery.ShouldStartWith("/refused");
    }

    [Fact]
    public async Task Rules_that_cannot_be_read_are_told_on_every_page_of_access()
    {
        await using var context = host.Services.GetRequiredService<IDbContextFactory<BrokerDbContext>>().CreateDbContext();
        context.AccessRules.Add(new AccessRuleRow { Position = 1, Subject = "nobody", Name = "", Action = "both", Filter = "a", Note = "" });
        await context.SaveChangesAsync();
        await Rules.Changed();

        (await ReadAsync(Role.Viewer, "/access")).ShouldMatch("The rules cannot be read, and everything is denied. rule [0-9]+: subject: 'nobody' is not known");
        (await ReadAsync(Role.Viewer, "/access/explain?topic=a")).ShouldMatch("the rules cannot be read: rule [0-9]+: subject: 'nobody' is not known");
    }

    [Fact]
    public async Task What_rules_and_questions_hold_is_plain_text()
    {
        await Rules.AddAsync(new RuleDraft("client", Markup, "both", Markup, Allows: false) { Note = Markup }, null, Actor.Configuration);
        using var session = await host.SignInAsync(Role.Admin);

        foreach (var path in new[] { "/access", $"/access/explain?client={Uri.EscapeDataString(Markup)}&user={Uri.EscapeDataString(Markup)}&topic={Uri.EscapeDataString(Markup)}" })
        {
            var html = await session.Http.GetStringAsync(path);
            html.ShouldContain("&lt;img src=x");
            html.ShouldNotContain("<img");
        }
    }

    /// <inheritdoc/>
    public Task InitializeAsync() => Rules.ImportAsync([], replaces: true, "no rules", Actor.Configuration);

    /// <inheritdoc/>
    public Task DisposeAsync() => Task.CompletedTask;

    // What a reader sees of the page, with one space where there is any.
    private async Task<string> ReadAsync(Role role, string path)
    {
        using var session = await host.SignInAsync(role);
        var html = await session.Http.GetStringAsync(path);
        return Spaces().Replace(WebUtility.HtmlDecode(Tags().Replace(html, " ")), " ").Replace(" .", ".", StringComparison.Ordinal).Replace(" ,", ",", StringComparison.Ordinal);
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

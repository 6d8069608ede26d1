using System.Net;
using Broker.Tests.Testing;
using Broker.Web.Security;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Security;

/// <summary>The pages of administration: what their forms do, and for whom.</summary>
public sealed class AdministrationPageTests(SignInHost host) : IClassFixture<SignInHost>
{
    private Accounts Accounts => host.Services.GetRequiredService<Accounts>();

    [Theory]
    [InlineData("/administrators")]
    [InlineData("/api-keys")]
    [InlineData("/audit")]
    public async Task They_are_for_admins_alone(string path)
    {
        using var visitor = new WebSession(host.Origin());
        (await visitor.Http.GetAsync(path)).Headers.Location!.PathAndQuery.ShouldStartWith("/sign-in?returnUrl=");
        foreach (var role in Enum.GetValues<Role>())
        {
            using var session = await host.SignInAsync(role);
            using var page = await session.Http.GetAsync(path);
            if (role == Role.Admin) page.StatusCode.ShouldBe(HttpStatusCode.OK);
            else page.Headers.Location!.PathAndQuery.ShouldStartWith("/refused");
        }
    }

    [Fact]
    public async Task Who_may_not_see_a_page_is_told_so()
    {
        using var session = await host.SignInAsync(Role.Viewer);
        using var page = await session.Http.GetAsync("/refused");
        page.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await page.Content.ReadAsStringAsync()).ShouldContain("You may not see this page");
    }

    [Fact]
    public async Task An_account_is_added_changed_and_removed()
    {
        using var admin = await host.SignInAsync(Role.Admin);
        using var added = await SendAsync(admin, "/administrators", "add", ("name", "Berta"), ("password", SignedIn.Password), ("role", "operator"));
        added.StatusCode.ShouldBe(HttpStatusCode.Redirect, await added.Content.ReadAsStringAsync());
        Accounts.All.Single(row => row.Name == "berta").Role.ShouldBe("operator");

        (await SendAsync(admin, "/administrators", "role berta", ("role", "viewer"))).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        Accounts.All.Single(row => row.Name == "berta").Role.ShouldBe("viewer");
        (await SendAsync(admin, "/administrators", "password berta", ("password", "another long one"))).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await WebSession.SignInAsync(host.Origin(), "berta", "another long one")).Dispose();

        (await SendAsync(admin, "/administrators", "remove berta")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        Accounts.All.ShouldNotContain(row => row.Name == "berta");
    }

    [Fact]
    public async Task What_cannot_be_is_told_on_the_page()
    {
        using var admin = await host.SignInAsync(Role.Admin);
        using var answer = await SendAsync(admin, "/administrators", "add", ("name", "admin"), ("password", SignedIn.Password), ("role", "viewer"));

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("Not done: there is an account admin already.");
    }

    [Fact]
    public async Task A_new_key_is_shown_once_and_counts_until_it_is_revoked()
    {
        using var admin = await host.SignInAsync(Role.Admin);
        using var answer = await SendAsync(admin, "/api-keys", "create", ("name", "Grafana"), ("scopes", "read"), ("scopes", "publish"), ("days", "30"));
        var page = await answer.Content.ReadAsStringAsync();
        var key = System.Text.RegularExpressions.Regex.Match(page, "brk_[a-z0-9]{8}_[\\w-]{43}").Value;
        var keys = host.Services.GetRequiredService<ApiKeys>();
        var row = (await keys.CheckAsync(key)).Row.ShouldNotBeNull();
        (row.Name, row.Scopes, row.ExpiresAt).ShouldBe(("Grafana", "read publish", host.Clock.GetUtcNow().UtcDateTime.AddDays(30)));

        (await admin.Http.GetStringAsync("/api-keys")).ShouldNotContain(key);
        (await SendAsync(admin, "/api-keys", $"revoke {row.Id}")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await keys.CheckAsync(key)).Failure.ShouldBe("the API key was revoked");
    }

    [Theory]
    [InlineData("/administrators", "add")]
    [InlineData("/api-keys", "create")]
    [InlineData("/account", "password")]
    public async Task Without_the_forms_token_nothing_is_changed(string path, string handler)
    {
        using var admin = await host.SignInAsync(Role.Admin);
        await admin.Http.GetStringAsync(path);
        (await admin.PostAsync(path, ("_handler", handler), ("name", "carla"), ("password", SignedIn.Password), ("again", SignedIn.Password), ("role", "admin"), ("scopes", "read")))
            .StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        Accounts.All.ShouldNotContain(row => row.Name == "carla");
    }

    [Fact]
    public async Task The_audit_tells_who_did_what_from_where_and_finds_it()
    {
        using var admin = await host.SignInAsync(Role.Admin);
        await SendAsync(admin, "/administrators", "add", ("name", "dora"), ("password", SignedIn.Password), ("role", "viewer"));

        var found = await admin.Http.GetStringAsync("/audit?action=ACCOUNT+ADDED&target=dora");
        found.ShouldContain("account added");
        found.ShouldContain("127.0.0.1");
        (await admin.Http.GetStringAsync("/audit?target=nobody+of+that+name")).ShouldContain("Nothing of the kind is recorded.");
    }

    [Fact]
    public async Task Somebody_changes_their_own_password_and_stays_signed_in_here_alone()
    {
        var name = await host.AddAccountAsync(Role.Viewer);
        using var session = await WebSession.SignInAsync(host.Origin(), name, SignedIn.Password);
        using var other = await WebSession.SignInAsync(host.Origin(), name, SignedIn.Password);
        using var wrong = await SendAsync(session, "/account", "password", ("current", "wrong password"), ("password", "another long one"), ("again", "another long one"));
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        using var right = await SendAsync(session, "/account", "password", ("current", SignedIn.Password), ("password", "another long one"), ("again", "another long one"));
        right.StatusCode.ShouldBe(HttpStatusCode.OK);

        (await session.Http.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await other.Http.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    private static async Task<HttpResponseMessage> SendAsync(WebSession session, string path, string handler, params (string, string)[] fields)
    {
        var page = await session.Http.GetStringAsync(path);
        return await session.PostAsync(path, [.. WebSession.HiddenFields(page).Where(field => field.Name != "_handler"), ("_handler", handler), .. fields]);
    }
}

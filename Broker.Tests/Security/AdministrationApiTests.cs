using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Broker.Tests.Testing;
using Broker.Web.Security;

namespace Broker.Tests.Security;

/// <summary>Accounts, API keys and the audit by REST.</summary>
public sealed class AdministrationApiTests(SignInHost host) : IClassFixture<SignInHost>
{
    [Fact]
    public async Task An_account_is_added_changed_and_removed()
    {
        using var admin = await host.WithScopesAsync(Scopes.Admin);
        using var added = await admin.PostAsJsonAsync("/api/v1/administrators", new { name = "Rosa", password = SignedIn.Password, role = "operator" });
        added.StatusCode.ShouldBe(HttpStatusCode.Created, await added.Content.ReadAsStringAsync());
        added.Headers.Location!.ToString().ShouldBe("/api/v1/administrators/rosa");

        using var changed = await admin.PatchAsJsonAsync("/api/v1/administrators/rosa", new { role = "viewer" });
        (await changed.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("role").GetString().ShouldBe("viewer");

        (await admin.DeleteAsync("/api/v1/administrators/rosa")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await admin.GetAsync("/api/v1/administrators/rosa")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await admin.DeleteAsync("/api/v1/administrators/rosa")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""{"name":"x y","password":"correct horse battery staple","role":"viewer"}""", "name", HttpStatusCode.BadRequest)]
    [InlineData("""{"name":"x","password":"short","role":"viewer"}""", "password", HttpStatusCode.BadRequest)]
    [InlineData("""{"name":"x","password":"correct horse battery staple","role":"emperor"}""", "role", HttpStatusCode.BadRequest)]
    [InlineData("""{"name":"admin","password":"correct horse battery staple","role":"viewer"}""", null, HttpStatusCode.Conflict)]
    public async Task An_account_that_is_not_allowed_is_refused_and_the_field_is_named(string body, string? field, HttpStatusCode status)
    {
        using var admin = await host.WithScopesAsync(Scopes.Admin);
        using var answer = await admin.PostAsync("/api/v1/administrators", new StringContent(body, new MediaTypeHeaderValue("application/json")));

        answer.StatusCode.ShouldBe(status);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        if (field is not null) problem.GetProperty("field").GetString().ShouldBe(field);
    }

    [Fact]
    public async Task A_list_goes_on_where_its_cursor_says()
    {
        using var admin = await host.WithScopesAsync(Scopes.Admin);
        await host.AddAccountAsync(Role.Viewer);
        var names = new List<string>();
        string? cursor = "";
        while (cursor is not null)
        {
            var page = await admin.GetFromJsonAsync<JsonElement>($"/api/v1/administrators?limit=1{(cursor.Length > 0 ? "&cursor=" + cursor : "")}");
            names.Add(page.GetProperty("items").EnumerateArray().ShouldHaveSingleItem().GetProperty("name").GetString()!);
            cursor = page.GetProperty("nextCursor").GetString();
        }
        names.Count.ShouldBeGreaterThan(1);
        names.ShouldBeInOrder(SortDirection.Ascending);
        names.ShouldBeUnique();
    }

    [Fact]
    public async Task A_key_is_shown_by_the_answer_that_makes_it_and_by_no_other()
    {
        using var admin = await host.WithScopesAsync(Scopes.Admin);
        using var made = await admin.PostAsJsonAsync("/api/v1/api-keys", new { name = "deploy", scopes = new[] { "publish", "read" } });
        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        var view = await made.Content.ReadFromJsonAsync<JsonElement>();
        var (id, key) = (view.GetProperty("id").GetString()!, view.GetProperty("key").GetString()!);
        made.Headers.CacheControl!.NoStore.ShouldBeTrue();

        using var client = host.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        (await client.GetAsync("/api/v1/broker")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetAsync("/api/v1/api-keys")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await admin.GetStringAsync("/api/v1/api-keys")).ShouldNotContain(key);

        (await admin.DeleteAsync($"/api/v1/api-keys/{id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await client.GetAsync("/api/v1/broker")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_audit_is_read_from_the_newest_on()
    {
        using var admin = await host.WithScopesAsync(Scopes.Admin);
        var name = await host.AddAccountAsync(Role.Viewer);
        await admin.DeleteAsync($"/api/v1/administrators/{name}");

        var first = await admin.GetFromJsonAsync<JsonElement>($"/api/v1/audit?target={name}&limit=1");
        first.GetProperty("items")[0].GetProperty("action").GetString().ShouldBe("account removed");
        first.GetProperty("items")[0].GetProperty("actor").GetString()!.ShouldStartWith("api key test (");
        var second = await admin.GetFromJsonAsync<JsonElement>($"/api/v1/audit?target={name}&limit=1&cursor={first.GetProperty("nextCursor").GetString()}");
        second.GetProperty("items")[0].GetProperty("action").GetString().ShouldBe("account added");
        second.GetProperty("nextCursor").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task With_a_sessions_cookie_a_change_needs_the_antiforgery_token_in_a_header()
    {
        using var session = await host.SignInAsync(Role.Admin);
        var name = await host.AddAccountAsync(Role.Viewer);
        using var refused = await session.Http.DeleteAsync($"/api/v1/administrators/{name}");
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await refused.Content.ReadAsStringAsync()).ShouldContain("antiforgery");

        var token = WebSession.HiddenFields(await session.Http.GetStringAsync("/"), "sign-out").Single(field => field.Name == "__RequestVerificationToken").Value;
        session.Http.DefaultRequestHeaders.Add("RequestVerificationToken", token);
        (await session.Http.DeleteAsync($"/api/v1/administrators/{name}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData(Role.Viewer, true)]
    [InlineData(Role.Operator, false)]
    public async Task A_viewer_sees_that_there_is_a_message_but_not_its_payload(Role role, bool isHidden)
    {
        using var operating = await host.WithScopesAsync(Scopes.Operate);
        (await operating.PutAsJsonAsync("/api/v1/retained/message?topic=secret/door", new { payload = "1234" })).EnsureSuccessStatusCode();

        using var session = await host.SignInAsync(role);
        foreach (var path in new[] { "/api/v1/retained/message?topic=secret/door", "/api/v1/retained?prefix=secret", "/export/retained.json?filter=secret%2F%23" })
        {
            var text = await session.Http.GetStringAsync(path);
            text.ShouldContain("secret/door");
            text.Contains("1234", StringComparison.Ordinal).ShouldBe(!isHidden, path);
        }
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Broker.Tests.Testing;
using Broker.Web.Security;
using Broker.Web.Security.SignIn;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Security;

/// <summary>API keys: what they are worth, and until when.</summary>
public sealed class ApiKeyTests(GuardedHost host) : IClassFixture<GuardedHost>
{
    private static readonly string[] AllScopes = [.. Scopes.All];

    private ApiKeys Keys => host.Services.GetRequiredService<ApiKeys>();

    [Fact]
    public async Task Without_one_nothing_is_allowed_and_the_answer_says_what_to_send()
    {
        using var client = host.Anonymous();
        using var answer = await client.GetAsync("/guarded/read");

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        answer.Headers.WwwAuthenticate.ShouldHaveSingleItem().Scheme.ShouldBe("Bearer");
        answer.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
    }

    [Theory]
    [InlineData("read")]
    [InlineData("operate")]
    [InlineData("publish")]
    [InlineData("admin")]
    public async Task A_key_allows_its_scope_and_no_other(string scope)
    {
        using var client = await host.WithScopesAsync(scope);
        foreach (var wanted in AllScopes) (await StatusAsync(client, wanted)).ShouldBe(wanted == scope ? HttpStatusCode.OK : HttpStatusCode.Forbidden, wanted);
    }

    [Fact]
    public async Task A_key_is_taken_as_the_password_of_anybody()
    {
        using var client = host.Anonymous();
        var pair = Convert.ToBase64String(Encoding.UTF8.GetBytes("curl:" + await host.CreateKeyAsync("read")));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", pair);

        (await StatusAsync(client, "read")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_key_ends_when_it_is_revoked()
    {
        using var client = await host.WithScopesAsync("read");
        (await StatusAsync(client, "read")).ShouldBe(HttpStatusCode.OK);
        var id = client.DefaultRequestHeaders.Authorization!.Parameter!.Substring(4, 8);

        await Keys.RevokeAsync(id, Actor.Configuration);

        (await ReasonAsync(client)).ShouldContain("the API key was revoked");
        (await Should.ThrowAsync<RefusedException>(Keys.RevokeAsync(id, Actor.Configuration))).Kind.ShouldBe(RefusalKind.Conflict);
    }

    [Fact]
    public async Task A_key_ends_when_its_time_has_come()
    {
        await host.AccountsReadAsync();
        var (_, key) = await Keys.CreateAsync("short", ["read"], host.Clock.GetUtcNow().UtcDateTime.AddMinutes(1), Actor.Configuration);
        using var client = host.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        (await StatusAsync(client, "read")).ShouldBe(HttpStatusCode.OK);

        host.Clock.Advance(TimeSpan.FromMinutes(1));

        (await ReasonAsync(client)).ShouldContain("the API key has expired");
    }

    [Theory]
    [InlineData("brk_")]
    [InlineData("brk_aaaaaaaa_")]
    [InlineData("something else")]
    public async Task What_is_no_key_is_refused(string text)
    {
        using var client = host.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", text);

        (await ReasonAsync(client)).ShouldContain("there is no such API key");
    }

    [Fact]
    public async Task A_key_with_one_other_letter_is_refused()
    {
        var key = await host.CreateKeyAsync("read");
        using var client = host.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key[..^2] + (key[^2] == 'A' ? 'B' : 'A') + key[^1]);

        (await ReasonAsync(client)).ShouldContain("there is no such API key");
    }

    [Fact]
    public async Task Of_a_key_only_a_keyed_hash_is_kept()
    {
        var key = await host.CreateKeyAsync("read");
        var row = Keys.All.Single(row => key.StartsWith($"brk_{row.Id}_", StringComparison.Ordinal));

        row.Hash.ShouldBe(await host.Services.GetRequiredService<KeyedHashes>().OfAsync(key, default));
        row.Hash.ShouldNotBe(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        key.Length.ShouldBe(4 + 8 + 1 + 43); // 256 bits in base64url
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string scope)
    {
        using var answer = await client.GetAsync("/guarded/" + scope);
        return answer.StatusCode;
    }

    private static async Task<string> ReasonAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/guarded/read");
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        return await answer.Content.ReadAsStringAsync();
    }
}

/// <summary>A host that asks each policy at <c>/guarded/&lt;its name&gt;</c>.</summary>
public sealed class GuardedHost : BrokerHostWithManualTime
{
    /// <inheritdoc/>
    protected override void AddServices(IServiceCollection services) => services.AddSingleton<IStartupFilter, Guard>();

    private sealed class Guard : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Map("/guarded", guarded => guarded.Run(async http =>
            {
                var who = await http.AuthenticateAsync();
                http.User = who.Principal ?? new();
                var allowed = await http.RequestServices.GetRequiredService<IAuthorizationService>().AuthorizeAsync(http.User, http, http.Request.Path.Value!.Trim('/'));
                if (allowed.Succeeded) return;
                await (who.Succeeded ? http.ForbidAsync() : http.ChallengeAsync());
            }));
            next(app);
        };
    }
}

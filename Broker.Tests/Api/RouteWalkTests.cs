using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Broker.Tests.Testing;
using Broker.Web.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Api;

/// <summary>Walks all routes of the API, so that none is forgotten: who may not, what is not known, what is not there.</summary>
public sealed class RouteWalkTests(BrokerHost host) : IClassFixture<BrokerHost>
{
    private static readonly object Rule = new { subject = "anyone", action = "publish", filter = "a", allows = true };

    // The bodies that the routes need before they look for what they are about.
    private static readonly Dictionary<string, object> Bodies = new()
    {
        ["PUT /api/v1/clients/{id}/subscriptions"] = new { filter = "a" },
        ["PUT /api/v1/retained/message"] = new { payload = "a" },
        ["POST /api/v1/retained:delete"] = new { filter = "a" },
        ["POST /api/v1/administrators"] = new { name = "a", password = "a", role = "viewer" },
        ["PATCH /api/v1/administrators/{name}"] = new { role = "viewer" },
        ["POST /api/v1/api-keys"] = new { name = "a", scopes = new[] { "read" } },
        ["PUT /api/v1/users/{name}"] = new { groups = new[] { "a" } },
        ["PUT /api/v1/users/{name}/password"] = new { password = "a password that is long enough" },
        ["POST /api/v1/tokens"] = new { user = "a" },
        ["POST /api/v1/acl-rules"] = Rule,
        ["PUT /api/v1/acl-rules/{id}"] = Rule,
        ["PUT /api/v1/acl-rules/default"] = new { allows = true },
        ["POST /api/v1/access:explain"] = new { clientId = "a", action = "publish", topic = "a" },
        ["PUT /api/v1/clients/{id}/owner"] = new { userName = "a" },
        ["POST /api/v1/publish"] = new { topic = "a" },
        ["POST /api/v1/publish:batch"] = new { messages = new[] { new { topic = "a" } } },
        ["POST /api/v1/clients:disconnect"] = new { text = "nobody" },
        ["POST /api/v1/sessions:delete"] = new { text = "nobody" },
    };

    private IReadOnlyList<(string Method, RouteEndpoint Route)> Routes =>
    [
        .. from route in host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
           where route.RoutePattern.RawText?.StartsWith("/api/v1/", StringComparison.Ordinal) == true
           from method in route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
           select (method, route),
    ];

    [Fact]
    public void Every_route_names_one_policy()
    {
        Routes.Count.ShouldBeGreaterThan(25);
        foreach (var (method, route) in Routes)
        {
            var policies = route.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(one => one.Policy).ToArray();
            policies.ShouldHaveSingleItem($"{method} {route.RoutePattern.RawText}").ShouldBeOneOf([.. Scopes.All]);
            route.Metadata.GetMetadata<IAllowAnonymous>().ShouldBeNull();
            if (method == "GET") policies[0].ShouldBeOneOf(Scopes.Read, Scopes.Admin);
        }
    }

    [Fact]
    public async Task Without_a_login_each_answers_401()
    {
        using var nobody = host.Anonymous();
        foreach (var (method, route) in Routes) await AnswersAsync(nobody, method, route, HttpStatusCode.Unauthorized, "unauthorized");
    }

    [Fact]
    public async Task With_every_scope_but_its_own_each_answers_403()
    {
        foreach (var scope in Scopes.All)
        {
            using var client = await host.WithScopesAsync([.. Scopes.All.Where(other => other != scope)]);
            foreach (var (method, route) in Routes.Where(one => one.Route.Metadata.GetMetadata<IAuthorizeData>()!.Policy == scope))
                await AnswersAsync(client, method, route, HttpStatusCode.Forbidden, "forbidden");
        }
    }

    [Fact]
    public async Task With_a_parameter_that_it_does_not_know_each_answers_400_and_names_it()
    {
        using var client = await host.WithScopesAsync([.. Scopes.All]);
        foreach (var (method, route) in Routes)
            (await AnswersAsync(client, method, route, HttpStatusCode.BadRequest, "invalid", "surprise=1")).GetProperty("field").GetString().ShouldBe("surprise", $"{method} {route.RoutePattern.RawText}");
    }

    [Fact]
    public async Task With_a_part_of_the_body_that_it_does_not_know_each_answers_400_and_names_it()
    {
        using var client = await host.WithScopesAsync([.. Scopes.All]);
        foreach (var (method, route) in Routes.Where(one => Bodies.ContainsKey($"{one.Method} {one.Route.RoutePattern.RawText!.TrimEnd('/')}")))
            (await AnswersAsync(client, method, route, HttpStatusCode.BadRequest, "invalid", body: new { surprise = 1 })).GetProperty("field").GetString().ShouldBe("surprise");
    }

    [Fact]
    public async Task About_what_there_is_not_each_answers_404()
    {
        using var client = await host.WithScopesAsync([.. Scopes.All]);
        foreach (var (method, route) in Routes.Where(one => one.Route.RoutePattern.RawText!.Contains('{', StringComparison.Ordinal) && $"{one.Method} {one.Route.RoutePattern.RawText}" != "PUT /api/v1/users/{name}")) // which adds
            await AnswersAsync(client, method, route, HttpStatusCode.NotFound, "not_found");
        using var nowhere = await client.GetAsync("/api/v1/nowhere");
        (nowhere.StatusCode, nowhere.Content.Headers.ContentType!.MediaType).ShouldBe((HttpStatusCode.NotFound, "application/problem+json"));
    }

    private static async Task<JsonElement> AnswersAsync(
        HttpClient client, string method, RouteEndpoint route, HttpStatusCode status, string code, string query = "", object? body = null)
    {
        string pattern = route.RoutePattern.RawText!.TrimEnd('/'), name = $"{method} {pattern}";
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{pattern.Replace("{id}", "nobody", StringComparison.Ordinal).Replace("{name}", "nobody", StringComparison.Ordinal)}?{Needed(name)}{query}");
        if (body is not null || Bodies.TryGetValue(name, out body)) request.Content = JsonContent.Create(body);
        using var answer = await client.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(status, $"{name}: {text}");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json", name);
        var problem = JsonDocument.Parse(text).RootElement;
        problem.GetProperty("code").GetString().ShouldBe(code, $"{name}: {text}");
        problem.GetProperty("traceId").GetString().ShouldNotBeNullOrEmpty(name);
        return problem;
    }

    private static string Needed(string name) => name switch
    {
        "GET /api/v1/broker/stats/history" => "name=a&from=2026-01-01T00:00:00Z&",
        "GET /api/v1/retained/message" or "PUT /api/v1/retained/message" or "DELETE /api/v1/retained/message" => "topic=a&",
        "DELETE /api/v1/clients/{id}/subscriptions" or "GET /api/v1/messages/stream" => "filter=a&",
        _ => "",
    };
}

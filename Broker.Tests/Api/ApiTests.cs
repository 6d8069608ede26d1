using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Broker.Tests.RealClients;
using Broker.Tests.Testing;
using Broker.Web.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Api;

/// <summary>What tests of the REST API share: requests with a key of all scopes, and clients on the same broker.</summary>
public abstract class ApiTests(BrokerHost host) : WireTests(host), IAsyncLifetime
{
    private static readonly TimeSpan Patience = RunningProgram.Patience;

    /// <summary>Sends requests that may do everything.</summary>
    protected HttpClient Http { get; private set; } = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync() => Http = await Broker.WithScopesAsync("read", "operate", "publish", "admin");

    /// <inheritdoc/>
    public Task DisposeAsync()
    {
        Http.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Reads a resource.</summary>
    protected async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Http.GetAsync("/api/v1" + path);
        return await BodyAsync(answer, HttpStatusCode.OK);
    }

    /// <summary>Reads a resource until it is as it should be: history is written behind.</summary>
    protected async Task<JsonElement> WaitAsync(string path, Func<JsonElement, bool> isRight)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            using var answer = await Http.GetAsync("/api/v1" + path, CancellationToken.None);
            string text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
            if (answer.IsSuccessStatusCode && JsonDocument.Parse(text).RootElement is var now && isRight(now)) return now;
            if (deadline.IsCancellationRequested) throw new ScriptException($"{path} never came to what was expected; last: {text}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
        }
    }

    /// <summary>Sends a request with a body, and reads the answer.</summary>
    protected async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body = null, HttpStatusCode expected = HttpStatusCode.OK, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, "/api/v1" + path);
        if (body is not null) request.Content = JsonContent.Create(body);
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        using var answer = await Http.SendAsync(request);
        return await BodyAsync(answer, expected);
    }

    /// <summary>Sends a request that must be refused for one of its fields.</summary>
    protected async Task RefusedAsync(HttpMethod method, string path, string field, object? body = null)
    {
        var problem = await SendAsync(method, path, body, HttpStatusCode.BadRequest);
        (problem.Text("code"), problem.Text("field")).ShouldBe(("invalid", field), problem.ToString());
        problem.Text("traceId").ShouldNotBeNullOrEmpty();
    }

    /// <summary>Waits until a job has ended.</summary>
    protected Task<JsonElement> EndOfJobAsync(JsonElement job) => WaitAsync($"/jobs/{job.Text("id")}", now => now.Text("state") != "running");

    /// <summary>The records of the audit that tell of a target.</summary>
    protected async Task<List<string>> AuditOfAsync(string target)
    {
        await using var context = await Broker.Services.GetRequiredService<IDbContextFactory<BrokerDbContext>>().CreateDbContextAsync();
        return await context.Audit.Where(row => row.Target == target).OrderBy(row => row.Id).Select(row => row.Action).ToListAsync();
    }

    private static async Task<JsonElement> BodyAsync(HttpResponseMessage answer, HttpStatusCode expected)
    {
        string text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(expected, text);
        if (text.Length == 0) return default;
        answer.Content.Headers.ContentType!.MediaType.ShouldBe((int)expected < 400 ? "application/json" : "application/problem+json");
        return JsonDocument.Parse(text).RootElement;
    }
}

/// <summary>Reading answers.</summary>
public static class Json
{
    /// <summary>A text below an object, or null.</summary>
    public static string? Text(this JsonElement element, string name) => element.GetProperty(name).GetString();

    /// <summary>A number below an object.</summary>
    public static long Number(this JsonElement element, string name) => element.GetProperty(name).GetInt64();

    /// <summary>The items of a page.</summary>
    public static JsonElement[] Items(this JsonElement page) => [.. page.GetProperty("items").EnumerateArray()];
}

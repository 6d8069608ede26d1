using System.Net;
using System.Net.Http.Headers;
using Broker.Tests.RealClients;
using Broker.Tests.Testing;
using Broker.Web.Security;

namespace Broker.Tests.Security;

/// <summary>
/// Whoever comes after a restart, before the broker has read its accounts. Another host owns the database at first, so that this one waits for it; its clock stands still.
/// </summary>
public sealed class EarlyRequestTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = RunningProgram.Patience;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("broker-early-");
    private readonly List<BrokerHost> hosts = [];
    private WebSession session = null!;
    private AuthenticationHeaderValue key = null!;
    private StandBy host = null!;

    public async Task InitializeAsync()
    {
        (string, string)[] store = [("Storage:Provider", "Sqlite"), ("ConnectionStrings:Broker", $"Data Source={Path.Combine(folder.FullName, "broker.db")}")];
        var owner = new Owner([.. store, ("Admin:Password", SignedIn.Password)]);
        hosts.Add(owner);
        await owner.InitializeAsync();
        session = await WebSession.SignInAsync(owner.Origin(), "admin", SignedIn.Password);
        key = new AuthenticationHeaderValue("Bearer", await owner.CreateKeyAsync(Scopes.Read));
        host = new StandBy(store);
        hosts.Insert(0, host);
        await host.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        session.Dispose();
        foreach (var one in hosts) await one.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_session_and_a_key_are_served_as_soon_as_the_accounts_are_known()
    {
        var page = SendAsync("/", withCookie: true);
        var live = SendAsync("/_blazor/negotiate?negotiateVersion=1", withCookie: true);
        var program = SendAsync("/api/v1/broker", withCookie: false);
        using var stranger = host.Anonymous();
        (await stranger.GetAsync("/api/v1/broker")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized); // whoever shows nothing has nothing to wait for
        (page.IsCompleted, live.IsCompleted, program.IsCompleted).ShouldBe((false, false, false));

        await hosts[^1].StopAsync();
        foreach (var request in new[] { page, live, program })
        {
            using var answer = await request.WaitAsync(Patience);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task While_the_accounts_stay_unknown_a_request_is_told_to_come_again_and_its_cookie_stays()
    {
        using (var page = await PassAsync(SendAsync("/", withCookie: true)))
        {
            page.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            page.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(2));
            page.Headers.GetValues("Refresh").ShouldBe(["2"]);
            page.Headers.Contains("Set-Cookie").ShouldBeFalse();
        }
        using (var program = await PassAsync(SendAsync("/api/v1/broker", withCookie: false)))
        {
            program.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            program.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(2));
            program.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        }
        using (var style = await SendAsync("/css/base.css", withCookie: true)) // it waits for nothing, and its cookie stays too
        {
            style.StatusCode.ShouldBe(HttpStatusCode.OK);
            style.Headers.Contains("Set-Cookie").ShouldBeFalse();
        }
        using var signIn = await PassAsync(SendAsync("/sign-in", withCookie: true));
        signIn.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        signIn.Headers.GetValues("Refresh").ShouldBe(["2"]);
        (await signIn.Content.ReadAsStringAsync()).ShouldContain("has not read its accounts yet");
    }

    private async Task<HttpResponseMessage> SendAsync(string path, bool withCookie)
    {
        using var client = host.Anonymous();
        using var request = new HttpRequestMessage(path.StartsWith("/_blazor", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get, path);
        request.Headers.Add("Origin", host.Origin());
        if (withCookie)
        {
            request.Headers.Add("Accept", "text/html");
            request.Headers.Add("Cookie", string.Join("; ", session.Cookies.Select(cookie => $"{cookie.Name}={cookie.Value}")));
        }
        else
        {
            request.Headers.Authorization = key;
        }
        return await client.SendAsync(request);
    }

    // Moves the host's clock on until the answer is there.
    private async Task<HttpResponseMessage> PassAsync(Task<HttpResponseMessage> request)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!request.IsCompleted)
        {
            host.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(request, Task.Delay(TimeSpan.FromMilliseconds(2), deadline.Token));
            deadline.Token.ThrowIfCancellationRequested();
        }
        return await request;
    }

    private sealed class Owner((string Key, string Value)[] settings) : BrokerHost(settings);

    private sealed class StandBy((string Key, string Value)[] settings) : BrokerHostWithManualTime(settings);
}

using System.Net;
using System.Net.WebSockets;
using Broker.Tests.Testing;
using Broker.Web.Security;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Security;

/// <summary>Sessions of the dashboard: what they allow, and when they end.</summary>
public sealed class SessionTests(SignInHost host) : IClassFixture<SignInHost>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private Accounts Accounts => host.Services.GetRequiredService<Accounts>();

    [Fact]
    public async Task A_page_without_a_session_leads_to_where_one_signs_in_and_a_program_is_told()
    {
        using var visitor = new WebSession(host.Origin());
        (await visitor.Http.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        using var client = host.Anonymous();
        client.DefaultRequestHeaders.Add("Accept", "*/*");
        (await client.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("/client")]
    [InlineData("/sign-in")]
    [InlineData("/not-found")]
    [InlineData("/health/live")]
    [InlineData("/css/base.css")]
    public async Task What_holds_no_data_of_the_broker_needs_none(string path)
    {
        using var visitor = new WebSession(host.Origin());
        (await visitor.Http.GetAsync(path)).StatusCode.ShouldBe(path == "/not-found" ? HttpStatusCode.NotFound : HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("role")]
    [InlineData("password")]
    [InlineData("everywhere")]
    public async Task A_session_and_its_live_pages_end_when_the_account_changes(string change)
    {
        var name = await host.AddAccountAsync(Role.Operator);
        using var session = await WebSession.SignInAsync(host.Origin(), name, SignedIn.Password);
        (await session.Http.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var live = await LiveAsync(session);

        await (change switch
        {
            "removed" => Accounts.RemoveAsync(name, Actor.Configuration),
            "role" => Accounts.SetRoleAsync(name, Role.Viewer, Actor.Configuration),
            "password" => Accounts.SetPasswordAsync(name, "another long password", Actor.Configuration),
            _ => Accounts.SignOutEverywhereAsync(name, Actor.Configuration),
        });

        await EndsAsync(live);
        (await session.Http.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task Signing_out_ends_this_session_and_its_live_pages_and_no_other()
    {
        var name = await host.AddAccountAsync(Role.Viewer);
        using var session = await WebSession.SignInAsync(host.Origin(), name, SignedIn.Password);
        using var other = await WebSession.SignInAsync(host.Origin(), name, SignedIn.Password);
        using var live = await LiveAsync(session);

        (await SignOutAsync(session)).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        await EndsAsync(live);
        (await session.Http.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await other.Http.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Signing_out_everywhere_ends_all_sessions_of_the_account()
    {
        var name = await host.AddAccountAsync(Role.Viewer);
        using var session = await WebSession.SignInAsync(host.Origin(), name, SignedIn.Password);
        using var other = await WebSession.SignInAsync(host.Origin(), name, SignedIn.Password);

        await SignOutAsync(session, ("everywhere", "true"));

        (await other.Http.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task Signing_out_needs_the_forms_token()
    {
        using var session = await host.SignInAsync(Role.Viewer);
        (await session.PostAsync("/sign-out")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await session.Http.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_page_of_somebody_who_is_signed_in_is_not_kept_by_caches()
    {
        using var session = await host.SignInAsync(Role.Viewer);
        using var page = await session.Http.GetAsync("/");
        page.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Theory]
    [InlineData("http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("", HttpStatusCode.Forbidden)]
    [InlineData("http://127.0.0.1:1", HttpStatusCode.Forbidden)]
    [InlineData("{origin}", HttpStatusCode.OK)]
    public async Task A_live_page_of_another_origin_gets_no_connection(string origin, HttpStatusCode status)
    {
        using var session = await host.SignInAsync(Role.Viewer);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1");
        if (origin.Length > 0) request.Headers.Add("Origin", origin.Replace("{origin}", host.Origin(), StringComparison.Ordinal));
        (await session.Http.SendAsync(request)).StatusCode.ShouldBe(status);
    }

    [Fact]
    public async Task Without_a_session_there_is_no_live_page()
    {
        using var visitor = new WebSession(host.Origin());
        using var request = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1") { Headers = { { "Origin", host.Origin() } } };
        (await visitor.Http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_session_of_the_dashboard_is_worth_nothing_to_MQTT()
    {
        using var session = await host.SignInAsync(Role.Admin);
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("mqtt");
        socket.Options.SetRequestHeader("Cookie", CookiesOf(session));
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{host.Address.HttpPort}/mqtt"), CancellationToken.None);
        byte[] connect = [0x10, 14, 0, 4, .. "MQTT"u8, 5, 2, 0, 60, 0, 0, 1, (byte)'x'];
        await socket.SendAsync(connect, WebSocketMessageType.Binary, true, CancellationToken.None);

        var connack = new byte[256];
        using var patience = new CancellationTokenSource(Patience);
        await socket.ReceiveAsync(connack, patience.Token);
        (connack[0], connack[3]).ShouldBe(((byte)0x20, (byte)0x87)); // not authorized
    }

    private static string CookiesOf(WebSession session) => string.Join("; ", session.Cookies.Select(cookie => $"{cookie.Name}={cookie.Value}"));

    private async Task<ClientWebSocket> LiveAsync(WebSession session)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", host.Origin());
        socket.Options.SetRequestHeader("Cookie", CookiesOf(session));
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{host.Address.HttpPort}/_blazor"), CancellationToken.None);
        // The handshake of SignalR: its answer shows that the hub is there.
        await socket.SendAsync("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        using var patience = new CancellationTokenSource(Patience);
        (await socket.ReceiveAsync(new byte[256], patience.Token)).Count.ShouldBeGreaterThan(0);
        return socket;
    }

    private static async Task EndsAsync(ClientWebSocket socket)
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new byte[4_096];
        await Should.ThrowAsync<WebSocketException>(async () =>
        {
            while (true) await socket.ReceiveAsync(buffer, patience.Token);
        });
    }

    private static async Task<HttpResponseMessage> SignOutAsync(WebSession session, params (string, string)[] fields)
    {
        var page = await session.Http.GetStringAsync("/");
        return await session.PostAsync("/sign-out", [.. WebSession.HiddenFields(page, "sign-out"), .. fields]);
    }
}

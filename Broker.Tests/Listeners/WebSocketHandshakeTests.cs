using System.Net;
using Broker.Core.Access;

namespace Broker.Tests.Listeners;

/// <summary>Who may open a WebSocket, with which sub-protocol, and what everybody else is told.</summary>
public sealed class WebSocketHandshakeTests
{
    private const string Mqtt = "Sec-WebSocket-Protocol: mqtt\r\n";

    [Theory]
    [InlineData("Sec-WebSocket-Protocol: mqtt\r\n", "mqtt")]
    [InlineData("Sec-WebSocket-Protocol: mqttv3.1\r\n", "mqttv3.1")]
    [InlineData("Sec-WebSocket-Protocol: mqttv3.1, mqtt\r\n", "mqtt")]
    [InlineData("Sec-WebSocket-Protocol: chat,soap ,mqtt , xmpp\r\n", "mqtt")]
    [InlineData("Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: xmpp, mqttv3.1\r\n", "mqttv3.1")]
    public async Task The_sub_protocol_is_found_anywhere_in_the_offer(string headers, string chosen)
    {
        await using var host = await ListenerHost.StartAsync(ListenerHost.EchoAsync);
        var answer = await RawWebSocket.AskAsync(host.Http, headers);
        answer.ShouldContain($"Sec-WebSocket-Protocol: {chosen}\r\n");
        answer.ShouldContain("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"); // RFC 6455, section 1.3
        answer.ShouldNotContain("Sec-WebSocket-Extensions");
    }

    [Theory]
    [InlineData("")]
    [InlineData("Sec-WebSocket-Protocol: chat\r\n")]
    [InlineData("Sec-WebSocket-Protocol: MQTT\r\n")]
    [InlineData("Sec-WebSocket-Protocol: mqtt5, mqtt-v5\r\n")]
    public async Task Without_it_the_handshake_is_refused_and_nothing_is_echoed(string headers)
    {
        await using var host = await ListenerHost.StartAsync(ListenerHost.EchoAsync);
        var answer = await RawWebSocket.AskAsync(host.Http, headers);
        answer.ShouldStartWith("HTTP/1.1 400 ");
        answer.ShouldContain("sub-protocol \"mqtt\"");
        answer.ShouldNotContain("Sec-WebSocket-Protocol:");
    }

    [Fact]
    public async Task A_plain_request_is_told_what_is_here()
    {
        await using var host = await ListenerHost.StartAsync(ListenerHost.EchoAsync);
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(host.Http, "/mqtt"));
        answer.StatusCode.ShouldBe(HttpStatusCode.UpgradeRequired);
        answer.Headers.Upgrade.ToString().ShouldBe("websocket");
        (await answer.Content.ReadAsStringAsync()).ShouldContain($"ws://{host.Http.Authority}/mqtt");
    }

    [Fact]
    public async Task Another_version_of_the_protocol_is_refused_with_the_one_that_is_spoken()
    {
        await using var host = await ListenerHost.StartAsync(ListenerHost.EchoAsync);
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Http, "/mqtt"));
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "websocket");
        request.Headers.Add("Sec-WebSocket-Version", "8");
        using var answer = await client.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.UpgradeRequired);
        answer.Headers.GetValues("Sec-WebSocket-Version").ShouldBe(["13"]);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{port}", true)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("https://[::1]:5173", true)]
    [InlineData("http://evil.example", false)]
    [InlineData("http://localhost.evil.example", false)]
    [InlineData("null", false)]
    [InlineData("nonsense", false)]
    public async Task A_page_may_connect_from_the_broker_itself_and_on_loopback_from_any_loopback_origin(string origin, bool admitted)
    {
        await using var host = await ListenerHost.StartAsync(ListenerHost.EchoAsync);
        origin = origin.Replace("{port}", $"{host.Http.Port}");
        var answer = await RawWebSocket.AskAsync(host.Http, $"{Mqtt}Origin: {origin}\r\n");
        answer.ShouldStartWith(admitted ? "HTTP/1.1 101 " : "HTTP/1.1 403 ");
        host.Messages.Any(message => message.Contains("Mqtt:WebSockets:AllowedOrigins:0", StringComparison.Ordinal)).ShouldBe(!admitted);
    }

    [Theory]
    [InlineData("http://broker.example:{port}", "broker.example:{port}", true)]
    [InlineData("http://broker.example", "broker.example:{port}", false)]
    [InlineData("https://broker.example:{port}", "broker.example:{port}", false)]
    [InlineData("http://localhost:3000", "broker.example:{port}", false)]
    public async Task The_same_origin_has_the_same_scheme_host_and_port(string origin, string hostHeader, bool admitted)
    {
        await using var host = await ListenerHost.StartAsync(ListenerHost.EchoAsync);
        var answer = await RawWebSocket.AskAsync(host.Http, $"{Mqtt}Origin: {origin.Replace("{port}", $"{host.Http.Port}")}\r\n", hostHeader.Replace("{port}", $"{host.Http.Port}"));
        answer.ShouldStartWith(admitted ? "HTTP/1.1 101 " : "HTTP/1.1 403 ");
    }

    [Theory]
    [InlineData("Mqtt:WebSockets:AllowedOrigins:0=https://app.example", "https://app.example", true)]
    [InlineData("Mqtt:WebSockets:AllowedOrigins=https://a.example, https://app.example/", "https://app.example", true)]
    [InlineData("Mqtt:WebSockets:AllowedOrigins:0=https://app.example", "https://app.example:8443", false)]
    [InlineData("Mqtt:WebSockets:AllowedOrigins:0=*", "https://anybody.example", true)]
    public async Task Other_origins_are_allowed_by_name(string setting, string origin, bool admitted)
    {
        await using var host = await ListenerHost.StartAsync(ListenerHost.EchoAsync, setting);
        (await RawWebSocket.AskAsync(host.Http, $"{Mqtt}Origin: {origin}\r\n")).ShouldStartWith(admitted ? "HTTP/1.1 101 " : "HTTP/1.1 403 ");
    }

    [Theory]
    [InlineData("", null, "", true)]
    [InlineData("", "localhost:80", "", true)]
    [InlineData("", "rebound.example", "", false)]
    [InlineData("X-Forwarded-For: 203.0.113.9\r\n", null, "", false)]
    [InlineData("Forwarded: for=203.0.113.9\r\n", null, "", false)]
    [InlineData("Via: 1.1 proxy\r\n", null, "", false)]
    [InlineData("Via: 1.1 proxy\r\n", null, "Mqtt:WebSockets:AllowAnonymous=true", true)]
    [InlineData("", null, "Mqtt:WebSockets:AllowAnonymous=false", false)]
    public async Task Anonymous_clients_are_let_in_from_this_machine_only_unless_configured(string headers, string? hostHeader, string setting, bool allowed)
    {
        var seen = new TaskCompletionSource<bool>();
        string[] settings = setting.Length > 0 ? [setting] : [];
        await using var host = await ListenerHost.StartAsync(transport =>
        {
            seen.SetResult(transport.Anonymous != AnonymousAccess.Never);
            return Task.CompletedTask;
        }, settings);
        await RawWebSocket.AskAsync(host.Http, Mqtt + headers, hostHeader);
        (await seen.Task).ShouldBe(allowed);
    }

    [Fact]
    public async Task The_path_can_be_set()
    {
        await using var host = await ListenerHost.StartAsync(ListenerHost.EchoAsync, "Mqtt:WebSockets:Path=/ws/devices");
        using var client = new HttpClient();
        (await client.GetAsync(new Uri(host.Http, "/mqtt"))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await client.GetAsync(new Uri(host.Http, "/ws/devices"))).StatusCode.ShouldBe(HttpStatusCode.UpgradeRequired);
    }
}

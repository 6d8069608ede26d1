using System.Net;
using System.Net.Sockets;
using Broker.Tests.RealClients;
using Broker.Web.Listeners;

namespace Broker.Tests.Listeners;

/// <summary>The host as a process: what it says when it cannot start, what it says when it can, and how it ends.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task A_wrong_configuration_is_told_line_by_line_without_a_stack_trace()
    {
        await using var host = BrokerProcess.Launch("--Mqtt:Listeners:0:Url=tcp://localhost:1883", "--Mqtt:Limits:KeepAlive=never", "--Mqtt:Sys:Intervall=5");
        await RefusesAsync(host,
            "error: Mqtt:Limits:KeepAlive = \"never\" (command line): allowed is a whole number from 0 to 65535. Correct it, or remove the key for the default.",
            "error: Mqtt:Listeners:0:Url = \"tcp://localhost:1883\" (command line): allowed is mqtt://host:port or mqtts://host:port, where host is a name, an address or *. Write mqtt://localhost:1883.",
            "error: Mqtt:Sys:Intervall = \"5\" (command line): there is no such key. Did you mean Mqtt:Sys:Interval?");
    }

    [Fact]
    public async Task Every_port_that_is_taken_is_told()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        var (mqtt, http) = (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
        await using var host = BrokerProcess.Launch($"--Mqtt:Listeners:0:Url=mqtt://127.0.0.1:{mqtt}", $"--urls=http://127.0.0.1:{http}");
        await RefusesAsync(host,
            $"error: Mqtt:Listeners:0:Url = \"mqtt://127.0.0.1:{mqtt}\": another process listens there. Stop it, or set Mqtt:Listeners:0:Url to another port.",
            $"error: urls = \"http://127.0.0.1:{http}\": another process listens there. Stop it, or set urls to another port.");
    }

    [Fact]
    public async Task A_refusal_of_Kestrels_is_one_line_too()
    {
        await using var host = BrokerProcess.Launch("--Mqtt:Listeners:0:Url=mqtt://127.0.0.1:0", "--urls=http://unix:/there/is/no/such/folder/socket");
        (await host.ExitCodeAsync()).ShouldBe(1, host.Transcript);
        Lines(host).ShouldHaveSingleItem().ShouldStartWith("error: The broker cannot start: ");
    }

    [Fact]
    public async Task It_tells_every_address_and_the_next_step()
    {
        await using var host = BrokerProcess.Launch("--Mqtt:Listeners:0:Url=mqtt://127.0.0.1:0", "--Mqtt:Listeners:1:Url=mqtt://localhost:0", "--urls=http://127.0.0.1:0");
        await host.LineAsync(line => line.StartsWith("Ctrl-C", StringComparison.Ordinal));
        var text = string.Join('\n', Lines(host));
        text.ShouldMatch(@"MQTT +mqtt://127\.0\.0\.1:[1-9]");
        text.ShouldMatch(@"MQTT +mqtt://localhost:[1-9]");
        text.ShouldMatch(@"WebSocket +ws://127\.0\.0\.1:[1-9]\d*/mqtt");
        text.ShouldMatch(@"Dashboard +http://127\.0\.0\.1:[1-9]");
        text.ShouldMatch(@"Health +http://127\.0\.0\.1:[1-9]\d*/health/ready");
        text.ShouldContain("do not survive a restart");
        text.ShouldMatch(@"Next: mosquitto_sub -h 127\.0\.0\.1 -p [1-9]");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_ends_in_time_whatever_is_connected(bool terminate)
    {
        var (mqtt, http) = (FreePort.Next(), FreePort.Next());
        await using var host = BrokerProcess.Launch($"--Mqtt:Listeners:0:Url=mqtt://127.0.0.1:{mqtt}", $"--urls=http://127.0.0.1:{http}");
        await host.LineAsync(line => line.StartsWith("Ctrl-C", StringComparison.Ordinal));

        using var silent = new TcpClient();
        await silent.ConnectAsync(IPAddress.Loopback, mqtt);
        using var idle = new HttpClient();
        (await idle.GetAsync(new Uri($"http://127.0.0.1:{http}/health/live"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var half = new TcpClient();
        await half.ConnectAsync(IPAddress.Loopback, http);
        await half.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: "u8.ToArray());
        using var webSocket = new System.Net.WebSockets.ClientWebSocket();
        webSocket.Options.AddSubProtocol("mqtt");
        await webSocket.ConnectAsync(new Uri($"ws://127.0.0.1:{http}/mqtt"), default);

        if (terminate) host.SendTerminate();
        else host.SendInterrupt();
        var ended = host.ExitCodeAsync();
        // It takes 3.5 s at most, a busy machine makes more of them; Kestrel's own patience would be 30 s.
        (await Task.WhenAny(ended, Task.Delay(TimeSpan.FromSeconds(20)))).ShouldBe(ended, host.Transcript);
        (await ended).ShouldBe(0, host.Transcript);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("websocket")]
    public async Task A_client_of_MQTT_5_is_told_that_the_server_shuts_down(string carrier)
    {
        var (mqtt, http) = (FreePort.Next(), FreePort.Next());
        await using var host = BrokerProcess.Launch($"--Mqtt:Listeners:0:Url=mqtt://127.0.0.1:{mqtt}", $"--urls=http://127.0.0.1:{http}");
        await host.LineAsync(line => line.StartsWith("Ctrl-C", StringComparison.Ordinal));
        byte[] connect = [0x10, 14, 0, 4, .. "MQTT"u8, 5, 2, 0, 60, 0, 0, 1, (byte)'x'];
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, carrier == "tcp" ? mqtt : http);
        var stream = carrier == "tcp" ? client.GetStream() : await RawWebSocket.UpgradeAsync(client.GetStream());
        await stream.WriteAsync(carrier == "tcp" ? connect : RawWebSocket.Frame(2, connect));
        var head = new byte[carrier == "tcp" ? 2 : 4];
        await stream.ReadExactlyAsync(head);
        head[^2].ShouldBe((byte)0x20);
        await stream.ReadExactlyAsync(new byte[head[^1]]);

        host.SendTerminate();
        await stream.ReadExactlyAsync(head);
        head[^2].ShouldBe((byte)0xE0);
        var disconnect = new byte[head[^1]];
        await stream.ReadExactlyAsync(disconnect);
        disconnect[0].ShouldBe((byte)0x8B);
        client.Dispose();
        (await host.ExitCodeAsync()).ShouldBe(0, host.Transcript);
    }

    [Fact]
    public void What_keeps_a_port_from_being_had_is_told_with_what_helps()
    {
        Told(SocketError.AddressAlreadyInUse).ShouldContain("another process listens there. Stop it, or set Mqtt:Listeners:0:Url");
        foreach (var way in new[] { "a port from 1024 up and map port 883 to it", "setcap cap_net_bind_service", "AmbientCapabilities", "ip_unprivileged_port_start=883" })
            Told(SocketError.AccessDenied).ShouldContain(way);
        Told(SocketError.AccessDenied, 8883).ShouldNotContain("1024");
        Told(SocketError.AddressNotAvailable).ShouldContain("no such address");
        Told(SocketError.HostNotFound).ShouldContain("the name is not known");
        static string Told(SocketError error, int port = 883) => BindFailure.Explain("Mqtt:Listeners:0:Url", $"mqtt://x:{port}", port, error).ToString();
    }

    private static async Task RefusesAsync(RunningProgram host, params string[] lines)
    {
        (await host.ExitCodeAsync()).ShouldBe(1, host.Transcript);
        Lines(host).ShouldBe(lines);
    }

    private static string[] Lines(RunningProgram host) => host.Transcript.Split('\n')[1..];
}

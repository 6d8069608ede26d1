using System.Net;
using System.Net.Sockets;
using System.Text;
using Broker.Tests.Listeners;
using Broker.Tests.RealClients;
using Broker.Web.Commands;
using Broker.Web.Configuration;
using Microsoft.Extensions.Configuration;

namespace Broker.Tests.Commands;

/// <summary>The command that asks a broker whether it is ready, as container engines do.</summary>
public sealed class HealthTests
{
    private const string Key = "Kestrel:Endpoints:Http:Url";

    private static readonly string Host = typeof(HealthCommand).Assembly.Location;

    [Theory]
    [InlineData("--urls=http://127.0.0.1:{0}", "")]
    [InlineData("--urls=http://*:{0}", "")]
    [InlineData("--Kestrel:Endpoints:Http:Url=http://localhost:{0}", "")]
    [InlineData("--Kestrel:Endpoints:Https:Url=https://127.0.0.1:{0}", "")]
    [InlineData("--AllowedHosts=broker.example.com", "ASPNETCORE_URLS=http://127.0.0.1:{0}")]
    [InlineData("--Mqtt:Sys:Interval=5", "Kestrel__Endpoints__Http__Url=http://127.0.0.1:{0}")]
    [InlineData("--Mqtt:Sys:Interval=5", "ASPNETCORE_HTTP_PORTS={0}")]
    [InlineData("--urls=http://unix:/tmp/broker-health-{0}", "")]
    public async Task Asked_with_the_settings_of_a_broker_that_is_ready_it_ends_with_0(string argument, string environment)
    {
        using var certificates = new Certificates();
        var port = FreePort.Next();
        string[] start = [.. Fill(environment), "dotnet", Host];
        string[] settings = [.. Fill(argument), $"--Kestrel:Certificates:Default:Path={certificates.Chain}", $"--Kestrel:Certificates:Default:KeyPath={certificates.Key}"];
        await using var broker = RunningProgram.Start("env", [.. start, "--Mqtt:Listeners:0:Url=mqtt://127.0.0.1:0", "--Storage:Provider=Memory", .. settings]);
        await broker.LineAsync(line => line.StartsWith("Ctrl-C", StringComparison.Ordinal));

        await using var health = RunningProgram.Start("env", [.. start, "health", .. settings]);
        await health.SucceedsAsync();
        health.Transcript.Split('\n')[^1].ShouldBe("ready");
        broker.SendTerminate(); // env has become the broker; one that is killed would leave its socket behind
        await broker.SucceedsAsync();

        string[] Fill(string text) => text.Length == 0 ? [] : [text.Replace("{0}", $"{port}", StringComparison.Ordinal)];
    }

    [Fact]
    public async Task Where_nobody_listens_it_says_so_and_ends_with_1()
    {
        var port = FreePort.Next();
        await using var health = RunningProgram.Start("dotnet", [Host, "health", $"--url=http://127.0.0.1:{port}"]);
        (await health.ExitCodeAsync()).ShouldBe(1, health.Transcript);
        health.Transcript.ShouldContain($"no broker answers at http://127.0.0.1:{port}/health/ready: Connection refused");
    }

    [Theory]
    [InlineData("--url=localhost:8080", "error: url = \"localhost:8080\" (command line): allowed is http://host:port or https://host:port.")]
    [InlineData("--urls=http://127.0.0.1:0", "the system chooses the port")]
    [InlineData("now", "error: now: this is no setting.")]
    public async Task Asked_in_a_way_that_it_does_not_understand_it_says_so_and_ends_with_1(string argument, string told)
    {
        await using var health = RunningProgram.Start("dotnet", [Host, "health", argument]);
        (await health.ExitCodeAsync()).ShouldBe(1, health.Transcript);
        health.Transcript.ShouldContain(told);
    }

    [Theory]
    [InlineData("200 OK", """{"status":"ready","reason":"ready"}""", true, "ready")]
    [InlineData("503 Service Unavailable", """{"status":"unavailable","reason":"the database does not answer"}""", false, "unavailable: the database does not answer")]
    [InlineData("200 OK", "<html>", false, "something else than the broker answers at http://127.0.0.1:{0}/health/ready, with 200")]
    [InlineData("404 Not Found", "[]", false, "something else than the broker answers at http://127.0.0.1:{0}/health/ready, with 404")]
    public async Task It_tells_what_it_is_answered(string status, string body, bool isReady, string told)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var answering = AnswerAsync(server, $"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        var answer = await HealthCommand.AskAsync(EndPoint(server), null, RunningProgram.Patience);
        await answering;
        answer.ShouldBe((isReady, told.Replace("{0}", $"{EndPoint(server).Port}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task It_gives_up_on_a_broker_that_does_not_answer()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var (isReady, answer) = await HealthCommand.AskAsync(EndPoint(server), null, TimeSpan.FromMilliseconds(20));
        isReady.ShouldBeFalse();
        answer.ShouldStartWith("no answer at ");
    }

    [Theory]
    [InlineData("http://localhost:80", "localhost")]
    [InlineData("http://*:80", "127.0.0.1")]
    [InlineData("http://0.0.0.0:80", "127.0.0.1")]
    [InlineData("http://[::]:80", "[::1]")]
    [InlineData("http://[2001:db8::1]:80", "[2001:db8::1]")]
    [InlineData("http://192.0.2.1:80", "192.0.2.1")]
    [InlineData("http://broker.example.com:80", "127.0.0.1")]
    public void It_asks_where_the_broker_can_be_reached(string url, string host) => HealthCommand.Reach(Address((Key, url))).ShouldBe(host);

    [Fact]
    public void It_asks_an_endpoint_without_TLS_if_there_is_one() =>
        Address(("Kestrel:Endpoints:A:Url", "https://localhost:1"), ("Kestrel:Endpoints:B:Url", "http://localhost:2")).Port.ShouldBe(2);

    [Fact]
    public void An_address_that_is_named_overrules_the_settings() => Address((Key, "http://localhost:1"), ("url", "http://192.0.2.1:2")).ToString().ShouldBe("http://192.0.2.1:2");

    private static HttpEndpoint Address(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(settings.Select(one => new KeyValuePair<string, string?>(one.Key, one.Value)));
        return HealthCommand.Address(configuration);
    }

    private static HttpEndpoint EndPoint(TcpListener server) => new(Key, "http", "127.0.0.1", ((IPEndPoint)server.LocalEndpoint).Port);

    private static async Task AnswerAsync(TcpListener server, string answer)
    {
        using var client = await server.AcceptTcpClientAsync();
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        while (await reader.ReadLineAsync() is { Length: > 0 }) { }
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer));
    }
}

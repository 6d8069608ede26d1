using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broker.Core.Connections;

namespace Broker.Tests.Listeners.Tls;

/// <summary>Client certificates on an HTTPS endpoint, for requests and for MQTT over WebSocket; its own certificate and key stand in one PEM file, which Kestrel alone refuses.</summary>
public sealed class HttpsClientCertificateTests : IAsyncLifetime
{
    private readonly Certificates files = new();
    private readonly Authority clients = new("Clients"), strangers = new("Strangers");
    private ListenerHost host = null!;

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(files.PathOf("clients.pem"), clients.Pem);
        string[] settings = [$"Certificate:Path={files.Together}", $"ClientAuthorities={files.PathOf("clients.pem")}", "ClientCertificates=Required", "CertifiedUserName=CommonName", "Url=https://127.0.0.1:0"];
        host = await ListenerHost.StartAsync(SayNameAsync, [.. settings.Select(setting => $"Kestrel:Endpoints:Devices:{setting}")]);
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        clients.Dispose();
        strangers.Dispose();
        files.Dispose();
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_request_with_a_good_certificate_is_answered(string version)
    {
        using var shown = clients.Issue("CN=portal");
        using var http = new HttpClient(Handler(shown)) { DefaultRequestVersion = Version.Parse(version), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var answer = await http.GetAsync(new Uri(host.Http, "/mqtt"));
        answer.StatusCode.ShouldBe(HttpStatusCode.UpgradeRequired);
    }

    [Fact]
    public async Task A_request_without_one_or_with_a_bad_one_is_not_and_the_log_says_why()
    {
        using var foreign = strangers.Issue("CN=portal");
        foreach (var shown in new[] { null, foreign })
        {
            using var http = new HttpClient(Handler(shown));
            await Should.ThrowAsync<HttpRequestException>(() => http.GetAsync(new Uri(host.Http, "/mqtt")));
        }
        host.Messages.ShouldContain(line => line.Contains("refused by Kestrel:Endpoints:Devices, which requires a client certificate", StringComparison.Ordinal));
        host.Messages.ShouldContain(line => line.Contains("refused by Kestrel:Endpoints:Devices for its certificate CN=portal", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task MQTT_over_WebSocket_gets_the_name_from_the_certificate(string version)
    {
        using var shown = clients.Issue("CN=browser-7");
        using var client = new ClientWebSocket();
        client.Options.HttpVersion = Version.Parse(version);
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        client.Options.AddSubProtocol("mqtt");
        await client.ConnectAsync(new Uri($"wss://{host.Http.Authority}/mqtt"), new HttpMessageInvoker(Handler(shown)), default);
        var buffer = new byte[100];
        var got = await client.ReceiveAsync(buffer, default);
        Encoding.UTF8.GetString(buffer, 0, got.Count).ShouldBe("browser-7");
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Both_versions_of_the_protocol_are_spoken(SslProtocols version)
    {
        using var shown = clients.Issue("CN=portal");
        using var tls = await TlsClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, host.Http.Port), shown, version: version);
        tls.SslProtocol.ShouldBe(version);
        await tls.WriteAsync("GET /mqtt HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        (await new StreamReader(tls).ReadLineAsync()).ShouldBe("HTTP/1.1 426 Upgrade Required");
    }

    private static SocketsHttpHandler Handler(X509Certificate2? shown) => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            ClientCertificateContext = shown is null ? null : SslStreamCertificateContext.Create(shown, [], offline: true),
        },
    };

    private static async Task SayNameAsync(ClientTransport transport)
    {
        await transport.Pipe.Output.WriteAsync(Encoding.UTF8.GetBytes(transport.CertifiedUserName ?? "(none)"));
        await transport.HalfCloseAsync();
        await ListenerHost.EchoAsync(transport);
    }
}

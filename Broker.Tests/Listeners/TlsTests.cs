using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Broker.Tests.Listeners;

/// <summary>MQTT over TLS, with certificates from PEM and PFX files.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly Certificates files = new();

    public void Dispose() => files.Dispose();

    [Theory]
    [InlineData("pem and key")]
    [InlineData("pem with its key")]
    [InlineData("pem and encrypted key")]
    [InlineData("pfx")]
    public async Task Every_kind_of_certificate_file_is_presented_with_its_chain(string kind)
    {
        string[] settings = kind switch
        {
            "pem and key" => [$"Path={files.Chain}", $"KeyPath={files.Key}"],
            "pem with its key" => [$"Path={files.Together}"],
            "pem and encrypted key" => [$"Path={files.Chain}", $"KeyPath={files.EncryptedKey}", $"Password={Certificates.Password}"],
            _ => [$"Path={files.Pfx}", $"Password={Certificates.Password}"],
        };
        await using var host = await StartAsync(ListenerHost.EchoAsync, settings);
        using var tls = await ConnectAsync(host, new SslClientAuthenticationOptions());
        await tls.WriteAsync("secret"u8.ToArray());
        var buffer = new byte[6];
        await tls.ReadExactlyAsync(buffer);
        Encoding.ASCII.GetString(buffer).ShouldBe("secret");
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Both_versions_of_the_protocol_are_spoken_and_a_name_for_MQTT_does_not_hurt(SslProtocols version)
    {
        await using var host = await StartAsync(ListenerHost.EchoAsync, [$"Path={files.Together}"]);
        using var tls = await ConnectAsync(host, new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = version,
            ApplicationProtocols = [new SslApplicationProtocol("mqtt"), new SslApplicationProtocol("x-amzn-mqtt-ca")],
        });
        tls.SslProtocol.ShouldBe(version);
    }

    [Fact]
    public async Task Much_passes_in_both_directions_at_once()
    {
        await using var host = await StartAsync(ListenerHost.EchoAsync, [$"Path={files.Together}"]);
        using var tls = await ConnectAsync(host, new SslClientAuthenticationOptions());
        var bytes = new byte[3_000_000];
        new Random(3).NextBytes(bytes);
        var sending = tls.WriteAsync(bytes).AsTask();
        var got = new byte[bytes.Length];
        await tls.ReadExactlyAsync(got);
        got.AsSpan().SequenceEqual(bytes).ShouldBeTrue();
        await sending;
    }

    [Fact]
    public async Task A_half_close_follows_the_last_bytes_and_the_client_may_still_send()
    {
        var rest = new TaskCompletionSource<string>();
        await using var host = await StartAsync(async transport =>
        {
            transport.IsEncrypted.ShouldBeTrue();
            await transport.Pipe.Output.WriteAsync("reason"u8.ToArray());
            await transport.HalfCloseAsync();
            var text = new StringBuilder();
            for (var ended = false; !ended;)
            {
                var read = await transport.Pipe.Input.ReadAsync();
                text.Append(Encoding.ASCII.GetString(read.Buffer));
                transport.Pipe.Input.AdvanceTo(read.Buffer.End);
                ended = read.IsCompleted;
            }
            rest.SetResult(text.ToString());
        }, [$"Path={files.Together}"]);
        using var tls = await ConnectAsync(host, new SslClientAuthenticationOptions());
        await tls.WriteAsync("a"u8.ToArray());
        using var reader = new StreamReader(tls, leaveOpen: true);
        (await reader.ReadToEndAsync()).ShouldBe("reason");
        await tls.WriteAsync("nd"u8.ToArray());
        await tls.ShutdownAsync();
        tls.Dispose();
        (await rest.Task).ShouldBe("and");
    }

    [Fact]
    public async Task An_HTTPS_request_is_told_where_it_came_to()
    {
        await using var host = await StartAsync(_ => throw new InvalidOperationException("not MQTT"), [$"Path={files.Together}"]);
        using var tls = await ConnectAsync(host, new SslClientAuthenticationOptions());
        await tls.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(tls);
        var answer = await reader.ReadToEndAsync();
        answer.ShouldStartWith("HTTP/1.1 400 ");
        answer.ShouldContain($"ws://{host.Http.Authority}/mqtt");
    }

    private static Task<ListenerHost> StartAsync(Func<Core.Connections.ClientTransport, Task> serve, string[] certificate) =>
        ListenerHost.StartAsync(serve, ["Mqtt:Listeners:0:Url=mqtts://localhost:0", .. certificate.Select(setting => $"Mqtt:Listeners:0:Certificate:{setting}")]);

    // Trusts the root only: without the intermediate the chain does not reach it.
    private async Task<SslStream> ConnectAsync(ListenerHost host, SslClientAuthenticationOptions options)
    {
        var client = new TcpClient();
        await client.ConnectAsync(host.Mqtt.Address, host.Mqtt.Port);
        var tls = new SslStream(client.GetStream());
        options.TargetHost = "localhost";
        options.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { files.Root },
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        await tls.AuthenticateAsClientAsync(options);
        return tls;
    }
}

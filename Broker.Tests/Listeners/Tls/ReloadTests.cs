using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Broker.Web.Operations.Status;

namespace Broker.Tests.Listeners.Tls;

/// <summary>Certificates, authorities and revocation lists are taken from their files as these change; connections stay.</summary>
public sealed class ReloadTests : IAsyncLifetime
{
    private readonly Certificates files = new();
    private readonly Authority servers = new("Servers"), clients = new("Clients");
    private ListenerHost host = null!;

    private string Certificate => files.PathOf("live/server.pem");

    private string Key => files.PathOf("live/key.pem");

    private string Together => files.PathOf("both.pem");

    private string List => files.PathOf("clients.crl");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(files.PathOf("live"));
        using var first = servers.Issue("CN=first", Authority.ForServers, toDay: 4);
        await WritePairAsync(first);
        await File.WriteAllTextAsync(Together, Authority.WithKey(first));
        await File.WriteAllTextAsync(files.PathOf("clients.pem"), clients.Pem);
        await File.WriteAllBytesAsync(List, clients.Revoke(-1, 1));
        host = await ListenerHost.StartAsync(ListenerHost.EchoAsync,
            "Mqtt:Listeners:0:Url=mqtts://127.0.0.1:0", $"Mqtt:Listeners:0:Certificate:Path={Certificate}", $"Mqtt:Listeners:0:Certificate:KeyPath={Key}",
            "Mqtt:Listeners:0:ClientCertificates=Optional", $"Mqtt:Listeners:0:ClientAuthorities={files.PathOf("clients.pem")}", $"Mqtt:Listeners:0:RevocationLists={List}",
            "Kestrel:Endpoints:Https:Url=https://127.0.0.1:0", $"Kestrel:Endpoints:Https:Certificate:Path={Together}");
        Look();
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        servers.Dispose();
        clients.Dispose();
        files.Dispose();
    }

    [Theory]
    [InlineData("written in place")]
    [InlineData("renamed over")]
    [InlineData("a link turned elsewhere")]
    public async Task A_new_certificate_is_presented_and_connections_stay(string how)
    {
        using var standing = await TlsClient.ConnectAsync(host.Mqtt);
        (await TlsClient.AnswersAsync(standing)).ShouldBeTrue();
        (await PresentedAsync(host.Mqtt)).ShouldBe("CN=first");
        using var second = servers.Issue("CN=second", Authority.ForServers);
        switch (how)
        {
            case "written in place":
                await WritePairAsync(second);
                break;
            case "renamed over":
                await WritePairAsync(second, "renewed");
                foreach (var name in new[] { "server.pem", "key.pem" }) File.Move(files.PathOf($"renewed/{name}"), files.PathOf($"live/{name}"), overwrite: true);
                break;
            default:
                await WritePairAsync(second, "renewed");
                Directory.Delete(files.PathOf("live"), recursive: true);
                Directory.CreateSymbolicLink(files.PathOf("live"), files.PathOf("renewed"));
                break;
        }
        Look().ShouldContain(line => line.Contains("ends in", StringComparison.Ordinal) && line.Contains("CN=second", StringComparison.Ordinal));
        (await PresentedAsync(host.Mqtt)).ShouldBe("CN=second");
        (await TlsClient.AnswersAsync(standing)).ShouldBeTrue();
    }

    [Fact]
    public async Task An_HTTPS_endpoint_presents_a_new_certificate_and_its_connections_stay()
    {
        var address = new IPEndPoint(IPAddress.Loopback, host.Http.Port);
        using var standing = await TlsClient.ConnectAsync(address);
        (await PresentedAsync(address)).ShouldBe("CN=first");
        using var second = servers.Issue("CN=second", Authority.ForServers);
        await File.WriteAllTextAsync(Together, Authority.WithKey(second));
        Look();
        (await PresentedAsync(address)).ShouldBe("CN=second");
        await standing.WriteAsync("GET /mqtt HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        (await new StreamReader(standing).ReadLineAsync()).ShouldBe("HTTP/1.1 426 Upgrade Required");
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_used_leaves_the_former_one_and_is_told_once()
    {
        await File.WriteAllTextAsync(Certificate, "-----BEGIN CERTIFICATE-----\nhalf");
        Look().ShouldBeEmpty(); // Somebody may still be writing.
        Look().ShouldHaveSingleItem().ShouldContain("The files of Mqtt:Listeners:0 have changed and cannot be used");
        Look().ShouldBeEmpty();
        (await PresentedAsync(host.Mqtt)).ShouldBe("CN=first");

        File.Delete(Certificate);
        Look().ShouldBeEmpty();
        Look().ShouldHaveSingleItem().ShouldContain($"there is no file {Certificate}");

        using var second = servers.Issue("CN=second", Authority.ForServers);
        await WritePairAsync(second);
        Look();
        (await PresentedAsync(host.Mqtt)).ShouldBe("CN=second");
    }

    [Fact]
    public async Task A_pair_that_is_half_written_is_not_complained_about()
    {
        using var second = servers.Issue("CN=second", Authority.ForServers, toDay: 100);
        await File.WriteAllTextAsync(Certificate, second.ExportCertificatePem());
        Look().ShouldBeEmpty();
        await WritePairAsync(second);
        Look().ShouldBeEmpty();
        (await PresentedAsync(host.Mqtt)).ShouldBe("CN=second");
    }

    [Fact]
    public async Task A_new_revocation_list_refuses_from_then_on()
    {
        using var lost = clients.Issue("CN=lost");
        (await TlsClient.IsAdmittedAsync(host.Mqtt, lost)).ShouldBeTrue();

        await File.WriteAllBytesAsync(List, clients.Revoke(-1, 1, lost));
        Look();

        (await TlsClient.IsAdmittedAsync(host.Mqtt, lost)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_forged_revocation_list_leaves_the_former_one()
    {
        using var forger = new Authority("Clients");
        using var good = clients.Issue("CN=good");
        await File.WriteAllBytesAsync(List, forger.Revoke(-1, 1, good));
        Look();
        Look().ShouldHaveSingleItem().ShouldContain("was not signed by that authority");
        (await TlsClient.IsAdmittedAsync(host.Mqtt, good)).ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_presented_shows_with_its_days_and_so_does_its_successor()
    {
        host.Views.Single(view => view.Kind == "mqtt").ShouldSatisfyAllConditions(
            view => view.ClientCertificates.ShouldBe("optional"),
            view => view.CertificateDaysLeft.ShouldBe(3),
            view => view.CertificateExpiresAt.ShouldBe(view.Certificate!.NotAfter));
        ListenerView[] Https() => [.. host.Views.Where(view => view.Kind != "mqtt")];
        Https().ShouldAllBe(view => view.Certificate!.Subject == "CN=first" && view.ClientCertificates == "none");
        Https().Select(view => view.Kind).ShouldBe(["websocket", "http"]);

        using var ended = servers.Issue("CN=ended", Authority.ForServers, fromDay: -10, toDay: -3);
        await File.WriteAllTextAsync(Together, Authority.WithKey(ended));
        Look().ShouldHaveSingleItem().ShouldContain("The certificate of Kestrel:Endpoints:Https has expired");
        Https().ShouldAllBe(view => view.Certificate!.Subject == "CN=ended" && view.CertificateDaysLeft == -4);
    }

    private static async Task<string> PresentedAsync(IPEndPoint address)
    {
        using var tls = await TlsClient.ConnectAsync(address, version: SslProtocols.Tls12);
        return tls.RemoteCertificate!.Subject;
    }

    // What the log gets by it.
    private string[] Look()
    {
        host.Messages.Clear();
        host.LookAtFiles();
        return [.. host.Messages];
    }

    private async Task WritePairAsync(X509Certificate2 certificate, string folder = "live")
    {
        Directory.CreateDirectory(files.PathOf(folder));
        await File.WriteAllTextAsync(files.PathOf($"{folder}/server.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(files.PathOf($"{folder}/key.pem"), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }
}

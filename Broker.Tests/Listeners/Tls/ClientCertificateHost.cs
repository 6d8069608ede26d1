using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broker.Core.Connections;

namespace Broker.Tests.Listeners.Tls;

/// <summary>Listeners that ask for client certificates, with an authority and good and bad certificates. Each answers "?" as it is and "n" with the client's certified name.</summary>
public sealed class ClientCertificateHost : IAsyncLifetime
{
    private readonly Certificates files = new();
    private readonly Authority clients = new("Clients"), stranger = new("Strangers"), impostor = new("Clients");
    private readonly Authority intermediate, silent, revoked;

    public ClientCertificateHost()
    {
        (intermediate, silent, revoked) = (clients.Delegate("Intermediate"), clients.Delegate("Silent Intermediate"), clients.Delegate("Revoked Intermediate"));
        (Good, Indirect) = (clients.Issue("CN=sensor-1"), intermediate.Issue("CN=sensor-2", names: names => names.AddDnsName("two.example")));
    }

    public X509Certificate2 Good { get; }

    public X509Certificate2 Indirect { get; }

    public X509Certificate2 Intermediate => intermediate.Certificate;

    internal ListenerHost Host { get; private set; } = null!;

    public IPEndPoint Required => Host.EveryMqtt[0];

    public IPEndPoint Optional => Host.EveryMqtt[1];

    /// <summary>Takes names from the subject alternative name, and has no revocation list.</summary>
    public IPEndPoint Names => Host.EveryMqtt[2];

    public IPEndPoint Stale => Host.EveryMqtt[3];

    public async Task InitializeAsync()
    {
        var authorities = Write("authorities.pem", $"{clients.Pem}\n{revoked.Pem}\n");
        var lost = Bad("revoked").Shown;
        var lists = Write("lists.pem", Authority.ListPem(clients.Revoke(-1, 1, lost, revoked.Certificate)) + "\n" + Authority.ListPem(revoked.Revoke(-1, 1)));
        var stale = files.PathOf("stale.crl");
        await File.WriteAllBytesAsync(stale, clients.Revoke(-5, -3));
        Host = await ListenerHost.StartAsync(AnswerAsync,
        [
            .. Listener(0, authorities, "Required", "RevocationLists:0=" + lists, "CertifiedUserName=CommonName"),
            .. Listener(1, authorities, "Optional", "RevocationLists=" + lists, "CertifiedUserName=CommonName"),
            .. Listener(2, authorities, "Required", "CertifiedUserName=SubjectAlternativeName"),
            .. Listener(3, authorities, "Required", "RevocationLists=" + stale),
        ]);
        Host.LookAtFiles(); // What it has to say of certificates that end soon is said before the tests listen.
    }

    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        foreach (var authority in new[] { clients, stranger, impostor, intermediate, silent, revoked }) authority.Dispose();
        files.Dispose();
    }

    public (X509Certificate2 Shown, X509Certificate2? Chain) Bad(string kind) => kind switch
    {
        "of another authority" => (stranger.Issue("CN=sensor-1"), null),
        "of an authority of the same name" => (impostor.Issue("CN=sensor-1"), null),
        "by itself" => (stranger.Certificate, null),
        "expired" => (clients.Issue("CN=sensor-1", fromDay: -4, toDay: -1), null),
        "not yet valid" => (clients.Issue("CN=sensor-1", fromDay: 1, toDay: 4), null),
        "for servers" => (clients.Issue("CN=sensor-1", Authority.ForServers), null),
        "revoked" => (lost ??= clients.Issue("CN=lost"), null),
        "below a revoked authority" => (revoked.Issue("CN=sensor-1"), revoked.Certificate),
        "below an authority without a list" => (silent.Issue("CN=sensor-1"), silent.Certificate),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public X509Certificate2 Alternative(string kind) => clients.Issue("CN=other", names: names =>
    {
        names.AddIpAddress(IPAddress.Loopback); // Never a name.
        if (kind == "DNS") names.AddDnsName("sensor.example");
        if (kind == "e-mail") names.AddEmailAddress("anna@example.org");
        if (kind == "URI") names.AddUri(new Uri("spiffe://example.org/sensor"));
    });

    public X509Certificate2 Named(string subject) => clients.Issue(subject);

    private X509Certificate2? lost;

    private IEnumerable<string> Listener(int number, string authorities, string mode, params string[] settings)
    {
        string[] all = ["Url=mqtts://127.0.0.1:0", $"Certificate:Path={files.Together}", $"ClientAuthorities={authorities}", $"ClientCertificates={mode}", .. settings];
        return all.Select(setting => $"Mqtt:Listeners:{number}:{setting}");
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(files.PathOf(name), text);
        return files.PathOf(name);
    }

    private static async Task AnswerAsync(ClientTransport transport)
    {
        var read = await transport.Pipe.Input.ReadAsync();
        var asked = read.Buffer.FirstSpan.IndexOf((byte)'n') >= 0;
        transport.Pipe.Input.AdvanceTo(read.Buffer.End);
        await transport.Pipe.Output.WriteAsync(Encoding.UTF8.GetBytes(asked ? (transport.CertifiedUserName ?? "(none)") + "\n" : "?"));
        await transport.HalfCloseAsync();
    }
}

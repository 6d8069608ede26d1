using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Broker.Core.Protocol;
using Broker.Tests.Access;
using Broker.Tests.Api;
using Broker.Tests.Listeners;
using Broker.Tests.Listeners.Tls;
using Broker.Tests.Testing;
using Broker.Web.Files;
using Broker.Web.Listeners;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Security;

/// <summary>A host whose clients show certificates instead of passwords, over <c>mqtts://</c> and <c>wss://</c>.</summary>
public sealed class CertifiedHost : BrokerHost
{
    private readonly Certificates files;
    private readonly Authority devices;

    /// <summary>Not started yet.</summary>
    public CertifiedHost() : this(new Certificates(), new Authority("Devices"))
    {
    }

    private CertifiedHost(Certificates files, Authority devices) : base(
    [
        .. Keys("Mqtt:Listeners:1", "mqtts://127.0.0.1:0", files, "CommonName"),
        .. Keys("Mqtt:Listeners:2", "mqtts://127.0.0.1:0", files, "SubjectAlternativeName"),
        .. Keys("Kestrel:Endpoints:Https", "https://127.0.0.1:0", files, "CommonName"),
    ])
    {
        (this.files, this.devices, Store) = (files, devices, "Sqlite");
        Revoke();
    }

    internal Authority Devices => devices;

    internal IPEndPoint CommonName => Bound.EndPoints[1];

    internal IPEndPoint AlternativeName => Bound.EndPoints[2];

    internal Uri Https => new(Bound.Http.Single(url => url.StartsWith("https://", StringComparison.Ordinal)));

    private BoundListeners Bound => Services.GetRequiredService<BoundListeners>();

    /// <inheritdoc/>
    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        devices.Dispose();
        files.Dispose();
    }

    /// <summary>Writes the revocation list anew; that it is seen, <see cref="LookAtFiles"/> sees to.</summary>
    internal void Revoke(params X509Certificate2[] certificates) => Trust(devices, certificates);

    /// <summary>Writes anew who may have issued certificates, and what is revoked.</summary>
    internal void Trust(Authority authority, params X509Certificate2[] revoked)
    {
        File.WriteAllText(files.PathOf("devices.pem"), authority.Pem);
        File.WriteAllBytes(files.PathOf("devices.crl"), authority.Revoke(-1, 1, revoked));
    }

    internal void LookAtFiles()
    {
        foreach (var reader in Services.GetServices<IFileReader>()) reader.Look();
    }

    private static (string Key, string Value)[] Keys(string section, string url, Certificates files, string name) =>
    [
        ($"{section}:Url", url), ($"{section}:Certificate:Path", files.Together), ($"{section}:ClientCertificates", "Required"), ($"{section}:CertifiedUserName", name),
        ($"{section}:ClientAuthorities", files.PathOf("devices.pem")), ($"{section}:RevocationLists", files.PathOf("devices.crl")),
    ];
}

/// <summary>Clients that are who their certificate says, from the handshake to the end of what it is worth.</summary>
public sealed class CertifiedClientTests(CertifiedHost host) : ApiTests(host), IClassFixture<CertifiedHost>
{
    [Theory]
    [InlineData("the common name")]
    [InlineData("the subject alternative name")]
    public async Task A_certificate_alone_signs_its_user_in_and_the_rules_for_that_user_apply(string source)
    {
        string user = $"{Unique}.example";
        long id = (await SendAsync(HttpMethod.Post, "/acl-rules", new { subject = "user", name = user, action = "both", filter = $"{Unique}/secret/#", allows = false }, HttpStatusCode.Created)).Number("id");
        using var shown = source == "the common name" ? host.Devices.Issue($"CN={user}") : host.Devices.Issue("CN=other", names: names => names.AddDnsName(user));
        using var client = await OverTlsAsync(source == "the common name" ? host.CommonName : host.AlternativeName, shown);

        (await client.TrySubscribeAsync($"{Unique}/secret/a")).ShouldBe(ReasonCode.NotAuthorized);
        (await client.TrySubscribeAsync($"{Unique}/a")).ShouldBe(ReasonCode.Success);
        await client.SendAsync(new Publish { Topic = System.Text.Encoding.UTF8.GetBytes($"{Unique}/secret/a"), QoS = QualityOfService.AtLeastOnce, PacketIdentifier = 9 });
        (await client.ExpectAsync<PubAck>()).Reason.ShouldBe(ReasonCode.NotAuthorized);
        (await GetAsync($"/clients/{client.ClientIdentifier}")).Text("userName").ShouldBe(user);
        await SendAsync(HttpMethod.Delete, $"/acl-rules/{id}", null, HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData("mqtts")]
    [InlineData("wss")]
    public async Task Whose_certificate_is_revoked_has_to_go_and_the_timeline_says_why_and_nobody_else_has_to(string carrier)
    {
        using var lost = host.Devices.Issue($"CN={Unique}-lost");
        using var kept = host.Devices.Issue($"CN={Unique}-kept");
        using var first = carrier == "mqtts" ? await OverTlsAsync(host.CommonName, lost, "lost") : await OverWebSocketAsync(lost, "lost");
        using var second = carrier == "mqtts" ? await OverTlsAsync(host.CommonName, kept, "kept") : await OverWebSocketAsync(kept, "kept");

        host.Revoke(lost);
        host.LookAtFiles();

        await first.ExpectDisconnectedAsync(ReasonCode.NotAuthorized);
        await second.FenceAsync();
        var timeline = await WaitAsync($"/clients/{first.ClientIdentifier}/timeline", now => now.Items() is [var last, ..] && last.Text("kind") == "disconnected");
        timeline.Items()[0].Text("text")!.ShouldContain("its client certificate counts no more: it is revoked");
    }

    [Fact]
    public async Task An_authority_that_is_taken_away_takes_its_clients_with_it()
    {
        using var shown = host.Devices.Issue($"CN={Unique}");
        using var client = await OverTlsAsync(host.CommonName, shown);
        using var others = new Authority("Others");

        host.Trust(others);
        host.LookAtFiles();

        await client.ExpectDisconnectedAsync(ReasonCode.NotAuthorized);
        host.Revoke();
        host.LookAtFiles();
    }

    [Fact]
    public async Task A_refused_handshake_is_counted_and_needs_attention()
    {
        using var expired = host.Devices.Issue($"CN={Unique}", fromDay: -4, toDay: -1);
        (await TlsClient.IsAdmittedAsync(host.CommonName, expired)).ShouldBeFalse();

        string metrics = await Http.GetStringAsync("/metrics");
        metrics.ShouldContain("mqtt_broker_tls_refused_total{reason=\"Expired\"} 1\n");
        metrics.ShouldContain("mqtt_broker_tls_refused_total{reason=\"WrongUsage\"} 0\n");
        var item = (await WaitAsync("/attention", now => now.EnumerateArray().Any(one => one.Text("kind") == "tls_refused"))).EnumerateArray().Single(one => one.Text("kind") == "tls_refused");
        (item.Text("subject"), item.Number("count")).ShouldBe(("Mqtt:Listeners:1", 1));
    }

    [Fact]
    public async Task Requests_over_a_connection_whose_certificate_was_revoked_get_no_answer()
    {
        using var shown = host.Devices.Issue($"CN={Unique}");
        using var http = new HttpClient(Handler(shown)) { BaseAddress = host.Https };
        (await http.GetAsync(new Uri("/health/live", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.OK);

        host.Revoke(shown);
        host.LookAtFiles();

        await Should.ThrowAsync<HttpRequestException>(() => http.GetAsync(new Uri("/health/live", UriKind.Relative)));
    }

    private async Task<ScriptedClient> OverTlsAsync(IPEndPoint to, X509Certificate2 shown, string name = "c") =>
        await ConnectAsync(await TlsClient.ConnectAsync(to, shown), name);

    private async Task<ScriptedClient> OverWebSocketAsync(X509Certificate2 shown, string name)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("mqtt");
        await socket.ConnectAsync(new Uri($"wss://{host.Https.Authority}/mqtt"), new HttpMessageInvoker(Handler(shown)), default);
        return await ConnectAsync(WebSocketStream.Create(socket, WebSocketMessageType.Binary, ownsWebSocket: true), name);
    }

    private async Task<ScriptedClient> ConnectAsync(Stream stream, string name)
    {
        var client = new ScriptedClient(new WrappedRawStream(stream), ProtocolVersion.V5, name);
        await client.ConnectAsync(new Connect { ClientIdentifier = $"{Unique}-{name}", CleanStart = true });
        return client;
    }

    private static SocketsHttpHandler Handler(X509Certificate2 shown) => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            ClientCertificateContext = SslStreamCertificateContext.Create(shown, [], offline: true),
        },
    };
}

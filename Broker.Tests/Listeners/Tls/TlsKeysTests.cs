using Broker.Web.Configuration;

namespace Broker.Tests.Listeners.Tls;

/// <summary>What the configuration says of client certificates, and what it is told at start where that cannot hold.</summary>
public sealed class TlsKeysTests : IDisposable
{
    private const string Mqtt = "Mqtt:Listeners:0", Https = "Kestrel:Endpoints:Https";
    private readonly Certificates files = new();
    private readonly Authority clients = new("Clients");
    private readonly string authorities;

    public TlsKeysTests() => File.WriteAllText(authorities = files.PathOf("clients.pem"), clients.Pem);

    public void Dispose()
    {
        clients.Dispose();
        files.Dispose();
    }

    [Theory]
    [InlineData(Mqtt)]
    [InlineData(Https)]
    public void An_unknown_mode_and_an_unknown_source_of_names_are_told_together(string section)
    {
        var errors = Errors(section, ("ClientCertificates", "Always"), ("CertifiedUserName", "Subject"), ("ClientAuthorities", authorities));
        errors.Select(error => (error.Key, error.Problem)).ShouldBe(
        [
            ($"{section}:CertifiedUserName", "allowed is None, CommonName, SubjectAlternativeName"),
            ($"{section}:ClientCertificates", "allowed is None, Optional, Required"),
        ]);
    }

    [Theory]
    [InlineData(Mqtt)]
    [InlineData(Https)]
    public void It_must_be_said_who_issues_the_certificates(string section) =>
        Errors(section, ("ClientCertificates", "Required")).ShouldHaveSingleItem().Key.ShouldBe($"{section}:ClientAuthorities");

    [Theory]
    [InlineData(Mqtt)]
    [InlineData(Https)]
    public void Keys_that_have_no_effect_are_errors(string section) =>
        Errors(section, ("ClientAuthorities", authorities), ("RevocationLists:0", authorities), ("CertifiedUserName", "CommonName")).Select(error => error.Key)
            .ShouldBe([$"{section}:CertifiedUserName", $"{section}:ClientAuthorities", $"{section}:RevocationLists"]);

    [Theory]
    [InlineData(Mqtt)]
    [InlineData(Https)]
    public void Every_file_that_is_missing_is_told(string section) =>
        Errors(section, ("ClientCertificates", "Required"), ("ClientAuthorities", "missing.pem"), ("RevocationLists:0", "one.crl"), ("RevocationLists:1", "two.crl"))
            .Select(error => error.Key).ShouldBe([$"{section}:ClientAuthorities", $"{section}:RevocationLists:0", $"{section}:RevocationLists:1"]);

    [Theory]
    [InlineData(Mqtt, "mqtt://127.0.0.1:0", "mqtts://")]
    [InlineData(Https, "http://127.0.0.1:0", "https://")]
    public void Without_TLS_nobody_shows_a_certificate(string section, string url, string remedy) =>
        ConfigurationTests.Errors(($"{section}:Url", url), ($"{section}:ClientCertificates", "Required"), ($"{section}:ClientAuthorities", authorities))
            .ShouldAllBe(error => error.Remedy.Contains(remedy));

    [Theory]
    [InlineData("ClientCertificateMode", "RequireCertificate", "cannot stand together with ClientCertificateMode")]
    [InlineData("Sni:a.example:Certificate:Path", "a.pem", "cannot stand together with Sni")]
    public void Keys_of_Kestrel_for_the_same_purpose_are_not_mixed_with_ours(string key, string value, string problem) =>
        Errors(Https, ("ClientCertificates", "Required"), ("ClientAuthorities", authorities), (key, value)).ShouldContain(error => error.Problem.Contains(problem));

    [Fact]
    public void A_slip_of_the_pen_below_an_endpoint_is_an_error_that_names_the_nearest() =>
        Errors(Https, ("ClientCertifcates", "Required")).ShouldHaveSingleItem().Remedy.ShouldBe($"Did you mean {Https}:ClientCertificates?");

    [Fact]
    public void Broken_versions_of_the_protocol_are_not_spoken() =>
        Errors(Https, ("SslProtocols:0", "Tls12"), ("SslProtocols:1", "Tls11")).ShouldHaveSingleItem().Key.ShouldBe($"{Https}:SslProtocols:1");

    [Fact]
    public async Task The_default_certificate_of_Kestrel_is_presented_where_an_endpoint_names_none()
    {
        await using var host = await ListenerHost.StartAsync(ListenerHost.EchoAsync, $"{Https}:Url=https://127.0.0.1:0", $"Kestrel:Certificates:Default:Path={files.Together}");
        host.Views.Where(view => view.IsEncrypted).ShouldAllBe(view => view.Certificate!.Subject == "CN=localhost");
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.Subject == "CN=localhost" } });
        (await http.GetAsync(new Uri(host.Http, "/mqtt"))).StatusCode.ShouldBe(System.Net.HttpStatusCode.UpgradeRequired);
    }

    [Fact]
    public async Task The_client_certificates_of_Kestrel_itself_stay_as_they_are()
    {
        await using var host = await ListenerHost.StartAsync(ListenerHost.EchoAsync,
            $"{Https}:Url=https://127.0.0.1:0", $"{Https}:Certificate:Path={files.Together}", $"{Https}:ClientCertificateMode=RequireCertificate");
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } });
        await Should.ThrowAsync<HttpRequestException>(() => http.GetAsync(new Uri(host.Http, "/mqtt")));
    }

    private IReadOnlyList<ConfigurationError> Errors(string section, params (string Key, string Value)[] keys) => ConfigurationTests.Errors(
    [
        ($"{section}:Url", section == Mqtt ? "mqtts://127.0.0.1:0" : "https://127.0.0.1:0"), ($"{section}:Certificate:Path", files.Together),
        .. keys.Select(pair => ($"{section}:{pair.Key}", pair.Value)),
    ]);
}

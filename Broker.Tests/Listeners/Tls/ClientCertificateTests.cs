using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Broker.Web.Listeners.Tls;

namespace Broker.Tests.Listeners.Tls;

/// <summary>Client certificates on MQTT listeners: who is let in under which name, and why the others are not.</summary>
public sealed class ClientCertificateTests(ClientCertificateHost listeners) : IClassFixture<ClientCertificateHost>
{
    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_good_certificate_opens_the_listener(SslProtocols version) =>
        (await TlsClient.IsAdmittedAsync(listeners.Required, listeners.Good, version: version)).ShouldBeTrue();

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Nobody_gets_in_without_a_certificate_where_one_is_required(SslProtocols version)
    {
        (await TlsClient.IsAdmittedAsync(listeners.Required, version: version)).ShouldBeFalse();
        listeners.Host.Messages.ShouldContain(line => line.StartsWith("127.0.0.1:", StringComparison.Ordinal) && line.EndsWith("which requires a client certificate: it sent none", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("of another authority", "nothing leads to the authorities")]
    [InlineData("of an authority of the same name", "")]
    [InlineData("by itself", "nothing leads to the authorities")]
    [InlineData("expired", "it has expired at")]
    [InlineData("not yet valid", "it is not valid before")]
    [InlineData("for servers", "extended key usage does not hold clientAuth")]
    [InlineData("revoked", "it is revoked")]
    [InlineData("below a revoked authority", "the certificate of CN=Revoked Intermediate, an authority in its chain, is revoked")]
    [InlineData("below an authority without a list", "there is no revocation list of CN=Silent Intermediate")]
    public async Task A_bad_certificate_is_refused_and_the_log_says_why(string kind, string why)
    {
        var (shown, chain) = listeners.Bad(kind);
        foreach (var listener in new[] { listeners.Required, listeners.Optional })
        {
            listeners.Host.Messages.Clear();
            (await TlsClient.IsAdmittedAsync(listener, shown, chain)).ShouldBeFalse();
            var line = listeners.Host.Messages.ShouldHaveSingleItem();
            line.ShouldStartWith("127.0.0.1:");
            line.ShouldContain($"{shown.Subject}, serial number {shown.SerialNumber}");
            line.ShouldContain(why);
        }
    }

    [Theory]
    [InlineData("of another authority", HandshakeRefusal.UnknownAuthority)]
    [InlineData("expired", HandshakeRefusal.Expired)]
    [InlineData("not yet valid", HandshakeRefusal.NotYetValid)]
    [InlineData("for servers", HandshakeRefusal.WrongUsage)]
    [InlineData("revoked", HandshakeRefusal.Revoked)]
    [InlineData("below an authority without a list", HandshakeRefusal.NoRevocationList)]
    [InlineData("without a name", HandshakeRefusal.NoUserName)]
    [InlineData("none", HandshakeRefusal.Missing)]
    public async Task A_refused_handshake_is_counted_by_its_reason(string kind, object reason)
    {
        var (shown, chain) = kind switch
        {
            "none" => (null, null),
            "without a name" => (listeners.Named("O=Nobody"), null),
            _ => listeners.Bad(kind),
        };
        long before = listeners.Host.Refused((HandshakeRefusal)reason);
        (await TlsClient.IsAdmittedAsync(listeners.Required, shown, chain)).ShouldBeFalse();
        listeners.Host.Refused((HandshakeRefusal)reason).ShouldBe(before + 1);
    }

    [Fact]
    public void Refused_handshakes_of_the_last_ten_minutes_are_known()
    {
        var (refusals, now) = (new HandshakeRefusals(), DateTimeOffset.UnixEpoch.AddDays(1));
        foreach (int minute in new[] { 0, 0, 5, 9 }) refusals.Add(HandshakeRefusal.Expired, now.AddMinutes(minute));
        refusals.Lately(now.AddMinutes(9)).ShouldBe(4);
        refusals.Lately(now.AddMinutes(10)).ShouldBe(2);
        refusals.Add(HandshakeRefusal.Revoked, now.AddMinutes(10));
        refusals.Lately(now.AddMinutes(10)).ShouldBe(3);
        refusals.Lately(now.AddMinutes(100)).ShouldBe(0);
        (refusals.Of(HandshakeRefusal.Expired), refusals.Of(HandshakeRefusal.Revoked)).ShouldBe((4, 1));
    }

    [Fact]
    public async Task A_list_that_is_out_of_date_refuses_everybody()
    {
        (await TlsClient.IsAdmittedAsync(listeners.Stale, listeners.Good)).ShouldBeFalse();
        listeners.Host.Messages.ShouldContain(line => line.Contains("the revocation list of CN=Clients is out of date since", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_intermediate_authority_may_be_sent_along()
    {
        (await TlsClient.IsAdmittedAsync(listeners.Names, listeners.Indirect, listeners.Intermediate)).ShouldBeTrue();
        (await TlsClient.IsAdmittedAsync(listeners.Names, listeners.Indirect)).ShouldBeFalse();
    }

    [Fact]
    public async Task The_common_name_is_passed_on_as_the_user_name()
    {
        (await NameAsync(listeners.Required, listeners.Good)).ShouldBe("sensor-1");
        (await NameAsync(listeners.Optional, null)).ShouldBe("(none)");
    }

    [Theory]
    [InlineData("DNS", "sensor.example")]
    [InlineData("address", "(refused)")]
    [InlineData("e-mail", "anna@example.org")]
    [InlineData("URI", "spiffe://example.org/sensor")]
    public async Task The_subject_alternative_name_is_passed_on_as_the_user_name(string kind, string name)
    {
        using var shown = listeners.Alternative(kind);
        (await NameAsync(listeners.Names, shown)).ShouldBe(name);
    }

    [Theory]
    [InlineData("O=Nobody", "has no common name")]
    [InlineData("CN=one, CN=two", "several common names")]
    [InlineData("CN=\"bell\a\"", "control characters")]
    public async Task A_certificate_that_gives_no_clear_name_is_refused(string subject, string why)
    {
        using var shown = listeners.Named(subject);
        listeners.Host.Messages.Clear();
        (await TlsClient.IsAdmittedAsync(listeners.Required, shown)).ShouldBeFalse();
        var line = listeners.Host.Messages.ShouldHaveSingleItem();
        line.ShouldContain(why);
        line.ShouldNotContain("\a");
    }

    private static async Task<string> NameAsync(IPEndPoint to, X509Certificate2? shown)
    {
        using var tls = await TlsClient.ConnectAsync(to, shown);
        try
        {
            await tls.WriteAsync("n"u8.ToArray());
            return await new StreamReader(tls).ReadLineAsync() ?? "(refused)";
        }
        catch (IOException)
        {
            return "(refused)";
        }
    }
}

using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Broker.Web.Components.Texts;
using Broker.Web.Files;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Broker.Web.Listeners.Tls;

/// <summary>How one listener or HTTP endpoint speaks TLS: what it presents, and what it asks of its clients. Each handshake takes what the files hold then.</summary>
/// <param name="section">The section of the configuration, such as <c>Mqtt:Listeners:0</c>.</param>
internal sealed partial class TlsEndpoint(string section)
{
    /// <summary>The versions of the protocol that are spoken; those before are broken (RFC 8996).</summary>
    public const SslProtocols Versions = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>How long a handshake may take.</summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);

    public string Section => section;

    /// <summary>What it presents; null where Kestrel chooses, as from a certificate store.</summary>
    public WatchedFiles<SslStreamCertificateContext>? Certificate { get; init; }

    /// <summary>What it asks of its clients; null for nothing.</summary>
    public ClientCertificates? Clients { get; init; }

    /// <summary>The handshakes that were refused for what clients showed.</summary>
    public HandshakeRefusals Refusals { get; } = new();

    /// <summary>The HTTP endpoint that Kestrel made of it; null before that, and for MQTT.</summary>
    public ListenOptions? Listens { get; set; }

    /// <summary>Sets up the handshake of one connection.</summary>
    public void Prepare(SslServerAuthenticationOptions options, BaseConnectionContext connection, TimeProvider time, ILogger log)
    {
        if ((options.EnabledSslProtocols &= Versions) == SslProtocols.None) options.EnabledSslProtocols = Versions;
        if (Certificate is not null)
        {
            (options.ServerCertificate, options.ServerCertificateSelectionCallback) = (null, null);
            options.ServerCertificateContext = Certificate.Current;
        }
        if (Clients is not { } clients) return;
        var (trust, now) = (clients.Trust.Current, time.GetUtcNow());
        options.ClientCertificateRequired = true; // That is: asked for.
        options.AllowTlsResume = false; // A resumed session would bring back a certificate without the chain that was sent with it.
        options.CertificateChainPolicy = trust.Policy(now);
        options.RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
        {
            if (certificate is not X509Certificate2 shown || chain is null)
            {
                if (!clients.IsRequired) return true;
                Refusals.Add(HandshakeRefusal.Missing, now);
                LogMissing(log, connection.RemoteEndPoint, section);
                return false;
            }
            var (name, problem) = CertifiedNames.Of(shown, clients.UserName);
            if ((ClientCertificateCheck.Refusal(chain, trust, now) ?? (problem is null ? null : (HandshakeRefusal.NoUserName, problem))) is var (reason, why))
            {
                Refusals.Add(reason, now);
                LogRefused(log, connection.RemoteEndPoint, section, Shown.Of(shown.Subject), shown.SerialNumber, Shown.Of(why, 500));
                return false;
            }
            connection.Features.Set(clients.Admit(name, chain, trust, now, connection.ConnectionClosed));
            return true;
        };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Client} was refused by {Section}, which requires a client certificate: it sent none")]
    private static partial void LogMissing(ILogger log, System.Net.EndPoint? client, string section);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Client} was refused by {Section} for its certificate {Subject}, serial number {Serial}: {Why}")]
    private static partial void LogRefused(ILogger log, System.Net.EndPoint? client, string section, string subject, string serial, string why);
}

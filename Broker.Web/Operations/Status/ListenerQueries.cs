using System.Net;
using System.Security.Cryptography.X509Certificates;
using Broker.Core.Access;
using Broker.Web.Configuration;
using Broker.Web.Listeners;

namespace Broker.Web.Operations.Status;

/// <summary>Where the broker listens, and to whom it is open.</summary>
internal sealed class ListenerQueries(BoundListeners bound, HostSettings settings)
{
    /// <summary>All addresses.</summary>
    public IReadOnlyList<ListenerView> List() =>
    [
        .. bound.EndPoints.DistinctBy(endPoint => endPoint.Url).Select(endPoint => new ListenerView(
            endPoint.Url, "mqtt", endPoint.Settings.Url.IsEncrypted, IPAddress.IsLoopback(endPoint.Address),
            endPoint.Anonymous == AnonymousAccess.Never ? "no" : IPAddress.IsLoopback(endPoint.Address) ? "local" : "yes", Certificate(endPoint.Settings.Certificate?.TargetCertificate))),
        .. bound.WebSocket.Select(url => new ListenerView(url, "websocket", IsEncrypted(url), IsLoopback(url), Anonymous, null)),
        .. bound.Http.Select(url => new ListenerView(url, "http", IsEncrypted(url), IsLoopback(url), null, null)),
    ];

    private string Anonymous => settings.WebSockets.AllowAnonymous switch { true => "yes", false => "no", _ => "local" };

    private static bool IsEncrypted(string url) => url.StartsWith("https:", StringComparison.Ordinal) || url.StartsWith("wss:", StringComparison.Ordinal);

    private static bool IsLoopback(string address)
    {
        string host = Uri.TryCreate(address, UriKind.Absolute, out var url) ? url.Host : address;
        return host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var number) && IPAddress.IsLoopback(number));
    }

    private static CertificateView? Certificate(X509Certificate2? certificate) => certificate is null ? null
        : new CertificateView(certificate.Subject, certificate.Issuer, certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
}

using System.Net;
using System.Security.Cryptography.X509Certificates;
using Broker.Core.Access;
using Broker.Web.Configuration;
using Broker.Web.Listeners;
using Broker.Web.Listeners.Tls;
using Broker.Web.Security.Users;

namespace Broker.Web.Operations.Status;

/// <summary>Where the broker listens, and to whom it is open.</summary>
internal sealed class ListenerQueries(BoundListeners bound, HostSettings settings, Admissions admissions, TimeProvider time)
{
    /// <summary>All addresses.</summary>
    public IReadOnlyList<ListenerView> List() =>
    [
        .. bound.EndPoints.DistinctBy(endPoint => endPoint.Url).Select(endPoint => View(
            endPoint.Url, "mqtt", IPAddress.IsLoopback(endPoint.Address), Word(endPoint.Anonymous, IPAddress.IsLoopback(endPoint.Address)), endPoint.Settings.Tls)),
        .. bound.WebSocket.Select(url => View(url, "websocket", IsLoopback(url), Anonymous, Tls(url))),
        .. bound.Http.Select(url => View(url, "http", IsLoopback(url), null, Tls(url))),
    ];

    /// <summary>Those at which anybody is let in who reaches them, over a network too.</summary>
    public IEnumerable<ListenerView> OpenToAnybody => List().Where(listener => listener is { AllowsAnonymous: "yes", IsLoopback: false });

    private ListenerView View(string url, string kind, bool isLoopback, string? anonymous, TlsEndpoint? tls)
    {
        bool isEncrypted = IsEncrypted(url);
        var certificate = Certificate(tls?.Certificate?.Current.TargetCertificate);
        return new ListenerView(url, kind, isEncrypted, isLoopback, anonymous, certificate)
        {
            CertificateExpiresAt = certificate?.NotAfter,
            CertificateDaysLeft = certificate is null ? null : (int)Math.Floor((certificate.NotAfter - time.GetUtcNow().UtcDateTime).TotalDays),
            ClientCertificates = !isEncrypted ? null : tls?.Clients is not { } clients ? "none" : clients.IsRequired ? "required" : "optional",
        };
    }

    // Kestrel tells addresses, and not which endpoint of the configuration they are of: the port is what both have.
    private TlsEndpoint? Tls(string url) => !IsEncrypted(url) || !Uri.TryCreate(url, UriKind.Absolute, out var address) ? null
        : settings.Http.Select(endpoint => endpoint.Tls).OfType<TlsEndpoint>().Where(tls => tls.Listens?.IPEndPoint?.Port == address.Port)
            .OrderByDescending(tls => tls.Listens!.IPEndPoint!.Address.ToString() == address.Host.Trim('[', ']')).FirstOrDefault();

    private string Anonymous => settings.WebSockets.AllowAnonymous == true ? "yes" : Word(AnonymousSetting.Read(settings.WebSockets.AllowAnonymous, isLocal: true), isLoopback: true);

    private string Word(AnonymousAccess anonymous, bool isLoopback) => anonymous switch
    {
        AnonymousAccess.Never => "no",
        AnonymousAccess.UntilUsersExist when admissions.HasUsers == true => "no",
        _ => isLoopback ? "local" : "yes",
    };

    private static bool IsEncrypted(string url) => url.StartsWith("https:", StringComparison.Ordinal) || url.StartsWith("wss:", StringComparison.Ordinal) || url.StartsWith("mqtts:", StringComparison.Ordinal);

    private static bool IsLoopback(string address)
    {
        string host = Uri.TryCreate(address, UriKind.Absolute, out var url) ? url.Host : address;
        return host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var number) && IPAddress.IsLoopback(number));
    }

    private static CertificateView? Certificate(X509Certificate2? certificate) => certificate is null ? null
        : new CertificateView(certificate.Subject, certificate.Issuer, certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
}

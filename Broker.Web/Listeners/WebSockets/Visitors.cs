using Broker.Core.Access;
using Broker.Web.Configuration;
using Broker.Web.Security;

namespace Broker.Web.Listeners.WebSockets;

/// <summary>Who may connect from a browser, and who without credentials.</summary>
/// <remarks>
/// A page of any site can make its visitor's browser connect to a broker on the visitor's own machine; the Origin header, which a page cannot forge, tells
/// which site it was (RFC 6455 section 10.2). A name of the attacker's that resolves to a loopback address is told apart by the Host header.
/// </remarks>
internal sealed class Visitors(HostSettings settings)
{
    private readonly ThisMachine machine = new(settings);

    /// <summary>Whether the page that <paramref name="origin"/> names may connect.</summary>
    public bool Admits(HttpContext http, string origin)
    {
        var allowed = settings.WebSockets.AllowedOrigins;
        if (allowed.Contains("*") || allowed.Contains(origin, StringComparer.OrdinalIgnoreCase)) return true;
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var page) || page.Host.Length == 0) return false;
        var request = http.Request;
        var port = request.Host.Port ?? (request.IsHttps ? 443 : 80);
        if (page.Scheme == request.Scheme && page.Port == port && page.Host.Equals(request.Host.Host, StringComparison.OrdinalIgnoreCase)) return true;
        return machine.IsReachedLocally(http) && ThisMachine.IsLoopback(page.Host);
    }

    /// <summary>Whether a client without credentials is let in: as configured, else until there are users when it comes from this machine and did not pass a proxy.</summary>
    public AnonymousAccess Anonymous(HttpContext http) => AnonymousSetting.Read(settings.WebSockets.AllowAnonymous, machine.IsLocal(http));
}

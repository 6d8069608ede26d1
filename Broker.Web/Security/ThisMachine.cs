using System.Net;
using Broker.Web.Configuration;

namespace Broker.Web.Security;

/// <summary>Tells requests of this machine from those that come over a network.</summary>
internal sealed class ThisMachine(HostSettings settings)
{
    /// <summary>What somebody is told who sends a password in the clear.</summary>
    public const string NeedsTls =
        "passwords are taken over HTTPS only, except on this machine itself. Add an endpoint with a certificate (Kestrel:Endpoints:Https:Url). Behind a proxy that has one, set ASPNETCORE_FORWARDEDHEADERS_ENABLED=true";

    private static readonly string[] Forwarding = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Real-IP", "Via", "PROXY"];
    private readonly HashSet<string> hosts = new(settings.Http.Select(endpoint => endpoint.Host), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the request arrived at a loopback address, and what its sender calls this host is no name that somebody else made up. A proxy may have sent it.</summary>
    public bool IsReachedLocally(HttpContext http) =>
        Actor.Plain(http.Connection.LocalIpAddress) is { } address && IPAddress.IsLoopback(address) &&
        http.Request.Host.Host is { Length: > 0 } host && (IsLoopback(host) || hosts.Contains(host.Trim('[', ']')));

    /// <summary>Whether a proxy sent the request, for somebody who may be anywhere.</summary>
    public static bool IsForwarded(HttpContext http) => Forwarding.Any(http.Request.Headers.ContainsKey);

    /// <summary>Whether the request was made on this machine, and not sent on by a proxy.</summary>
    public bool IsLocal(HttpContext http) => IsReachedLocally(http) && !IsForwarded(http);

    /// <summary>Whether a password that comes with the request was not sent over a network in the clear.</summary>
    public bool MayTakePasswords(HttpContext http) => http.Request.IsHttps || settings.Admin.AllowPlainHttp || IsLocal(http);

    /// <summary>Whether a name or an address is this machine's loopback.</summary>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ||
        (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}

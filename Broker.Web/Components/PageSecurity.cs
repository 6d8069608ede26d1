namespace Broker.Web.Components;

/// <summary>
/// The headers that keep a page to itself: nothing inline, nothing from elsewhere, no frame around it. What a client put into a topic or a
/// payload could not run even if a page rendered it wrongly.
/// </summary>
internal static class PageSecurity
{
    /// <summary>Adds the headers to every answer of the HTTP endpoint.</summary>
    public static Task AddHeaders(HttpContext http, RequestDelegate next)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy(http.Request);
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        return next(http);
    }

    private static string Policy(HttpRequest request) =>
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'self'; " +
        $"frame-ancestors 'none'; connect-src 'self'{WebSockets(request)}";

    // The client page may open a WebSocket to any port of the host that served it, and ask there why that fails, and nowhere else: a link that
    // prefills another broker cannot lure a password there. An IPv6 literal cannot stand in a policy; there 'self' has to do.
    private static string WebSockets(HttpRequest request)
    {
        if (!request.Path.StartsWithSegments("/client", StringComparison.OrdinalIgnoreCase))
        {
            return "";
        }

        var host = request.Host.Host;
        return host switch
        {
            "localhost" or "127.0.0.1" or "[::1]" => AnyPort("localhost") + AnyPort("127.0.0.1"),
            _ when Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4 => AnyPort(host),
            _ => "",
        };
    }

    private static string AnyPort(string host) => $" ws://{host}:* wss://{host}:* http://{host}:* https://{host}:*";
}

using Microsoft.AspNetCore.Antiforgery;

namespace Broker.Web.Security.SignIn;

/// <summary>
/// What a cookie alone does not allow, as a browser sends it along whoever made the page: a change needs the page's antiforgery token as well, and the connection of
/// a live page is made by a page of this host only.
/// </summary>
internal sealed class CookieGuard(IAntiforgery antiforgery, LiveSessions live)
{
    private const string HubPath = "/_blazor";

    /// <summary>Lets a request pass, or refuses it.</summary>
    public async Task CheckAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Path.StartsWithSegments(HubPath, StringComparison.OrdinalIgnoreCase))
        {
            if (!IsSameOrigin(http.Request)) await Refusals.WriteAsync(http, StatusCodes.Status403Forbidden, "foreign-origin", "Not allowed", "only a page of this broker's own may connect here");
            else if (!http.User.HasClaim(Claims.Scope, Scopes.Read)) await Refusals.UnauthorizedAsync(http);
            else await live.ServeAsync(http, next);
            return;
        }
        if (http.User.Identity?.AuthenticationType != SessionCookie.Name)
        {
            await next(http);
            return;
        }
        http.Response.OnStarting(KeepFromCaches, http.Response);
        if (NeedsToken(http) && !await HasTokenAsync(http))
            await Refusals.WriteAsync(http, StatusCodes.Status400BadRequest, "antiforgery", "Antiforgery token needed", "a change with a session's cookie needs the header RequestVerificationToken; programs use an API key");
        else await next(http);
    }

    // Of an address as browsers write it, in Host and Origin alike, the port is left out where it is that of the scheme. A proxy may have taken TLS off, so schemes are not compared.
    private static bool IsSameOrigin(HttpRequest request) =>
        request.Headers.Origin is [{ Length: > 0 } origin]
            ? Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)
            : HttpMethods.IsGet(request.Method) && request.Headers.Upgrade.Count == 0;

    private static bool NeedsToken(HttpContext http)
    {
        var method = http.Request.Method;
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method)) return false;
        return http.GetEndpoint()?.Metadata.GetMetadata<IAntiforgeryMetadata>() is not { RequiresValidation: true }; // else the framework looks at it, with the form
    }

    private async Task<bool> HasTokenAsync(HttpContext http)
    {
        try
        {
            await antiforgery.ValidateRequestAsync(http);
            return true;
        }
        catch (AntiforgeryValidationException)
        {
            return false;
        }
    }

    // Whoever comes after somebody who signed out does not see the page with the Back button.
    private static Task KeepFromCaches(object state)
    {
        var response = (HttpResponse)state;
        if (response.ContentType?.StartsWith("text/html", StringComparison.Ordinal) is true) response.Headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }
}

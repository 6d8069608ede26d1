using System.Net.Mime;
using Microsoft.AspNetCore.Authorization;

namespace Broker.Web.Security.SignIn;

/// <summary>
/// The broker serves pages before it has read its accounts. Whoever shows who they are in that moment is no stranger: the request waits a little until the accounts are
/// known, and is told to come again if they are not; a page does so by itself, and its cookie stays.
/// </summary>
internal sealed class EarlyGuard(Credentials credentials)
{
    private const string RetrySeconds = "2";

    /// <summary>Lets a request pass, perhaps a little later, or tells it to come again.</summary>
    public async Task CheckAsync(HttpContext http, RequestDelegate next)
    {
        if (credentials.AreKnown || !ShowsWho(http.Request) || !NeedsToKnow(http) || await credentials.AreKnownSoonAsync(http.RequestAborted)) await next(http);
        else await ComeAgainAsync(http);
    }

    /// <summary>Puts into a response when to ask again; a browser does it without a script.</summary>
    public static void AskAgain(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        response.Headers.RetryAfter = RetrySeconds;
        response.Headers.CacheControl = "no-store";
        if (SessionCookie.IsForPage(response.HttpContext.Request)) response.Headers["Refresh"] = RetrySeconds; // HTML Standard, "The `Refresh` header"
    }

    private static bool ShowsWho(HttpRequest request) => request.Headers.Authorization.Count > 0 || request.Cookies.ContainsKey(SessionCookie.CookieName);

    // What is open to everybody, MQTT over WebSocket and /health among it, waits for nothing.
    private static bool NeedsToKnow(HttpContext http) =>
        http.GetEndpoint()?.Metadata is { } metadata && metadata.GetMetadata<IAuthorizeData>() is not null && metadata.GetMetadata<IAllowAnonymous>() is null;

    private static Task ComeAgainAsync(HttpContext http)
    {
        AskAgain(http.Response);
        if (!SessionCookie.IsForPage(http.Request))
            return Refusals.WriteAsync(http, StatusCodes.Status503ServiceUnavailable, "starting", "Not ready", "the broker has not read its accounts yet; /health/ready says why");
        http.Response.ContentType = $"{MediaTypeNames.Text.Html}; charset=utf-8";
        return http.Response.WriteAsync(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <title>Broker</title>
            <p>The broker has not read its accounts yet. This page tries again every {RetrySeconds} seconds; <a href="{http.Request.PathBase}/health/ready">/health/ready</a> says why.</p>
            """, http.RequestAborted);
    }
}

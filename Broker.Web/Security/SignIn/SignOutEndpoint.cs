using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Broker.Web.Security.SignIn;

/// <summary>The end of a session, by a form.</summary>
internal static class SignOutEndpoint
{
    /// <summary>Where the form goes.</summary>
    public const string Path = "/sign-out";

    /// <summary>Maps it.</summary>
    public static void MapSignOut(this WebApplication app) => app.MapPost(Path, SignOutAsync).RequireAuthorization(Scopes.Read).ExcludeFromDescription();

    private static async Task<RedirectHttpResult> SignOutAsync(HttpContext http, LiveSessions live, Accounts accounts, [FromForm] bool everywhere = false)
    {
        if (everywhere && http.User.Identity?.Name is { } name) await accounts.SignOutEverywhereAsync(name, Actor.Of(http), http.RequestAborted);
        await http.SignOutAsync(SessionCookie.Name);
        live.End(http.User);
        return TypedResults.Redirect($"{http.Request.PathBase}{SessionCookie.SignInPath}");
    }
}

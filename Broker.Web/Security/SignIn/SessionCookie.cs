using System.Net.Mime;
using System.Security.Claims;
using Broker.Web.Configuration;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Broker.Web.Security.SignIn;

/// <summary>The dashboard's session: a sealed cookie that no script reads, which ends with the account's security stamp.</summary>
internal static class SessionCookie
{
    /// <summary>The scheme's name.</summary>
    public const string Name = "Session";

    /// <summary>The cookie's name.</summary>
    public const string CookieName = "broker-session";

    /// <summary>Where people sign in.</summary>
    public const string SignInPath = "/sign-in";

    /// <summary>What people see who may not see a page.</summary>
    public const string RefusedPath = "/refused";

    /// <summary>How the cookie is made and taken.</summary>
    public static void Configure(CookieAuthenticationOptions options, HostSettings settings)
    {
        options.Cookie.Name = CookieName;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = settings.Admin.SessionIdle;
        options.SlidingExpiration = true;
        options.LoginPath = SignInPath;
        options.AccessDeniedPath = RefusedPath;
        options.ReturnUrlParameter = "returnUrl";
        options.Events.OnValidatePrincipal = ValidateAsync;
        options.Events.OnRedirectToLogin = to => Answer(to, () => Refusals.UnauthorizedAsync(to.HttpContext));
        options.Events.OnRedirectToAccessDenied = to => Answer(to, () => Refusals.ForbiddenAsync(to.HttpContext));
    }

    /// <summary>Whether the account is still there, with the stamp that the session began with.</summary>
    public static bool IsValid(ClaimsPrincipal session, Credentials credentials) =>
        credentials.Administrator(session.Identity?.Name) is { } account && account.SecurityStamp == session.FindFirstValue(Claims.Stamp);

    /// <summary>Whether the answer is for somebody who looks at a page, and not for a program.</summary>
    public static bool IsForPage(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && !request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        && request.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType.Equals(MediaTypeNames.Text.Html, StringComparison.OrdinalIgnoreCase)); // programs take anything

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var credentials = context.HttpContext.RequestServices.GetRequiredService<Credentials>();
        if (context.Principal is { } session && IsValid(session, credentials)) return;
        context.RejectPrincipal();
        if (!credentials.AreKnown) return; // a moment later it may be valid
        await context.HttpContext.SignOutAsync(Name).ConfigureAwait(false);
    }

    private static Task Answer(RedirectContext<CookieAuthenticationOptions> to, Func<Task> refuse)
    {
        if (!IsForPage(to.Request)) return refuse();
        to.Response.Redirect(to.RedirectUri);
        return Task.CompletedTask;
    }
}

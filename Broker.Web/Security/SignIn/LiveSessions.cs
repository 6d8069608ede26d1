using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;

namespace Broker.Web.Security.SignIn;

/// <summary>The connections that live pages hold. Each is cut when its session ends: the account was removed, its role or its password changed, or somebody signed out.</summary>
internal sealed class LiveSessions : IDisposable
{
    private readonly ConcurrentDictionary<IHttpRequestLifetimeFeature, ClaimsPrincipal> open = new();
    private readonly Credentials credentials;

    public LiveSessions(Credentials credentials)
    {
        this.credentials = credentials;
        credentials.Changed += CutEnded;
    }

    /// <summary>Serves a connection until it ends by itself or with its session.</summary>
    public async Task ServeAsync(HttpContext http, RequestDelegate next)
    {
        var lifetime = http.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        open[lifetime] = http.User;
        try
        {
            if (SessionCookie.IsValid(http.User, credentials)) await next(http); // it may have ended just before
        }
        finally
        {
            open.TryRemove(lifetime, out _);
        }
    }

    /// <summary>Somebody signed out in one browser.</summary>
    public void End(ClaimsPrincipal session) => Cut(one => one.FindFirstValue(Claims.Session) == session.FindFirstValue(Claims.Session));

    public void Dispose() => credentials.Changed -= CutEnded;

    private void CutEnded() => Cut(session => !SessionCookie.IsValid(session, credentials));

    private void Cut(Func<ClaimsPrincipal, bool> which)
    {
        foreach (var (lifetime, session) in open)
            if (which(session)) lifetime.Abort();
    }
}

using System.Security.Claims;
using Broker.Web.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;

namespace Broker.Web.Components;

/// <summary>Who looks at the page, and what they may do.</summary>
internal sealed class CurrentUser(AuthenticationStateProvider session, IAuthorizationService policies)
{
    /// <summary>Whether they may, so that a page offers it.</summary>
    /// <param name="scope">One of <see cref="Scopes"/>.</param>
    public async Task<bool> MayAsync(string scope) => (await policies.AuthorizeAsync(await UserAsync(), null, scope)).Succeeded;

    /// <summary>Whoever does what needs a scope: asked at the deed itself, whatever the page offered.</summary>
    /// <exception cref="UnauthorizedAccessException">They may not.</exception>
    public async Task<Actor> RequireAsync(string scope)
    {
        var user = await UserAsync();
        return (await policies.AuthorizeAsync(user, null, scope)).Succeeded
            ? Actor.Of(user)
            : throw new UnauthorizedAccessException($"Your account may not do this: it has not the scope “{scope}”.");
    }

    /// <summary>Who it is.</summary>
    public async Task<ClaimsPrincipal> UserAsync() => (await session.GetAuthenticationStateAsync()).User;
}

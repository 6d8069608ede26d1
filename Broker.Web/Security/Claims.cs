using System.Security.Claims;
using Broker.Web.Persistence.Model;

namespace Broker.Web.Security;

/// <summary>What is known of somebody who is signed in.</summary>
internal static class Claims
{
    /// <summary>Something that they may do: one of <see cref="Scopes"/>.</summary>
    public const string Scope = "scope";

    /// <summary>Of a session: the account's security stamp at its beginning.</summary>
    public const string Stamp = "stamp";

    /// <summary>Of a session: its own name.</summary>
    public const string Session = "session";

    /// <summary>Of a session: where it began.</summary>
    public const string Address = "address";

    /// <summary>A session, or a single request, of an account.</summary>
    public static ClaimsPrincipal Of(AdministratorRow account, string? address, string scheme)
    {
        Roles.TryParse(account.Role, out var role);
        var identity = new ClaimsIdentity(scheme, ClaimTypes.Name, ClaimTypes.Role);
        identity.AddClaim(new(ClaimTypes.Name, account.Name));
        identity.AddClaim(new(ClaimTypes.NameIdentifier, account.Name)); // what forms are sealed for
        identity.AddClaim(new(ClaimTypes.Role, account.Role));
        identity.AddClaim(new(Stamp, account.SecurityStamp));
        identity.AddClaim(new(Session, Guid.NewGuid().ToString("N")));
        if (address is not null) identity.AddClaim(new(Address, address));
        foreach (var scope in role.Scopes()) identity.AddClaim(new(Scope, scope));
        return new ClaimsPrincipal(identity);
    }

    /// <summary>A request with an API key.</summary>
    public static ClaimsPrincipal Of(ApiKeyRow key, string scheme)
    {
        var identity = new ClaimsIdentity(scheme, ClaimTypes.Name, ClaimTypes.Role);
        identity.AddClaim(new(ClaimTypes.Name, $"api key {key.Name} ({key.Id})"));
        foreach (var scope in key.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries)) identity.AddClaim(new(Scope, scope));
        return new ClaimsPrincipal(identity);
    }
}

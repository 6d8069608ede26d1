using Broker.Web.Operations;
using Broker.Web.Persistence.Model;
using Broker.Web.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Broker.Web.Api.Security;

/// <summary>An account, without its secrets.</summary>
/// <param name="Name">Its name, in lower case.</param>
/// <param name="Role">What it may do.</param>
/// <param name="CreatedAt">Since when there is one.</param>
/// <param name="LastSignInAt">When somebody last signed in with it, or null.</param>
internal sealed record AdministratorView(string Name, Role Role, DateTime CreatedAt, DateTime? LastSignInAt)
{
    /// <summary>What is told of a row.</summary>
    public static AdministratorView Of(AdministratorRow row) => new(row.Name, Roles.TryParse(row.Role, out var role) ? role : Role.Viewer, row.CreatedAt, row.LastSignInAt);
}

/// <summary>An account to be added.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Password">Its password.</param>
/// <param name="Role">What it may do.</param>
internal sealed record AddAdministratorRequest(string Name, string Password, Role Role);

/// <summary>What is to be changed about an account; what is null stays.</summary>
/// <param name="Role">What it may do.</param>
/// <param name="Password">Its new password.</param>
internal sealed record ChangeAdministratorRequest(Role? Role = null, string? Password = null);

/// <summary>The accounts.</summary>
internal static class AdministratorRoutes
{
    /// <summary>Maps them.</summary>
    public static void MapAdministrators(this RouteGroupBuilder api)
    {
        var routes = api.MapGroup("/administrators").RequireAuthorization(Scopes.Admin).WithTags("Administrators");
        routes.MapGet("", List).WithSummary("The accounts, by name");
        routes.MapGet("/{name}", (Accounts accounts, string name) => Find(accounts, name)).WithSummary("An account");
        routes.MapPost("", AddAsync).WithSummary("Adds an account");
        routes.MapPatch("/{name}", ChangeAsync).WithSummary("Changes the role or the password of an account; its sessions end");
        routes.MapDelete("/{name}", RemoveAsync).WithSummary("Removes an account; its sessions end");
    }

    private static Page<AdministratorView> List(Accounts accounts, string? cursor, int? limit)
    {
        var most = Cursor.Limit(limit);
        var after = Cursor.Parts(cursor, 1)?[0];
        var rows = accounts.All.Where(row => after is null || string.CompareOrdinal(row.Name, after) > 0).Take(most + 1).Select(AdministratorView.Of).ToList();
        return Cursor.PageOf(rows, most, row => Cursor.Of(row.Name));
    }

    private static async Task<Created<AdministratorView>> AddAsync(HttpContext http, Accounts accounts, AddAdministratorRequest request)
    {
        await accounts.AddAsync(request.Name, request.Password, request.Role, Actor.Of(http), http.RequestAborted);
        var view = Find(accounts, request.Name);
        return TypedResults.Created($"{ApiRegistration.Root}/administrators/{Uri.EscapeDataString(view.Name)}", view);
    }

    private static async Task<AdministratorView> ChangeAsync(HttpContext http, Accounts accounts, string name, ChangeAdministratorRequest request)
    {
        if (request is { Role: null, Password: null }) throw new InvalidInputException("role", "neither a role nor a password is given");
        await accounts.ChangeAsync(name, request.Role, request.Password, Actor.Of(http), http.RequestAborted);
        return Find(accounts, name);
    }

    private static async Task<NoContent> RemoveAsync(HttpContext http, Accounts accounts, string name)
    {
        await accounts.RemoveAsync(name, Actor.Of(http), http.RequestAborted);
        return TypedResults.NoContent();
    }

    private static AdministratorView Find(Accounts accounts, string name)
    {
        var known = Accounts.Normalize(name);
        return accounts.All.FirstOrDefault(row => row.Name == known) is { } found ? AdministratorView.Of(found) : throw new UnknownException("such account");
    }
}

using Broker.Web.Operations;
using Broker.Web.Persistence.Model.Identity;
using Broker.Web.Security;
using Broker.Web.Security.Users;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Broker.Web.Api.Security;

/// <summary>A user of MQTT, without their secrets.</summary>
/// <param name="Name">The name, as clients send it.</param>
/// <param name="Groups">The groups, which access rules name.</param>
/// <param name="IsDisabled">Whether the user is kept out.</param>
/// <param name="HasPassword">Whether there is a password; without one the user comes by tokens or certificates.</param>
/// <param name="CreatedAt">Since when there is one.</param>
/// <param name="ChangedAt">When something about the user was last changed.</param>
internal sealed record UserView(string Name, IReadOnlyList<string> Groups, bool IsDisabled, bool HasPassword, DateTime CreatedAt, DateTime ChangedAt)
{
    /// <summary>What is told of a row.</summary>
    public static UserView Of(UserRow row) => new(row.Name, UserNames.Groups(row.Groups), row.IsDisabled, row.PasswordHash is not null, row.CreatedAt, row.ChangedAt);
}

/// <summary>What a user is to be; what is null stays, and begins as no password, no groups, not disabled.</summary>
/// <param name="Password">A new password.</param>
/// <param name="Groups">The groups.</param>
/// <param name="IsDisabled">Whether the user is kept out.</param>
internal sealed record PutUserRequest(string? Password = null, string[]? Groups = null, bool? IsDisabled = null);

/// <summary>A new password.</summary>
/// <param name="Password">The password; null takes the old one away.</param>
internal sealed record SetPasswordRequest(string? Password);

/// <summary>The users of MQTT.</summary>
internal static class UserRoutes
{
    private const string Before = "/users/";

    /// <summary>Maps them.</summary>
    public static void MapUsers(this RouteGroupBuilder api)
    {
        var routes = api.MapGroup("/users").RequireAuthorization(Scopes.Admin).WithTags("Users");
        routes.MapGet("", ListAsync).WithSummary("The users of MQTT, by name");
        routes.MapGet("/{name}", GetAsync).WithSummary("A user");
        routes.MapPut("/{name}", PutAsync).WithSummary("Adds a user, or changes one; with another password, or disabled, their connections end");
        routes.MapPut("/{name}/password", SetPasswordAsync).WithSummary("Gives a user another password, or none; their connections end");
        routes.MapDelete("/{name}", RemoveAsync).WithSummary("Removes a user with their tokens; their connections end");
    }

    private static async Task<Page<UserView>> ListAsync(UserDirectory users, string? prefix, string? cursor, int? limit, CancellationToken cancellation)
    {
        var (most, after) = (Cursor.Limit(limit), Cursor.Parts(cursor, 1)?[0]);
        var rows = await StoreFailures.ReadAsync(() => users.PageAsync(prefix, after, most + 1, cancellation));
        return Cursor.PageOf([.. rows.Select(UserView.Of)], most, view => Cursor.Of(view.Name));
    }

    private static Task<UserView> GetAsync(HttpContext http, UserDirectory users, string name) => FindAsync(http, users);

    private static async Task<Results<Ok<UserView>, Created<UserView>>> PutAsync(HttpContext http, UserDirectory users, string name, PutUserRequest request)
    {
        var (user, by, cancellation) = (NameOf(http), Actor.Of(http), http.RequestAborted);
        if (await StoreFailures.ReadAsync(() => users.FindAsync(user, cancellation)) is not null)
        {
            await users.ChangeAsync(user, request.Password, request.Groups, request.IsDisabled, by, cancellation);
            return TypedResults.Ok(await FindAsync(http, users));
        }
        await users.AddAsync(user, request.Password, request.Groups ?? [], request.IsDisabled ?? false, by, cancellation);
        return TypedResults.Created($"{ApiRegistration.Root}{Before}{Uri.EscapeDataString(user)}", await FindAsync(http, users));
    }

    private static async Task<NoContent> SetPasswordAsync(HttpContext http, UserDirectory users, string name, SetPasswordRequest request)
    {
        var (user, by) = (NameOf(http), Actor.Of(http));
        if (request.Password is null) await users.ClearPasswordAsync(user, by, http.RequestAborted);
        else await users.ChangeAsync(user, request.Password, null, null, by, http.RequestAborted);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> RemoveAsync(HttpContext http, UserDirectory users, string name)
    {
        await users.RemoveAsync(NameOf(http), Actor.Of(http), http.RequestAborted);
        return TypedResults.NoContent();
    }

    private static async Task<UserView> FindAsync(HttpContext http, UserDirectory users) =>
        await StoreFailures.ReadAsync(() => users.FindAsync(NameOf(http), http.RequestAborted)) is { } found ? UserView.Of(found) : throw new UnknownException("such user");

    private static string NameOf(HttpContext http) => PathNames.Of(http, Before) ?? throw new InvalidInputException("name", "the path names nobody");
}

using Broker.Web.Operations;
using Broker.Web.Persistence.Model.Identity;
using Broker.Web.Security;
using Broker.Web.Security.Users;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Broker.Web.Api.Security;

/// <summary>A token, without its secret.</summary>
/// <param name="Id">The part of the token that is no secret.</param>
/// <param name="User">The user that it stands for.</param>
/// <param name="Name">What people call it.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="ExpiresAt">Until when it counts, or null.</param>
/// <param name="LastUsedAt">When a client last connected with it, to within a minute, or null.</param>
/// <param name="RevokedAt">When it was revoked, or null.</param>
internal record TokenView(string Id, string User, string Name, DateTime CreatedAt, string CreatedBy, DateTime? ExpiresAt, DateTime? LastUsedAt, DateTime? RevokedAt)
{
    /// <summary>What is told of a row.</summary>
    public static TokenView Of(TokenRow row) => new(row.Id, row.UserName, row.Name, row.CreatedAt, row.CreatedBy, row.ExpiresAt, row.LastUsedAt, row.RevokedAt);
}

/// <summary>A new token: the only answer that holds the token itself.</summary>
/// <param name="Token">What the device sends as its password.</param>
/// <param name="View">What is known of it from now on.</param>
internal sealed record NewTokenView(string Token, TokenView View) : TokenView(View);

/// <summary>A token to be made.</summary>
/// <param name="User">The user that it stands for.</param>
/// <param name="Name">What people call it.</param>
/// <param name="ExpiresAt">Until when it counts; null for as long as it is not revoked.</param>
internal sealed record CreateTokenRequest(string User, string? Name = null, DateTimeOffset? ExpiresAt = null);

/// <summary>The tokens of devices.</summary>
internal static class TokenRoutes
{
    /// <summary>Maps them.</summary>
    public static void MapTokens(this RouteGroupBuilder api)
    {
        var routes = api.MapGroup("/tokens").RequireAuthorization(Scopes.Admin).WithTags("Tokens");
        routes.MapGet("", ListAsync).WithSummary("The tokens of a user or of all, with those that were revoked");
        routes.MapGet("/{id}", FindAsync).WithSummary("A token");
        routes.MapPost("", CreateAsync).WithSummary("Makes a token; this answer alone holds it");
        routes.MapDelete("/{id}", RevokeAsync).WithSummary("Revokes a token for ever; the connections that it let in end");
    }

    private static async Task<Page<TokenView>> ListAsync(Tokens tokens, string? user, string? cursor, int? limit, CancellationToken cancellation)
    {
        var (most, after) = (Cursor.Limit(limit), Cursor.Parts(cursor, 1)?[0]);
        var rows = await StoreFailures.ReadAsync(() => tokens.PageAsync(user, after, most + 1, cancellation));
        return Cursor.PageOf([.. rows.Select(TokenView.Of)], most, view => Cursor.Of(view.Id));
    }

    private static async Task<TokenView> FindAsync(Tokens tokens, string id, CancellationToken cancellation) =>
        await StoreFailures.ReadAsync(() => tokens.FindAsync(id, cancellation)) is { } found ? TokenView.Of(found) : throw new UnknownException("such token");

    private static async Task<Created<NewTokenView>> CreateAsync(HttpContext http, Tokens tokens, CreateTokenRequest request)
    {
        var (row, token) = await tokens.CreateAsync(request.User, request.Name, request.ExpiresAt?.UtcDateTime, Actor.Of(http), http.RequestAborted);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"{ApiRegistration.Root}/tokens/{row.Id}", new NewTokenView(token, TokenView.Of(row)));
    }

    private static async Task<NoContent> RevokeAsync(HttpContext http, Tokens tokens, string id)
    {
        await tokens.RevokeAsync(id, Actor.Of(http), http.RequestAborted);
        return TypedResults.NoContent();
    }
}

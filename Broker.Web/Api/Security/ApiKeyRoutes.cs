using Broker.Web.Operations;
using Broker.Web.Persistence.Model;
using Broker.Web.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Broker.Web.Api.Security;

/// <summary>An API key, without its secret.</summary>
/// <param name="Id">The part of the key that is no secret.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Scopes">What it may be used for.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="ExpiresAt">Until when it counts, or null.</param>
/// <param name="LastUsedAt">When it was last used, to within a minute, or null.</param>
/// <param name="RevokedAt">When it was revoked, or null.</param>
internal record ApiKeyView(string Id, string Name, IReadOnlyList<string> Scopes, DateTime CreatedAt, string CreatedBy, DateTime? ExpiresAt, DateTime? LastUsedAt, DateTime? RevokedAt)
{
    /// <summary>What is told of a row.</summary>
    public static ApiKeyView Of(ApiKeyRow row) => new(row.Id, row.Name, row.Scopes.Split(' '), row.CreatedAt, row.CreatedBy, row.ExpiresAt, row.LastUsedAt, row.RevokedAt);
}

/// <summary>A new API key: the only answer that holds the key itself.</summary>
/// <param name="Key">What is sent as <c>Authorization: Bearer</c>.</param>
/// <param name="View">What is known of it from now on.</param>
internal sealed record NewApiKeyView(string Key, ApiKeyView View) : ApiKeyView(View);

/// <summary>An API key to be made.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Scopes">What it may be used for: <c>read</c>, <c>operate</c>, <c>publish</c>, <c>admin</c>.</param>
/// <param name="ExpiresAt">Until when it counts; null for as long as it is not revoked.</param>
internal sealed record CreateApiKeyRequest(string Name, string[] Scopes, DateTimeOffset? ExpiresAt = null);

/// <summary>The API keys.</summary>
internal static class ApiKeyRoutes
{
    /// <summary>Maps them.</summary>
    public static void MapApiKeys(this RouteGroupBuilder api)
    {
        var routes = api.MapGroup("/api-keys").RequireAuthorization(Scopes.Admin).WithTags("API keys");
        routes.MapGet("", List).WithSummary("The API keys, the newest first, with those that were revoked");
        routes.MapGet("/{id}", (ApiKeys keys, string id) => Find(keys, id)).WithSummary("An API key");
        routes.MapPost("", CreateAsync).WithSummary("Makes an API key; this answer alone holds it");
        routes.MapDelete("/{id}", RevokeAsync).WithSummary("Revokes an API key, at once and for ever");
    }

    private static Page<ApiKeyView> List(ApiKeys keys, string? cursor, int? limit)
    {
        var most = Cursor.Limit(limit);
        var after = Cursor.Parts(cursor, 1)?[0];
        var all = keys.All;
        if (after is not null) all = all.SkipWhile(row => row.Id != after).Skip(1);
        return Cursor.PageOf([.. all.Take(most + 1).Select(ApiKeyView.Of)], most, view => Cursor.Of(view.Id));
    }

    private static async Task<Created<NewApiKeyView>> CreateAsync(HttpContext http, ApiKeys keys, CreateApiKeyRequest request)
    {
        var (row, key) = await keys.CreateAsync(request.Name, request.Scopes, request.ExpiresAt?.UtcDateTime, Actor.Of(http), http.RequestAborted);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"{ApiRegistration.Root}/api-keys/{row.Id}", new NewApiKeyView(key, ApiKeyView.Of(row)));
    }

    private static async Task<NoContent> RevokeAsync(HttpContext http, ApiKeys keys, string id)
    {
        await keys.RevokeAsync(id, Actor.Of(http), http.RequestAborted);
        return TypedResults.NoContent();
    }

    private static ApiKeyView Find(ApiKeys keys, string id) =>
        keys.All.FirstOrDefault(row => row.Id == id) is { } found ? ApiKeyView.Of(found) : throw new UnknownException("such API key");
}

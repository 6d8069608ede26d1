using Broker.Web.Operations;
using Broker.Web.Operations.Messages;
using Broker.Web.Operations.Work;
using Broker.Web.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Broker.Web.Api;

/// <summary>Which retained messages are deleted.</summary>
/// <param name="Filter">A topic filter.</param>
internal sealed record DeleteRetainedRequest(string Filter);

/// <summary>The retained messages, and the tree of their topics.</summary>
internal static class RetainedRoutes
{
    /// <summary>Maps them.</summary>
    public static void MapRetained(this RouteGroupBuilder api)
    {
        var read = api.MapGroup("").RequireAuthorization(Scopes.Read).WithTags("Retained messages");
        read.MapGet("/retained", ListAsync).WithSummary("Retained messages by topic prefix or filter, with the beginning of each payload");
        read.MapGet("/retained/message", FindAsync).WithSummary("The retained message of a topic, whole");
        read.MapGet("/topics", (RetainedQueries retained, string? prefix, string? cursor, int? limit) => retained.Levels(prefix, cursor, limit)).WithSummary("The levels of retained topics below a topic");
        var change = api.MapGroup("").RequireAuthorization(Scopes.Operate).WithTags("Retained messages");
        change.MapPut("/retained/message", SetAsync).WithSummary("Sets the retained message of a topic; subscribers get it");
        change.MapDelete("/retained/message", DeleteAsync).WithSummary("Deletes the retained message of a topic; subscribers are not told");
        change.MapPost("/retained:delete", DeleteMany).WithSummary("Deletes the retained messages that match a filter, as a job");
    }

    private static async Task<Page<RetainedView>> ListAsync(HttpContext http, RetainedQueries retained, PayloadAccess payloads, string? prefix, string? filter, string? cursor, int? limit) =>
        prefix is null || filter is null ? payloads.For(http.User, await retained.ListAsync(prefix, filter, cursor, limit)) : throw new InvalidInputException("filter", "allowed is prefix or filter, not both");

    private static async Task<RetainedView> FindAsync(HttpContext http, RetainedQueries retained, PayloadAccess payloads, string topic) =>
        await retained.FindAsync(topic) is { } found ? payloads.For(http.User, found) : throw new UnknownException("retained message of this topic");

    private static Task<PublishResult> SetAsync(HttpContext http, MessageActions messages, string topic, MessageContent content) =>
        messages.PublishAsync(content.For(topic) with { Retain = true }, Actor.Of(http));

    private static async Task<NoContent> DeleteAsync(HttpContext http, MessageActions messages, string topic) =>
        await messages.ClearRetainedAsync(topic, Actor.Of(http)) ? TypedResults.NoContent() : throw new UnknownException("retained message of this topic");

    private static Results<Accepted<JobView>, Ok<DeletionPreview>> DeleteMany(HttpContext http, RetainedQueries retained, MessageActions messages, DeleteRetainedRequest request, bool dryRun = false) =>
        dryRun ? TypedResults.Ok(retained.Preview(request.Filter)) : JobRoutes.Accepted(messages.ClearRetained(request.Filter, Actor.Of(http)));
}

using Broker.Web.Operations;
using Broker.Web.Operations.Clients;
using Broker.Web.Operations.Messages;
using Broker.Web.Operations.Work;
using Broker.Web.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Broker.Web.Api;

/// <summary>Why a client is disconnected.</summary>
/// <param name="Reason">In words; the client is told, and its timeline.</param>
internal sealed record DisconnectRequest(string? Reason = null);

/// <summary>Which clients are disconnected, and why.</summary>
/// <param name="ClientIds">Their identifiers; or else <paramref name="Text"/> or <paramref name="Prefix"/>.</param>
/// <param name="Text">What the identifier holds.</param>
/// <param name="Prefix">What the identifier begins with.</param>
/// <param name="Reason">In words.</param>
internal sealed record DisconnectManyRequest(IReadOnlyList<string>? ClientIds = null, string? Text = null, string? Prefix = null, string? Reason = null);

/// <summary>Whose sessions are deleted.</summary>
/// <param name="ClientIds">The clients' identifiers; or else what follows.</param>
/// <param name="Text">What the identifier holds.</param>
/// <param name="Prefix">What the identifier begins with.</param>
/// <param name="State">Where the client stands: connected or offline.</param>
internal sealed record DeleteSessionsRequest(IReadOnlyList<string>? ClientIds = null, string? Text = null, string? Prefix = null, string? State = null);

/// <summary>A subscription that is made for a client.</summary>
/// <param name="Filter">The topic filter, perhaps shared.</param>
/// <param name="QoS">The highest QoS to deliver with.</param>
/// <param name="NoLocal">Whether the client's own messages stay away.</param>
/// <param name="RetainAsPublished">Whether RETAIN is forwarded as it was published.</param>
/// <param name="RetainHandling">When retained messages are sent: 0 now, 1 if the subscription is new, 2 never.</param>
/// <param name="Identifier">Subscription Identifier, or null.</param>
internal sealed record SubscribeRequest(string Filter, int QoS = 0, bool NoLocal = false, bool RetainAsPublished = false, int RetainHandling = 0, long? Identifier = null);

/// <summary>The subscription that was granted.</summary>
internal sealed record SubscribeAnswer(string Filter, int QoS);

/// <summary>How many it was, or would be.</summary>
internal sealed record CountAnswer(long Count);

/// <summary>Whose a session is to be.</summary>
/// <param name="UserName">The user, or null for an anonymous client.</param>
internal sealed record OwnerRequest(string? UserName);

/// <summary>What operators do to clients.</summary>
internal static class ClientChangeRoutes
{
    private const int Sampled = 10;

    /// <summary>Maps it.</summary>
    public static void MapClientChanges(this RouteGroupBuilder api)
    {
        var routes = api.MapGroup("").RequireAuthorization(Scopes.Operate).WithTags("Clients");
        routes.MapPost("/clients/{id}/disconnect", DisconnectAsync).WithSummary("Disconnects a client; its session goes on");
        routes.MapPost("/clients:disconnect", DisconnectManyAsync).WithSummary("Disconnects clients");
        routes.MapDelete("/clients/{id}", DeleteAsync).WithSummary("Deletes a client's session, and disconnects it");
        routes.MapPost("/sessions:delete", DeleteSessions).WithSummary("Deletes sessions, as a job");
        routes.MapDelete("/clients/{id}/queue", DeleteQueueAsync).WithSummary("Drops what waits for a client and was never sent, as a job");
        routes.MapPut("/clients/{id}/subscriptions", SubscribeAsync).WithSummary("Subscribes for a client");
        routes.MapDelete("/clients/{id}/subscriptions", UnsubscribeAsync).WithSummary("Takes a client's subscription back");
        var admin = api.MapGroup("").RequireAuthorization(Scopes.Admin).WithTags("Clients");
        admin.MapPut("/clients/{id}/owner", ReassignAsync).WithSummary("Gives a client's session to another user; whoever is connected with it is disconnected");
        admin.MapPost("/clients/{id}/release", ReleaseAsync).WithSummary("Lets go of a client's session: the next client of its identifier becomes its owner");
    }

    private static async Task<NoContent> ReassignAsync(HttpContext http, ClientActions clients, string id, string? clientId, OwnerRequest request) =>
        await clients.ReassignAsync(ClientIds.Of(http, clientId), request.UserName, Actor.Of(http)) ? TypedResults.NoContent() : throw new UnknownException("session of such a client");

    private static async Task<NoContent> ReleaseAsync(HttpContext http, ClientActions clients, string id, string? clientId) =>
        await clients.ReleaseAsync(ClientIds.Of(http, clientId), Actor.Of(http)) ? TypedResults.NoContent() : throw new UnknownException("session of such a client");

    private static async Task<NoContent> DisconnectAsync(HttpContext http, ClientActions clients, string id, string? clientId, DisconnectRequest? request) =>
        await clients.DisconnectAsync(ClientIds.Of(http, clientId), request?.Reason, Actor.Of(http)) ? TypedResults.NoContent() : throw new UnknownException("such client that is connected");

    private static async Task<Results<Ok<CountAnswer>, Ok<DeletionPreview>>> DisconnectManyAsync(HttpContext http, ClientActions clients, DisconnectManyRequest request, bool dryRun = false)
    {
        if (request is { ClientIds: null or [], Text: null or "", Prefix: null or "" }) throw new InvalidInputException("clientIds", "name clients, or say by text or prefix which are meant");
        var meant = clients.Select(new ClientSelection(request.ClientIds, request.Prefix ?? request.Text, request.Prefix is not null, ClientState.Connected));
        return dryRun ? TypedResults.Ok(new DeletionPreview(meant.Count, [.. meant.Take(Sampled)])) : TypedResults.Ok(new CountAnswer(await clients.DisconnectAsync(meant, request.Reason, Actor.Of(http))));
    }

    private static async Task<NoContent> DeleteAsync(HttpContext http, ClientActions clients, string id, string? clientId) =>
        await clients.DeleteSessionAsync(ClientIds.Of(http, clientId), Actor.Of(http)) ? TypedResults.NoContent() : throw new UnknownException("session of such a client");

    private static Results<Accepted<JobView>, Ok<DeletionPreview>> DeleteSessions(HttpContext http, ClientActions clients, DeleteSessionsRequest request, bool dryRun = false)
    {
        var meant = clients.Select(new ClientSelection(request.ClientIds, request.Prefix ?? request.Text, request.Prefix is not null, ClientRoutes.StateOf(request.State)));
        return dryRun ? TypedResults.Ok(new DeletionPreview(meant.Count, [.. meant.Take(Sampled)])) : JobRoutes.Accepted(clients.DeleteSessions(meant, Actor.Of(http)));
    }

    private static async Task<Results<Accepted<JobView>, Ok<DeletionPreview>>> DeleteQueueAsync(
        HttpContext http, ClientActions clients, QueueQueries queues, string id, string? clientId, bool dryRun = false)
    {
        string client = ClientIds.Of(http, clientId);
        if (!dryRun) return JobRoutes.Accepted(clients.DeleteQueue(client, Actor.Of(http)) ?? throw new UnknownException("session of such a client"));
        return TypedResults.Ok(await queues.PreviewAsync(client) ?? throw new UnknownException("session of such a client"));
    }

    private static async Task<SubscribeAnswer> SubscribeAsync(HttpContext http, ClientActions clients, string id, string? clientId, SubscribeRequest request)
    {
        var wish = new SubscriptionWish(request.Filter, request.QoS, request.NoLocal, request.RetainAsPublished, request.RetainHandling, request.Identifier);
        int granted = await clients.SubscribeAsync(ClientIds.Of(http, clientId), wish, Actor.Of(http)) ?? throw new UnknownException("session of such a client");
        return new SubscribeAnswer(request.Filter, granted);
    }

    private static async Task<NoContent> UnsubscribeAsync(HttpContext http, ClientActions clients, string id, string? clientId, string filter) =>
        await clients.UnsubscribeAsync(ClientIds.Of(http, clientId), filter, Actor.Of(http)) == true ? TypedResults.NoContent() : throw new UnknownException("such subscription");
}

using Broker.Web.Operations;
using Broker.Web.Operations.Clients;
using Broker.Web.Operations.Messages;
using Broker.Web.Security;

namespace Broker.Web.Api;

/// <summary>The clients: who is connected or was, what happened to them, what waits for them.</summary>
internal static class ClientRoutes
{
    /// <summary>Maps them.</summary>
    public static void MapClients(this RouteGroupBuilder api)
    {
        var routes = api.MapGroup("").RequireAuthorization(Scopes.Read).WithTags("Clients");
        routes.MapGet("/clients", ListAsync).WithSummary("Clients, by text and state");
        routes.MapGet("/clients/{id}", FindAsync).WithSummary("One client");
        routes.MapGet("/clients/{id}/timeline", TimelineAsync).WithSummary("What happened to a client, newest first");
        routes.MapGet("/clients/{id}/queue", QueueAsync).WithSummary("What waits for a client, with the beginning of each payload");
        routes.MapGet("/clients/{id}/inflight", InFlightAsync).WithSummary("What was sent to a client and is not acknowledged");
        routes.MapGet("/clients/{id}/subscriptions", Subscriptions).WithSummary("What a client subscribed to");
        routes.MapGet("/events", EventsAsync).WithSummary("What happened to all clients, newest first");
    }

    /// <summary>Reads a state as it stands in a parameter.</summary>
    /// <exception cref="InvalidInputException">It is none.</exception>
    internal static ClientState? StateOf(string? state) => state?.ToLowerInvariant() switch
    {
        null or "" => null,
        "connected" => ClientState.Connected,
        "offline" => ClientState.Offline,
        "expired" => ClientState.Expired,
        _ => throw new InvalidInputException("state", "allowed is connected, offline or expired"),
    };

    private static Task<Page<ClientView>> ListAsync(ClientQueries clients, string? text, string? prefix, string? state, string? cursor, int? limit)
    {
        if (text is not null && prefix is not null) throw new InvalidInputException("prefix", "allowed is text or prefix, not both");
        return clients.ListAsync(new ClientFilter(prefix ?? text, prefix is not null, StateOf(state)), cursor, limit);
    }

    private static async Task<ClientView> FindAsync(HttpContext http, ClientQueries clients, string id, string? clientId) =>
        await clients.FindAsync(ClientIds.Of(http, clientId)) ?? throw new UnknownException("such client");

    private static async Task<Page<TimelineEvent>> TimelineAsync(HttpContext http, ClientQueries clients, TimelineQueries timeline, string id, string? clientId, string? cursor, int? limit)
    {
        string client = ClientIds.Of(http, clientId);
        var page = await timeline.OfClientAsync(client, cursor, limit);
        return page.Items.Count > 0 || cursor is not null || await clients.FindAsync(client) is not null ? page : throw new UnknownException("such client");
    }

    private static async Task<Page<QueuedMessageView>> QueueAsync(HttpContext http, QueueQueries queues, PayloadAccess payloads, string id, string? clientId, string? cursor, int? limit) =>
        await queues.ListAsync(ClientIds.Of(http, clientId), cursor, limit) is { } page ? payloads.For(http.User, page) : throw new UnknownException("session of such a client");

    private static async Task<Page<QueuedMessageView>> InFlightAsync(HttpContext http, QueueQueries queues, PayloadAccess payloads, string id, string? clientId, string? cursor, int? limit) =>
        await queues.InFlightAsync(ClientIds.Of(http, clientId), cursor, limit) is { } page ? payloads.For(http.User, page) : throw new UnknownException("session of such a client");

    private static IReadOnlyList<SubscriptionView> Subscriptions(HttpContext http, SubscriptionQueries subscriptions, string id, string? clientId) =>
        subscriptions.OfClient(ClientIds.Of(http, clientId)) ?? throw new UnknownException("session of such a client");

    private static Task<Page<TimelineEvent>> EventsAsync(TimelineQueries timeline, string? kind, string? cursor, int? limit) => timeline.OfAllAsync(kind, cursor, limit);
}

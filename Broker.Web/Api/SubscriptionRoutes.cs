using Broker.Web.Operations;
using Broker.Web.Operations.Clients;
using Broker.Web.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Broker.Web.Api;

/// <summary>Who subscribed to what, and who would get a topic's messages.</summary>
internal static class SubscriptionRoutes
{
    /// <summary>Maps them.</summary>
    public static void MapSubscriptions(this RouteGroupBuilder api)
    {
        var routes = api.MapGroup("").RequireAuthorization(Scopes.Read).WithTags("Subscriptions");
        routes.MapGet("/subscriptions", List).WithSummary("All subscriptions by the text of their filters; or, with match, who would get a message of that topic");
        routes.MapGet("/shared-groups", (SubscriptionQueries subscriptions, string? cursor, int? limit) => subscriptions.ShareGroups(cursor, limit)).WithSummary("Shared subscriptions with their members");
    }

    private static Results<Ok<Page<SubscriptionView>>, Ok<TopicReceiversView>> List(SubscriptionQueries subscriptions, string? match, string? text, string? cursor, int? limit) =>
        match is not null ? TypedResults.Ok(subscriptions.ReceiversOf(match)) : TypedResults.Ok(subscriptions.List(text, cursor, limit));
}

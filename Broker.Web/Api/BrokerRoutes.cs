using Broker.Web.Operations.Status;
using Broker.Web.Security;

namespace Broker.Web.Api;

/// <summary>How the broker is: itself, its figures, its listeners, its configuration, what needs attention.</summary>
internal static class BrokerRoutes
{
    /// <summary>Maps them.</summary>
    public static void MapBroker(this RouteGroupBuilder api)
    {
        var routes = api.MapGroup("").RequireAuthorization(Scopes.Read).WithTags("Broker");
        routes.MapGet("/broker", (BrokerQueries broker) => broker.Status()).WithSummary("How the broker is");
        routes.MapGet("/broker/stats", (StatisticsQueries statistics) => statistics.Now()).WithSummary("All figures below $SYS now");
        routes.MapGet("/broker/stats/history", History).WithSummary("How figures went");
        routes.MapGet("/dropped", (BrokerQueries broker) => broker.Dropped()).WithSummary("Messages that were dropped since the start, by reason");
        routes.MapGet("/attention", (AttentionQueries attention) => attention.ListAsync()).WithSummary("What needs somebody's attention");
        routes.MapGet("/listeners", (ListenerQueries listeners) => listeners.List()).WithSummary("Where the broker listens, and to whom it is open");
        routes.MapGet("/config/effective", (ConfigurationQueries configuration) => configuration.List()).WithSummary("The configuration as it holds, and where each value comes from");
    }

    private static Task<StatisticsHistory> History(StatisticsQueries statistics, string[] name, DateTimeOffset from, DateTimeOffset? to, int? resolution) =>
        statistics.HistoryAsync(name, from.UtcDateTime, to?.UtcDateTime, resolution);
}

using Broker.Web.Operations.Clients;
using Broker.Web.Operations.Messages;
using Broker.Web.Operations.Status;
using Broker.Web.Operations.Work;
using Broker.Web.Persistence.History;

namespace Broker.Web.Operations;

/// <summary>Puts into the host what operators ask and do, for the REST API and the dashboard alike.</summary>
public static class OperationsRegistration
{
    /// <summary>Registers queries and actions.</summary>
    public static WebApplicationBuilder AddOperations(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(provider => new HistoryReader(provider.GetService<HistoryStore>()));
        services.AddSingleton<Changes>();
        services.AddSingleton<ClientQueries>();
        services.AddSingleton<TimelineQueries>();
        services.AddSingleton<QueueQueries>();
        services.AddSingleton<SubscriptionQueries>();
        services.AddSingleton<ClientActions>();
        services.AddSingleton<RetainedQueries>();
        services.AddSingleton<PayloadAccess>();
        services.AddSingleton<MessageActions>();
        services.AddSingleton<LiveTail>();
        services.AddSingleton<BrokerQueries>();
        services.AddSingleton<StatisticsQueries>();
        services.AddSingleton<AttentionQueries>();
        services.AddSingleton<ListenerQueries>();
        services.AddSingleton<ConfigurationQueries>();
        services.AddSingleton<Jobs>();
        services.AddSingleton<IdempotencyKeys>();
        return builder;
    }
}

using Broker.Core.Diagnostics;

namespace Broker.Web.Persistence.History;

/// <summary>Puts the history into the host.</summary>
internal static class HistoryRegistration
{
    /// <summary>Lets the broker tell what happens, and writes it to a database.</summary>
    public static void AddHistory(this IServiceCollection services, HistoryOptions options, Func<IServiceProvider, HistoryStore> store)
    {
        services.AddSingleton(options);
        services.AddSingleton(store);
        services.AddSingleton<HistoryBuffer>();
        services.AddSingleton<IClientEvents>(provider => provider.GetRequiredService<HistoryBuffer>());
        services.AddSingleton<HistoryRecorder>();
        services.AddHostedService(provider => provider.GetRequiredService<HistoryRecorder>());
    }
}

using Broker.Core.Diagnostics;
using Broker.Web.Configuration;

namespace Broker.Web.Persistence.History;

/// <summary>Puts the history into the host.</summary>
public static class HistoryRegistration
{
    /// <summary>Keeps a history where the store is, unless that is memory or the configuration wants none.</summary>
    public static void AddHistory(this WebApplicationBuilder builder, HostSettings settings)
    {
        var storage = settings.Storage;
        if (!settings.History.Enabled || storage.Provider == StorageProvider.Memory) return;
        builder.Services.AddHistory(settings.History, _ => storage.Provider == StorageProvider.Sqlite
            ? new SqliteHistory(SqliteHistory.FileBeside(storage.Path))
            : new PostgreSqlHistory(storage.ConnectionString, storage.ToString()));
    }

    /// <summary>Lets the broker tell what happens, and writes it to a database.</summary>
    internal static void AddHistory(this IServiceCollection services, HistoryOptions options, Func<IServiceProvider, HistoryStore> store)
    {
        services.AddSingleton(options);
        services.AddSingleton(store);
        services.AddSingleton<HistoryBuffer>();
        services.AddSingleton<IClientEvents>(provider => provider.GetRequiredService<HistoryBuffer>());
        services.AddSingleton<HistoryRecorder>();
        services.AddHostedService(provider => provider.GetRequiredService<HistoryRecorder>());
    }
}

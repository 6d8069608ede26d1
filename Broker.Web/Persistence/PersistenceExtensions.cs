using Broker.Core.Storage;
using Broker.Web.Configuration;
using Broker.Web.Persistence.PostgreSql;
using Broker.Web.Persistence.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Persistence;

/// <summary>Puts the store into the host.</summary>
public static class PersistenceExtensions
{
    /// <summary>Registers the store that the configuration asks for. It is opened when the broker starts.</summary>
    public static void AddPersistence(this WebApplicationBuilder builder, HostSettings settings)
    {
        builder.Services.AddSingleton<IBrokerStore>(services => settings.Storage.Provider switch
        {
            StorageProvider.Sqlite => new SqliteStore(settings.Storage.Path, settings.Broker.Storage, services.GetRequiredService<TimeProvider>()),
            StorageProvider.Memory => new InMemoryStore(),
            _ => new PostgreSqlStore(settings.Storage.ConnectionString, settings.Broker.Storage, services.GetRequiredService<ILogger<PostgreSqlStore>>()),
        });
        builder.Services.AddSingleton<IDbContextFactory<BrokerDbContext>>(_ => new BrokerTables(settings.Storage));
    }
}

using Broker.Web.Persistence.Migrations;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Broker.Web.Persistence;

/// <summary>
/// Gives contexts on the broker's tables to whoever reads them for people, and to administration, which writes tables of its own there. The tables are there once the
/// broker has started; with the provider <c>Memory</c> they are in memory, hold no sessions and no messages, and end with the process.
/// </summary>
internal sealed class BrokerTables : IDbContextFactory<BrokerDbContext>, IAsyncDisposable
{
    private const int ConnectSeconds = 5;

    private readonly SqliteConnection? memory;
    private readonly NpgsqlDataSource? server;
    private readonly Func<BrokerDbContext> create;

    public BrokerTables(StorageSettings settings)
    {
        if (settings.Provider == StorageProvider.PostgreSql)
        {
            server = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { ApplicationName = "Broker administration", MaxPoolSize = 8, Timeout = ConnectSeconds, CommandTimeout = 10 });
            var options = new DbContextOptionsBuilder<PostgreSqlBrokerDbContext>().UseNpgsql(server).AddInterceptors(new BoundedOpening(BoundedOpening.Patience(ConnectSeconds))).Options;
            create = () => new PostgreSqlBrokerDbContext(options);
            return;
        }
        string file = settings.Provider == StorageProvider.Sqlite
            ? new SqliteConnectionStringBuilder { DataSource = settings.Path, Mode = SqliteOpenMode.ReadWrite, DefaultTimeout = 5 }.ToString()
            : new SqliteConnectionStringBuilder { DataSource = $"broker-{Guid.NewGuid():N}", Mode = SqliteOpenMode.Memory, Cache = SqliteCacheMode.Shared }.ToString();
        var ofFile = new DbContextOptionsBuilder<SqliteBrokerDbContext>().UseSqlite(file).Options;
        create = () => new SqliteBrokerDbContext(ofFile);
        if (settings.Provider == StorageProvider.Sqlite) return;
        memory = new SqliteConnection(file); // what is in memory lasts as long as a connection to it
        memory.Open();
        using var context = new SqliteBrokerDbContext(ofFile);
        context.AddHashFunctions();
        context.Database.Migrate();
    }

    /// <inheritdoc/>
    public BrokerDbContext CreateDbContext() => create();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await using (var context = server is null ? create() : null)
        {
            if (context?.Database.GetDbConnection() is SqliteConnection of) SqliteConnection.ClearPool(of); // the file is let go of
        }
        if (memory is not null) await memory.DisposeAsync();
        if (server is not null) await server.DisposeAsync();
    }
}

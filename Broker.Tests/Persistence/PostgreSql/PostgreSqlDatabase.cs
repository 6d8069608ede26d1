using Broker.Core;
using Broker.Core.Storage;
using Broker.Tests.Testing;
using Broker.Web.Persistence;
using Broker.Web.Persistence.PostgreSql;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Persistence.PostgreSql;

/// <summary>An empty database of a test's own, on the server that all share or on one of its own.</summary>
internal sealed record PostgreSqlDatabase(PostgresServer Server, string ConnectionString) : IStoreDatabase
{
    public static async Task<IStoreDatabase> MakeAsync() => await CreateAsync();

    public static async Task<PostgreSqlDatabase> CreateAsync(PostgresServer? server = null)
    {
        server ??= await PostgresServer.SharedAsync();
        return new PostgreSqlDatabase(server, await server.CreateDatabaseAsync());
    }

    public PostgreSqlStore Create(StorageOptions? options = null, ILogger<PostgreSqlStore>? log = null) =>
        new(ConnectionString, options ?? new StorageOptions(), log ?? NullLogger<PostgreSqlStore>.Instance);

    public async Task<PostgreSqlStore> OpenAsync()
    {
        var store = Create();
        await store.OpenAsync(_ => { }, CancellationToken.None);
        return store;
    }

    public PostgreSqlBrokerDbContext OpenContext() =>
        new(new DbContextOptionsBuilder<PostgreSqlBrokerDbContext>().UseNpgsql(ConnectionString + ";Pooling=false").Options);

    IBrokerStore IStoreDatabase.Create(StorageOptions options) => Create(options);

    BrokerDbContext IStoreDatabase.OpenContext() => OpenContext();

    // It goes with its server.
    void IDisposable.Dispose()
    {
    }

    /// <summary>Runs SQL in the database and answers the first value.</summary>
    public Task<object?> ExecuteAsync(string sql) => Server.ExecuteAsync(sql, ConnectionString);
}

/// <summary>The contract of a store, on PostgreSQL.</summary>
public sealed class PostgreSqlStoreTests() : StoreTests(PostgreSqlDatabase.MakeAsync);

/// <summary>Runs of entries, on PostgreSQL.</summary>
public sealed class PostgreSqlEntryRunTests() : EntryRunTests(PostgreSqlDatabase.MakeAsync);

/// <summary>The contract of a store's owner, on PostgreSQL.</summary>
public sealed class PostgreSqlStoreOwnerTests() : StoreOwnerTests(PostgreSqlDatabase.MakeAsync);

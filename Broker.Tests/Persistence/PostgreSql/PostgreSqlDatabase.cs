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
internal sealed record PostgreSqlDatabase(PostgresServer Server, string ConnectionString)
{
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

    /// <summary>Runs SQL in the database and answers the first value.</summary>
    public Task<object?> ExecuteAsync(string sql) => Server.ExecuteAsync(sql, ConnectionString);
}

/// <summary>The contract of a store, on PostgreSQL.</summary>
public sealed class PostgreSqlStoreTests : StoreTests
{
    private PostgreSqlDatabase database = null!;

    public override async Task InitializeAsync() => database = await PostgreSqlDatabase.CreateAsync();

    protected override IBrokerStore Create(StorageOptions options) => database.Create(options);

    private protected override BrokerDbContext OpenContext() => database.OpenContext();
}

/// <summary>Runs of entries, on PostgreSQL.</summary>
public sealed class PostgreSqlEntryRunTests : EntryRunTests
{
    private PostgreSqlDatabase database = null!;

    public override async Task InitializeAsync() => database = await PostgreSqlDatabase.CreateAsync();

    protected override IBrokerStore Create(StorageOptions options) => database.Create(options);

    private protected override BrokerDbContext OpenContext() => database.OpenContext();
}

/// <summary>The contract of a store's owner, on PostgreSQL.</summary>
public sealed class PostgreSqlStoreOwnerTests : StoreOwnerTests
{
    private PostgreSqlDatabase database = null!;

    public override async Task InitializeAsync() => database = await PostgreSqlDatabase.CreateAsync();

    protected override IBrokerStore Create(StorageOptions options) => database.Create(options);

    private protected override BrokerDbContext OpenContext() => database.OpenContext();
}

using Broker.Core;
using Broker.Core.Storage;
using Broker.Web.Persistence;
using Broker.Web.Persistence.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Broker.Tests.Persistence.Sqlite;

/// <summary>A SQLite file in a folder of its own, which goes when the test ends.</summary>
internal sealed class SqliteDatabase : IStoreDatabase
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("broker-store-");

    public static Task<IStoreDatabase> MakeAsync() => Task.FromResult<IStoreDatabase>(new SqliteDatabase());

    public string Folder => folder.FullName;

    public string Path => System.IO.Path.Combine(Folder, "data", "broker.db");

    public SqliteStore Create(StorageOptions? options = null, TimeProvider? time = null) => new(Path, options ?? new StorageOptions(), time ?? TimeProvider.System);

    public async Task<SqliteStore> OpenAsync(StorageOptions? options = null, TimeProvider? time = null)
    {
        var store = Create(options, time);
        await store.OpenAsync(_ => { }, CancellationToken.None);
        return store;
    }

    public SqliteBrokerDbContext OpenContext() =>
        new(new DbContextOptionsBuilder<SqliteBrokerDbContext>().UseSqlite($"Data Source={Path};Pooling=false").Options);

    IBrokerStore IStoreDatabase.Create(StorageOptions options) => Create(options);

    BrokerDbContext IStoreDatabase.OpenContext() => OpenContext();

    public void Dispose() => folder.Delete(recursive: true);
}

/// <summary>The contract of a store, on SQLite.</summary>
public sealed class SqliteStoreTests() : StoreTests(SqliteDatabase.MakeAsync);

/// <summary>Runs of entries, on SQLite.</summary>
public sealed class SqliteEntryRunTests() : EntryRunTests(SqliteDatabase.MakeAsync);

/// <summary>The contract of a store's owner, on SQLite.</summary>
public sealed class SqliteStoreOwnerTests() : StoreOwnerTests(SqliteDatabase.MakeAsync);

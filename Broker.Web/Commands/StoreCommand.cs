using System.Data.Common;
using Broker.Core;
using Broker.Core.Storage;
using Broker.Web.Configuration;
using Broker.Web.Persistence;
using Broker.Web.Persistence.PostgreSql;
using Broker.Web.Persistence.Sqlite;
using Broker.Web.Security;
using Broker.Web.Security.SignIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using AccessOptions = Broker.Core.Access.AccessOptions;

namespace Broker.Web.Commands;

/// <summary>What a command works with: the store that the broker with these settings uses, whether that runs or not.</summary>
/// <param name="Tables">Its tables.</param>
/// <param name="Administration">Changes them.</param>
/// <param name="Hashes">What it keeps of tokens.</param>
/// <param name="By">Who changes, for the audit.</param>
/// <param name="Access">What the configuration says about access.</param>
internal sealed record StoreAccess(IDbContextFactory<BrokerDbContext> Tables, Administration Administration, KeyedHashes Hashes, Actor By, AccessOptions Access);

/// <summary>Runs a command on the store; a broker that runs acts upon its changes within a second.</summary>
internal static class StoreCommand
{
    /// <summary>Runs it, and gives back the exit code: 0 when it was done, 1 when it was refused, with the reason on the error output.</summary>
    public static async Task<int> RunAsync(CommandArguments arguments, Func<StoreAccess, Task> work)
    {
        try
        {
            if (arguments.Mistakes is { Count: > 0 } mistakes) throw new InvalidDataException(string.Join(Environment.NewLine, mistakes));
            var (storage, access) = Read(arguments.Settings);
            await PrepareAsync(storage);
            await using var tables = new BrokerTables(storage);
            var hashes = new KeyedHashes(tables);
            using var administration = new Administration(tables, new Credentials(tables, hashes, TimeProvider.System), TimeProvider.System);
            await work(new StoreAccess(tables, administration, hashes, new Actor($"command line ({Environment.UserName})", null), access));
            return 0;
        }
        catch (Exception failure) when (failure is RefusedException or StoreRefusedException or StoreUnavailableException or DbException or DbUpdateException or ConfigurationException or IOException or InvalidDataException or FormatException or UnauthorizedAccessException or TimeoutException)
        {
            foreach (string line in (failure is DbUpdateException { InnerException: { } inner } ? inner : failure).Message.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                await Console.Error.WriteLineAsync($"error: {line.Trim()}");
            return 1;
        }
    }

    private static (StorageSettings Storage, AccessOptions Access) Read(string[] settings)
    {
        // The builder alone reads the settings as the broker does; files need no watch for one look.
        var builder = HostFiles.CreateBuilder([.. settings, "--hostBuilder:reloadConfigOnChange=false"]);
        var reader = new SettingsReader(builder.Configuration);
        KnownKeys.Check(reader);
        var storage = StorageSettings.Read(reader, builder.Environment.ContentRootPath);
        var access = new AccessOptions();
        reader.Bind("Mqtt:Access", LimitsTable.Access, access);
        if (reader.Errors.Count > 0) throw new ConfigurationException(reader.Errors);
        return storage.Provider != StorageProvider.Memory ? (storage, access)
            : throw new InvalidDataException("Storage:Provider is Memory: what such a broker knows is in its process alone. Use its REST API.");
    }

    // A store that no broker has opened yet, or only an older one, is brought up to date as a start of the broker would, which needs to be its owner.
    private static async Task PrepareAsync(StorageSettings storage)
    {
        if (storage.Provider == StorageProvider.Sqlite ? !new SqliteFile(storage.Path).Check() : await IsCurrentAsync(storage)) return;
        IBrokerStore store = storage.Provider == StorageProvider.Sqlite
            ? new SqliteStore(storage.Path, new StorageOptions(), TimeProvider.System)
            : new PostgreSqlStore(storage.ConnectionString, new StorageOptions(), NullLogger<PostgreSqlStore>.Instance);
        using var ending = store as IDisposable;
        await store.OpenAsync(reason => throw new InvalidDataException($"The store is not ready for this version of the broker, and cannot be prepared now: {reason}"), CancellationToken.None);
    }

    private static async Task<bool> IsCurrentAsync(StorageSettings storage)
    {
        await using var tables = new BrokerTables(storage);
        await using var context = tables.CreateDbContext();
        var applied = (await context.Database.GetAppliedMigrationsAsync()).ToList();
        var unknown = Schema.Unknown<PostgreSqlBrokerDbContext>(applied);
        if (unknown.Count > 0) throw new InvalidDataException($"The database was written by a newer version of the broker (schema {unknown[^1]}). Run that version.");
        return applied.Count == Schema.Migrations<PostgreSqlBrokerDbContext>().Count;
    }
}

using Broker.Web.Persistence;

namespace Broker.Tests.Testing;

/// <summary>A database of a test's own, and the hosts that are started on it, one after the other.</summary>
public sealed class RestartedStore : IAsyncDisposable
{
    private readonly List<BrokerHost> hosts = [];
    private readonly DirectoryInfo? folder;

    private RestartedStore(StorageProvider provider, DirectoryInfo? folder, string connectionString) =>
        (Provider, this.folder, ConnectionString) = (provider, folder, connectionString);

    private StorageProvider Provider { get; }

    private string ConnectionString { get; }

    private string File => folder is null ? "" : Path.Combine(folder.FullName, "broker.db");

    /// <summary>The settings of commands that work on it.</summary>
    public string[] Arguments => [.. Settings.Select(setting => $"--{setting.Key}={setting.Value}")];

    private (string Key, string Value)[] Settings =>
        [("Storage:Provider", $"{Provider}"), ("ConnectionStrings:Broker", folder is null ? ConnectionString : $"Data Source={File}")];

    /// <summary>Makes an empty one.</summary>
    public static async Task<RestartedStore> CreateAsync(StorageProvider provider) => provider == StorageProvider.Sqlite
        ? new RestartedStore(provider, Directory.CreateTempSubdirectory("broker-restarted-"), "")
        : new RestartedStore(provider, null, await (await PostgresServer.SharedAsync()).CreateDatabaseAsync());

    /// <summary>Starts a host on it, which has read its accounts when this comes back. The one before must have stopped.</summary>
    public async Task<BrokerHost> StartAsync(params (string Key, string Value)[] settings)
    {
        var host = new Host([.. Settings, .. settings]);
        hosts.Add(host);
        await host.InitializeAsync();
        await host.AccountsReadAsync();
        return host;
    }

    /// <summary>Its tables, once something has made them.</summary>
    internal BrokerTables OpenTables() => new(new StorageSettings(Provider, ConnectionString, File));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var host in hosts) await host.DisposeAsync();
        folder?.Delete(recursive: true);
    }

    private sealed class Host((string Key, string Value)[] settings) : BrokerHost(settings);
}

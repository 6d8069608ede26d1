using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Broker.Web.Persistence.History;
using Broker.Web.Persistence.History.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Persistence.History;

/// <summary>Where the history is kept, as the configuration says.</summary>
public sealed class HistorySettingsTests : IAsyncLifetime
{
    private readonly SqliteHistoryDatabase database = new();
    private readonly List<BrokerHost> hosts = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var host in hosts) await host.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task With_SQLite_it_stands_beside_the_store_and_only_its_owner_reads_it()
    {
        var host = await StartAsync(("Storage:Provider", "Sqlite"), ("ConnectionStrings:Broker", $"Data Source={Store}"));
        using var client = await ScriptedClient.OpenAsync(host.Address, Transport.Tcp, ProtocolVersion.V5, "client");
        await client.ConnectAsync(new Connect { CleanStart = true, ClientIdentifier = "client" });
        await database.TimelineAsync("client", EventKind.Connected);
        Path.GetFileName(database.File).ShouldBe("history.db");
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(Store)!, "history.db*"))
            if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
        await client.DisconnectAsync();
    }

    [Fact]
    public async Task With_PostgreSQL_it_stands_in_the_database_of_the_store()
    {
        var server = await PostgresServer.SharedAsync();
        string connection = await server.CreateDatabaseAsync();
        var host = await StartAsync(("Storage:Provider", "PostgreSql"), ("ConnectionStrings:Broker", connection));
        using var client = await ScriptedClient.OpenAsync(host.Address, Transport.Tcp, ProtocolVersion.V5, "client");
        await client.ConnectAsync(new Connect { CleanStart = true, ClientIdentifier = "client", Properties = new PropertiesBuilder().Add(PropertyId.SessionExpiryInterval, 60).Build() });
        await using var history = new PostgreSqlHistory(connection, "PostgreSQL");
        await HistoryDatabase.WaitAsync(
            async () =>
            {
                await using var context = history.CreateContext();
                return await context.Presence.CountAsync(row => row.ClientIdentifier == "client");
            },
            count => count == 1);
        (await server.ExecuteAsync("SELECT client_key FROM client_presence JOIN sessions USING (client_identifier)", connection)).ShouldBe(ClientKey.Of("client"));
        (await server.ExecuteAsync("SELECT ('x' || left(encode(sha256(convert_to('client', 'UTF8')), 'hex'), 16))::bit(64)::bigint", connection)).ShouldBe(ClientKey.Of("client")); // as docs/history.md tells
        await client.DisconnectAsync();
    }

    [Fact]
    public async Task Switched_off_there_is_none()
    {
        var host = await StartAsync(("Storage:Provider", "Sqlite"), ("ConnectionStrings:Broker", $"Data Source={Store}"), ("Storage:History:Enabled", "false"));
        host.Services.GetService<IClientEvents>().ShouldBeNull();
    }

    [Fact]
    public async Task With_Memory_there_is_none()
    {
        var host = await StartAsync(("Storage:Provider", "Memory"));
        host.Services.GetService<IClientEvents>().ShouldBeNull();
    }

    [Theory]
    [InlineData("broker.db", "history.db")]
    [InlineData("plant.db", "plant-history.db")]
    public void Two_stores_in_one_folder_have_two_histories(string store, string history) =>
        SqliteHistory.FileBeside(Path.Combine("folder", store)).ShouldBe(Path.Combine("folder", history));

    private string Store => Path.Combine(Path.GetDirectoryName(database.File)!, "broker.db");

    private async Task<BrokerHost> StartAsync(params (string Key, string Value)[] settings)
    {
        var host = new ConfiguredHost(settings);
        hosts.Add(host);
        await host.InitializeAsync();
        return host;
    }

    private sealed class ConfiguredHost((string Key, string Value)[] settings) : BrokerHost(settings);
}

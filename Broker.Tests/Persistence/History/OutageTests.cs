using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Broker.Tests.Persistence.History;

/// <summary>The database of the history is away, or does not take a row: the broker goes on, and the history after it.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> used = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var one in Enumerable.Reverse(used)) await one.DisposeAsync();
    }

    [Fact]
    public async Task PostgreSQL_that_is_stopped_and_started_again()
    {
        var server = await PostgresServer.StartNewAsync();
        used.Add(server);
        var database = new PostgreSqlHistoryDatabase { Server = server };
        await database.InitializeAsync();
        await using var bench = new HistoryBench(database.NewStore());
        await bench.Open().Connect("before").ExpectAsync<ConnAck>();
        await bench.WriteAsync();
        await server.StopAsync(immediately: true);
        var client = bench.Open().Connect("meanwhile");
        await client.ExpectAsync<ConnAck>();
        await bench.WriteAsync(); // in vain
        await client.PingAsync();
        await server.StartAsync();
        await database.WaitAsync(
            async context =>
            {
                await bench.WriteAsync();
                return await context.Presence.CountAsync(row => row.ClientIdentifier == "meanwhile");
            },
            count => count == 1);
        await database.PresenceAsync("before", row => row.DisconnectedAt is null);
        await database.DisposeAsync();
    }

    [Fact]
    public async Task A_row_that_PostgreSQL_does_not_take_is_left_out_alone()
    {
        var database = new PostgreSqlHistoryDatabase();
        await database.InitializeAsync();
        await using var bench = new HistoryBench(database.NewStore());
        foreach (string name in new[] { "a", "zero\0", "b", "c" }) bench.Buffer.Tell(new SessionExpired(name));
        await bench.WriteAsync();
        (await database.ReadAsync(context => context.Events.OrderBy(row => row.Id).Select(row => row.ClientIdentifier).ToListAsync())).ShouldBe(["a", "b", "c"]);
        bench.Log.Errors.ShouldHaveSingleItem();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task A_file_that_is_no_database_stays_as_it_is_and_the_broker_goes_on()
    {
        var database = new SqliteHistoryDatabase();
        Directory.CreateDirectory(Path.GetDirectoryName(database.File)!);
        byte[] text = [.. Enumerable.Repeat((byte)'x', 10_000)];
        await File.WriteAllBytesAsync(database.File, text);
        await using var bench = new HistoryBench(database.NewStore());
        var client = bench.Open().Connect("client");
        await client.ExpectAsync<ConnAck>();
        await bench.WriteAsync();
        (await File.ReadAllBytesAsync(database.File)).ShouldBe(text);
        await client.PingAsync();
        File.Delete(database.File); // what the log advises
        await bench.WriteAsync();
        await database.PresenceAsync("client", row => row.DisconnectedAt is null);
        await database.DisposeAsync();
    }

    [Fact]
    public async Task A_file_that_somebody_else_holds_is_written_when_it_is_let_go_of()
    {
        var host = new SqliteHistoryHost();
        await host.InitializeAsync();
        using var client = await ScriptedClient.OpenAsync(host.Address, Transport.Tcp, ProtocolVersion.V5, "client");
        await host.Database.WaitAsync(context => context.Statistics.CountAsync(), count => count > 0);
        await using (var other = new SqliteConnection($"Data Source={((SqliteHistoryDatabase)host.Database).File};Pooling=False"))
        {
            await other.OpenAsync();
            var transaction = other.BeginTransaction();
            await client.ConnectAsync(new Connect { CleanStart = true, ClientIdentifier = "client" });
            await client.PublishAsync("a", "b", QualityOfService.ExactlyOnce);
            await transaction.DisposeAsync();
        }
        await host.Database.PresenceAsync("client", row => row.PublishReceived == 1);
        await host.DisposeAsync();
    }

    [Fact]
    public async Task What_waits_when_the_broker_stops_is_written_and_everybody_is_gone()
    {
        var database = new SqliteHistoryDatabase();
        var host = new ReusedHost(database);
        await host.InitializeAsync();
        using var client = await ScriptedClient.OpenAsync(host.Address, Transport.Tcp, ProtocolVersion.V5, "client");
        await database.WaitAsync(context => context.Statistics.CountAsync(), count => count > 0);
        await client.ConnectAsync(new Connect { CleanStart = true, ClientIdentifier = "client" });
        var stopping = host.StopAsync();
        await client.ExpectDisconnectedAsync(ReasonCode.ServerShuttingDown);
        client.Cut();
        await stopping;
        var row = await database.ReadAsync(context => context.Presence.SingleAsync());
        (row.EndedBy, row.ReasonCode).ShouldBe(("server", (short)ReasonCode.ServerShuttingDown));
        await host.DisposeAsync();
    }

    private sealed class ReusedHost(HistoryDatabase database) : HistoryHost(database);
}

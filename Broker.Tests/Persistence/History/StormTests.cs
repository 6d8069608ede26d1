using Broker.Core.Protocol;
using Broker.Tests.Connections;
using Broker.Web.Persistence.History;
using Broker.Web.Persistence.History.Model;
using Microsoft.EntityFrameworkCore;

namespace Broker.Tests.Persistence.History;

/// <summary>More happens than can be written: nobody waits, memory stays bounded, and how each client ended up is right all the same.</summary>
public abstract class StormTests(HistoryDatabase database) : HistoryTests(database)
{
    private const int Clients = 200, Rounds = 50;

    [Fact]
    public async Task Ten_thousand_connections_while_the_database_is_away()
    {
        var gated = new GatedHistory(Database.NewStore());
        await using var bench = new HistoryBench(gated);
        var stay = await StormAsync(bench, 1); // so that the tables hold everybody as connected
        await bench.WriteAsync();
        (await Database.ReadAsync(context => context.Presence.CountAsync(row => row.DisconnectedAt == null))).ShouldBe(Clients);
        gated.IsAway = true;

        foreach (var client in stay) await client.LeaveAsync();
        stay = await StormAsync(bench, Rounds);
        foreach (var client in stay.Take(Clients / 2)) await client.LeaveAsync(); // the others stay
        for (int i = 0; i < 3; i++) await bench.WriteAsync(); // in vain
        bench.Buffer.Count.ShouldSatisfyAllConditions(
            count => count.Clients.ShouldBeLessThanOrEqualTo(Clients),
            count => count.Events.ShouldBeLessThanOrEqualTo(HistoryBuffer.MostEvents + 1));

        gated.IsAway = false;
        await bench.WriteAsync();
        var rows = await Database.ReadAsync(context => context.Presence.ToListAsync());
        rows.Count.ShouldBe(Clients);
        rows.Where(row => row.DisconnectedAt is null).Select(row => row.ClientIdentifier).Order()
            .ShouldBe(Enumerable.Range(Clients / 2, Clients / 2).Select(Name).Order());
        rows.ShouldAllBe(row => row.DisconnectedAt == null || row.EndedBy == "network");

        // What was left out is counted: nothing is missing without a word.
        var events = await Database.ReadAsync(context => context.Events.ToListAsync());
        int written = events.Count(row => row.Kind != EventKind.LeftOut);
        long leftOut = events.Where(row => row.Kind == EventKind.LeftOut).Sum(row => row.Count!.Value);
        leftOut.ShouldBeGreaterThan(0);
        (written + leftOut).ShouldBe(2 * Clients * (Rounds + 1) - Clients / 2);
        events.Select(row => row.Id).Distinct().Count().ShouldBe(events.Count);
    }

    [Fact]
    public async Task Ten_thousand_connections_while_it_is_written()
    {
        await using var bench = new HistoryBench(Database.NewStore());
        var storm = Task.Run(() => StormAsync(bench, Rounds));
        while (!storm.IsCompleted) await bench.WriteAsync();
        foreach (var client in await storm) await client.LeaveAsync();
        await bench.WriteAsync();
        var rows = await Database.ReadAsync(context => context.Presence.ToListAsync());
        rows.Count.ShouldBe(Clients);
        rows.ShouldAllBe(row => row.DisconnectedAt != null);
    }

    // Each client comes so many times, and leaves all but the last time.
    private static async Task<List<PipeClient>> StormAsync(HistoryBench bench, int rounds)
    {
        var stay = new List<PipeClient>();
        for (int round = 1; round <= rounds; round++)
        {
            for (int i = 0; i < Clients; i++)
            {
                var client = bench.Open().Connect(Name(i));
                (await client.ExpectAsync<ConnAck>()).Reason.ShouldBe(ReasonCode.Success);
                if (round == rounds) stay.Add(client);
                else await client.LeaveAsync();
            }
        }
        return stay;
    }

    private static string Name(int client) => $"storm {client}";
}

/// <summary>In a SQLite file.</summary>
public sealed class SqliteStormTests() : StormTests(new SqliteHistoryDatabase());

/// <summary>On PostgreSQL.</summary>
public sealed class PostgreSqlStormTests() : StormTests(new PostgreSqlHistoryDatabase());

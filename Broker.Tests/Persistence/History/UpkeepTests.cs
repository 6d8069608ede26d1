using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Tests.Connections;
using Broker.Web.Persistence.History;
using Broker.Web.Persistence.History.Model;
using Microsoft.EntityFrameworkCore;

namespace Broker.Tests.Persistence.History;

/// <summary>The history stays within its bounds, and figures are thinned as they grow old.</summary>
public abstract class UpkeepTests(HistoryDatabase database) : HistoryTests(database)
{
    private const string Connected = "$SYS/broker/clients/connected", Uptime = "$SYS/broker/uptime";

    [Fact]
    public async Task The_oldest_events_go_when_there_are_more_than_are_kept()
    {
        await using var bench = new HistoryBench(Database.NewStore(), new HistoryOptions { Events = 1_000 });
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 700; i++) bench.Buffer.Tell(new SessionExpired($"{round}/{i}"));
            await AdvanceAsync(bench, TimeSpan.FromSeconds(10));
        }
        var left = await Database.ReadAsync(context => context.Events.OrderBy(row => row.Id).ToListAsync());
        left.Count.ShouldBe(1_000);
        left[0].ClientIdentifier.ShouldBe("1/400");
        left[^1].ClientIdentifier.ShouldBe("2/699");
    }

    [Fact]
    public async Task Events_and_clients_that_left_go_when_they_are_too_old()
    {
        await using var bench = new HistoryBench(Database.NewStore(), new HistoryOptions { EventAge = TimeSpan.FromHours(2) });
        await ConnectAsync(bench, "stays");
        await (await ConnectAsync(bench, "leaves early")).LeaveAsync();
        await AdvanceAsync(bench, TimeSpan.FromHours(1));
        await (await ConnectAsync(bench, "leaves late")).LeaveAsync();
        await AdvanceAsync(bench, TimeSpan.FromHours(1.5));
        (await Database.ReadAsync(context => context.Presence.Select(row => row.ClientIdentifier).ToListAsync())).Order().ShouldBe(["leaves late", "stays"]);
        (await Database.ReadAsync(context => context.Events.Select(row => row.ClientIdentifier).Distinct().ToListAsync())).ShouldBe(["leaves late"]);
    }

    [Fact]
    public async Task Of_clients_that_left_those_that_left_first_go_when_there_are_more_than_are_remembered()
    {
        await using var bench = new HistoryBench(Database.NewStore(), new HistoryOptions { Clients = 3 });
        await ConnectAsync(bench, "stays");
        for (int i = 0; i < 5; i++)
        {
            var client = await ConnectAsync(bench, $"{i}");
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            await client.LeaveAsync();
        }
        await AdvanceAsync(bench, TimeSpan.FromMinutes(5));
        (await Database.ReadAsync(context => context.Presence.Select(row => row.ClientIdentifier).ToListAsync())).Order().ShouldBe(["2", "3", "4", "stays"]);
    }

    [Fact]
    public async Task Figures_come_every_ten_seconds_for_a_day_and_every_five_minutes_for_thirty()
    {
        await using var bench = new HistoryBench(Database.NewStore());
        for (int i = 0; i < 75; i++) await AdvanceAsync(bench, TimeSpan.FromSeconds(10)); // 12.5 minutes
        var fine = await FiguresAsync(Uptime, HistoryUpkeep.Fine);
        fine.Select(row => (row.At - fine[0].At).TotalSeconds).ShouldBe(Enumerable.Range(0, 75).Select(i => i * 10.0));
        var coarse = await FiguresAsync(Uptime, HistoryUpkeep.Coarse);
        coarse.Select(row => row.At.Minute).ShouldBe([0, 5]);
        coarse[1].Value.ShouldBe(fine.Where(row => row.At >= coarse[1].At && row.At < coarse[1].At.AddMinutes(5)).Average(row => row.Value));

        await AdvanceAsync(bench, TimeSpan.FromHours(24) - TimeSpan.FromMinutes(5));
        (await FiguresAsync(Uptime, HistoryUpkeep.Fine)).ShouldAllBe(row => row.At >= bench.Now.AddDays(-1));
        (await FiguresAsync(Connected, HistoryUpkeep.Fine)).Count.ShouldBe((await FiguresAsync(Uptime, HistoryUpkeep.Fine)).Count);
        (await FiguresAsync(Uptime, HistoryUpkeep.Coarse)).Select(row => row.At).Take(3).ShouldBe([coarse[0].At, coarse[1].At, coarse[1].At.AddMinutes(5)]);

        await AdvanceAsync(bench, TimeSpan.FromDays(30) - TimeSpan.FromHours(24));
        (await FiguresAsync(Uptime, HistoryUpkeep.Coarse)).ShouldAllBe(row => row.At >= bench.Now.AddDays(-30));
        (await FiguresAsync(Connected, HistoryUpkeep.Coarse)).Count.ShouldBe((await FiguresAsync(Uptime, HistoryUpkeep.Coarse)).Count);
    }

    [Fact]
    public async Task Five_minutes_in_which_the_broker_was_restarted_have_one_mean()
    {
        await using (var before = new HistoryBench(Database.NewStore()))
        {
            await ConnectAsync(before, "client");
            for (int i = 0; i < 15; i++) await AdvanceAsync(before, TimeSpan.FromSeconds(10));
        }
        await using var after = new HistoryBench(Database.NewStore());
        after.Time.Advance(TimeSpan.FromSeconds(150));
        for (int i = 0; i < 15; i++) await AdvanceAsync(after, TimeSpan.FromSeconds(10));
        (await FiguresAsync(Connected, HistoryUpkeep.Coarse)).ShouldHaveSingleItem().Value.ShouldBe(0.5, 0.02); // it was there half of the time
    }

    private static async Task AdvanceAsync(HistoryBench bench, TimeSpan by)
    {
        bench.Time.Advance(by);
        await bench.WriteAsync();
        bench.Log.Errors.ShouldBeEmpty();
    }

    private static async Task<PipeClient> ConnectAsync(HistoryBench bench, string name)
    {
        var client = bench.Open().Connect(name);
        (await client.ExpectAsync<ConnAck>()).Reason.ShouldBe(ReasonCode.Success);
        return client;
    }

    private Task<List<StatisticRow>> FiguresAsync(string name, short resolution) =>
        Database.ReadAsync(context => context.Statistics.Where(row => row.Name == name && row.Resolution == resolution).OrderBy(row => row.At).ToListAsync());
}

/// <summary>In a SQLite file.</summary>
public sealed class SqliteUpkeepTests() : UpkeepTests(new SqliteHistoryDatabase());

/// <summary>On PostgreSQL.</summary>
public sealed class PostgreSqlUpkeepTests() : UpkeepTests(new PostgreSqlHistoryDatabase());

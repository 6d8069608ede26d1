using Broker.Core.Protocol;
using Broker.Web.Persistence.History;
using Broker.Web.Persistence.History.Model;
using Microsoft.EntityFrameworkCore;

namespace Broker.Tests.Persistence.History;

/// <summary>What a process finds that an earlier one has left.</summary>
public abstract class RestartTests(HistoryDatabase database) : HistoryTests(database)
{
    [Fact]
    public async Task Clients_of_a_process_that_was_killed_count_as_gone_and_their_timelines_say_so()
    {
        await using (var killed = new HistoryBench(Database.NewStore()))
        {
            foreach (string name in new[] { "a", "b" }) await killed.Open().Connect(name).ExpectAsync<ConnAck>();
            await killed.Open().Connect("left").LeaveAsync();
            await killed.WriteAsync();
        }
        await using var next = new HistoryBench(Database.NewStore());
        next.Time.Advance(TimeSpan.FromMinutes(1));
        await next.WriteAsync();
        var rows = await Database.ReadAsync(context => context.Presence.OrderBy(row => row.ClientIdentifier).ToListAsync());
        rows.Select(row => (row.ClientIdentifier, row.EndedBy)).ShouldBe([("a", "server"), ("b", "server"), ("left", "network")]);
        rows[0].DisconnectedAt.ShouldBe(next.Now);
        rows[0].Reason!.ShouldContain("without telling");
        (await Database.TimelineAsync("a", EventKind.Disconnected)).Select(row => row.Kind).ShouldBe([EventKind.Connected, EventKind.Disconnected]);
        (await Database.TimelineAsync("left", EventKind.Disconnected)).Count.ShouldBe(2);

        await next.Open().Connect("a").ExpectAsync<ConnAck>();
        await next.WriteAsync();
        (await Database.PresenceAsync("a", row => row.DisconnectedAt is null)).EndedBy.ShouldBeNull();
        (await Database.TimelineAsync("a", rows => rows.Count == 3))[^1].Kind.ShouldBe(EventKind.Connected);
    }

    [Fact]
    public async Task What_happened_while_the_database_was_away_is_written_later_and_nobody_who_is_connected_is_closed()
    {
        var gated = new GatedHistory(Database.NewStore()) { IsAway = true };
        await using var bench = new HistoryBench(gated);
        await bench.Open().Connect("early").ExpectAsync<ConnAck>();
        await bench.WriteAsync(); // in vain
        gated.IsAway = false;
        await bench.WriteAsync();
        await Database.PresenceAsync("early", row => row.DisconnectedAt is null);
        gated.IsAway = true;
        await bench.Open().Connect("late").ExpectAsync<ConnAck>();
        await bench.WriteAsync(); // in vain
        gated.IsAway = false;
        await bench.WriteAsync();
        await Database.PresenceAsync("late", row => row.DisconnectedAt is null);
        await Database.PresenceAsync("early", row => row.DisconnectedAt is null);
        (await Database.ReadAsync(context => context.Events.CountAsync())).ShouldBe(2);
    }

    [Fact]
    public async Task A_batch_whose_outcome_was_unknown_is_there_once_however_often_it_is_written()
    {
        await using var store = Database.NewStore();
        await store.OpenAsync(DateTime.UtcNow, first: true, CancellationToken.None);
        var at = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var batch = new HistoryBatch(
            [new ClientPresenceRow { ClientKey = 1, ClientIdentifier = "a", Listener = "memory", Protocol = "5", ConnectedAt = at, PacketsSent = 5 }], [],
            [new ClientEventRow { Id = 1, At = at, ClientKey = 1, ClientIdentifier = "a", Kind = EventKind.Connected }],
            [new StatisticRow { Name = "n", Resolution = 10, At = at, Value = 0.5 }]);
        for (int i = 0; i < 2; i++) await store.WriteAsync(batch, CancellationToken.None);
        (await Database.ReadAsync(context => context.Presence.SingleAsync())).ConnectedAt.ShouldBe(at);
        (await Database.ReadAsync(context => context.Events.SingleAsync())).At.ShouldBe(at);
        (await Database.ReadAsync(context => context.Statistics.SingleAsync())).ShouldSatisfyAllConditions(row => row.At.ShouldBe(at), row => row.Value.ShouldBe(0.5));
    }

    [Fact]
    public async Task What_an_earlier_owner_writes_late_replaces_nothing_newer()
    {
        await using var store = Database.NewStore();
        await store.OpenAsync(DateTime.UtcNow, first: true, CancellationToken.None);
        await SetAsync(store, minute: 5, left: null);
        await SetAsync(store, minute: 1, left: 6);
        (await Database.ReadAsync(context => context.Presence.SingleAsync())).DisconnectedAt.ShouldBeNull();
        await SetAsync(store, minute: 5, left: 7);
        (await Database.ReadAsync(context => context.Presence.SingleAsync())).DisconnectedAt!.Value.Minute.ShouldBe(7);
    }

    [Fact]
    public async Task The_model_is_what_the_migrations_make()
    {
        (await Database.ReadAsync(context => Task.FromResult(context.Database.HasPendingModelChanges()))).ShouldBeFalse();
    }

    private static Task SetAsync(HistoryStore store, int minute, int? left)
    {
        var row = new ClientPresenceRow { ClientKey = 1, ClientIdentifier = "a", Listener = "memory", Protocol = "5", ConnectedAt = At(minute), DisconnectedAt = left is { } then ? At(then) : null };
        return store.WriteAsync(new HistoryBatch([row], [], [], []), CancellationToken.None);

        static DateTime At(int minute) => new(2026, 1, 1, 0, minute, 0, DateTimeKind.Utc);
    }
}

/// <summary>In a SQLite file.</summary>
public sealed class SqliteRestartTests() : RestartTests(new SqliteHistoryDatabase());

/// <summary>On PostgreSQL.</summary>
public sealed class PostgreSqlRestartTests() : RestartTests(new PostgreSqlHistoryDatabase());

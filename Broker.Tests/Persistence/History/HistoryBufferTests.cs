using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Broker.Web.Persistence.History;

namespace Broker.Tests.Persistence.History;

/// <summary>What waits to be written is bounded, and what of it is given up is chosen with care.</summary>
public sealed class HistoryBufferTests
{
    private readonly HistoryBuffer buffer = new(new ManualTime());

    [Fact]
    public void Events_beyond_the_limit_are_counted_where_they_are_missing()
    {
        for (int i = 0; i < HistoryBuffer.MostEvents + 7; i++) buffer.Tell(new SessionExpired($"{i}"));
        buffer.Take(10).Events.Count.ShouldBe(10);
        buffer.Tell(new SessionExpired("after"));
        var rest = buffer.Take(int.MaxValue).Events.ConvertAll(one => one.Happened);
        rest[^3].ShouldBe(new SessionExpired($"{HistoryBuffer.MostEvents - 1}"));
        rest[^2].ShouldBe(new EventsLeftOut(7));
        rest[^1].ShouldBe(new SessionExpired("after"));
    }

    [Fact]
    public void Events_that_were_left_out_last_are_counted_too()
    {
        for (int i = 0; i < HistoryBuffer.MostEvents + 7; i++) buffer.Tell(new SessionExpired($"{i}"));
        buffer.Take(int.MaxValue).Events[^1].Happened.ShouldBe(new EventsLeftOut(7));
        buffer.Take(int.MaxValue).Events.ShouldBeEmpty();
    }

    [Fact]
    public void Long_names_fill_it_sooner()
    {
        string name = new('x', 60_000);
        for (int i = 0; i < HistoryBuffer.MostEvents; i++) buffer.Tell(new SessionExpired(name));
        buffer.Count.Events.ShouldBeInRange(100, 140);
        buffer.Take(int.MaxValue).Events[^1].Happened.ShouldBeOfType<EventsLeftOut>();
        buffer.Tell(new SessionExpired(name));
        buffer.Count.Events.ShouldBe(1);
    }

    [Fact]
    public void Of_a_client_its_last_state_waits()
    {
        Come("a");
        Leave("a");
        Come("a");
        Leave("b");
        var waiting = buffer.Take(int.MaxValue).Presence;
        waiting.Select(change => (change.Client.ClientIdentifier, change.End is null)).Order().ShouldBe([("a", true), ("b", false)]);
        buffer.Take(int.MaxValue).Presence.ShouldBeEmpty();
    }

    [Fact]
    public void When_memory_is_short_a_client_that_came_and_went_unwritten_is_forgotten_and_nobody_else()
    {
        Come("written");
        buffer.Take(int.MaxValue);
        string filler = new('x', 30_000);
        for (int i = 0; i < 2_000; i++) Come($"{filler}{i}"); // more than is held for the dead
        Come("unwritten");
        Leave("unwritten");
        Leave("written");
        Come("written");
        Leave("written");
        Come("here");
        var waiting = buffer.Take(int.MaxValue).Presence.ToDictionary(change => change.Client.ClientIdentifier, change => change.End is null);
        waiting.ShouldNotContainKey("unwritten");
        waiting["written"].ShouldBeFalse();
        waiting["here"].ShouldBeTrue();
        waiting.Count.ShouldBe(2_002);
    }

    [Fact]
    public void A_tally_is_told_once_until_it_is_released()
    {
        var tally = new DropTally("client");
        for (int i = 0; i < 3; i++) tally.Add(DropReason.SlowReader, buffer);
        buffer.TryTakeDropping(out var told).ShouldBeTrue();
        buffer.TryTakeDropping(out _).ShouldBeFalse();
        told!.Take().ShouldBe([(DropReason.SlowReader, 3)]);
        tally.Add(DropReason.QueueFull, buffer);
        buffer.TryTakeDropping(out _).ShouldBeFalse();
        tally.Release(buffer); // one has come in between
        buffer.TryTakeDropping(out _).ShouldBeTrue();
        tally.Take().ShouldBe([(DropReason.QueueFull, 1)]);
        tally.Release(buffer);
        buffer.TryTakeDropping(out _).ShouldBeFalse();
        tally.Add(DropReason.Expired, buffer);
        buffer.TryTakeDropping(out _).ShouldBeTrue();
    }

    [Fact]
    public void Drops_that_go_on_are_looked_at_every_ten_seconds_and_at_the_end()
    {
        var (watch, tally, start) = (new DropWatch(buffer), new DropTally("client"), DateTime.UnixEpoch);
        tally.Add(DropReason.Expired, buffer);
        watch.Collect(start, 100, all: false).ShouldBe([("client", DropReason.Expired, 1)]);
        for (int i = 0; i < 5; i++) tally.Add(DropReason.Expired, buffer);
        watch.Collect(start.AddSeconds(9), 100, all: false).ShouldBeEmpty();
        watch.Collect(start.AddSeconds(10), 100, all: false).ShouldBe([("client", DropReason.Expired, 5)]);
        tally.Add(DropReason.SlowReader, buffer);
        watch.Collect(start.AddSeconds(11), 100, all: true).ShouldBe([("client", DropReason.SlowReader, 1)]);
        watch.Collect(start.AddSeconds(21), 100, all: false).ShouldBeEmpty();
        tally.Add(DropReason.SlowReader, buffer); // nobody watched it any more
        watch.Collect(start.AddSeconds(22), 100, all: false).ShouldBe([("client", DropReason.SlowReader, 1)]);
    }

    private static ConnectedClient Client(string name) => new()
    {
        ClientIdentifier = name,
        UserName = null,
        Address = null,
        Listener = "memory",
        Version = ProtocolVersion.V5,
        ConnectedAt = DateTimeOffset.UnixEpoch,
        Traffic = new Traffic(),
    };

    private void Come(string name) => buffer.Tell(new ClientConnected(Client(name)));

    private void Leave(string name) => buffer.Tell(new ClientDisconnected(Client(name), EndedBy.Network, ReasonCode.UnspecifiedError, "it left"));
}

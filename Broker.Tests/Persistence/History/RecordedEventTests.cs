using Broker.Core;
using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Broker.Web.Persistence.History.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Persistence.History;

/// <summary>What happens to a client stands on its timeline, and in its row, without anybody having waited for it.</summary>
public abstract class RecordedEventTests(HistoryHost broker) : WireTests(broker)
{
    private HistoryDatabase Database => broker.Database;

    [Fact]
    public async Task A_client_that_comes_and_leaves()
    {
        var client = await ConnectAsync(Transport.Tcp, ProtocolVersion.V311);
        string name = client.ClientIdentifier;
        var here = await Database.PresenceAsync(name, row => row.DisconnectedAt is null);
        here.Protocol.ShouldBe("3.1.1");
        here.Listener.ShouldStartWith("mqtt://127.0.0.1");
        here.Address!.ShouldStartWith("127.0.0.1:");
        here.UserName.ShouldBeNull();

        await client.PublishAsync($"{Unique}/x", "hello", QualityOfService.AtLeastOnce);
        (await Database.PresenceAsync(name, row => row.PublishReceived == 1)).DisconnectedAt.ShouldBeNull(); // figures go on while it is connected

        await client.DisconnectAsync();
        var gone = await Database.PresenceAsync(name, row => row.DisconnectedAt is not null);
        (gone.EndedBy, gone.ReasonCode, gone.ConnectedAt).ShouldBe(("client", (short)0, here.ConnectedAt));
        (gone.PublishReceived, gone.PacketsReceived, gone.PacketsSent).ShouldBe((1, 3, 2));
        gone.BytesReceived.ShouldBeGreaterThan(0);
        var timeline = await Database.TimelineAsync(name, EventKind.Disconnected);
        timeline.Select(row => row.Kind).ShouldBe([EventKind.Connected, EventKind.Disconnected]);
        timeline.ShouldAllBe(row => row.Address == here.Address);
        (timeline[1].EndedBy, timeline[1].ReasonCode).ShouldBe(("client", (short)0));
    }

    [Fact]
    public async Task A_client_that_is_thrown_out()
    {
        var client = await ConnectAsync(Transport.WebSocket);
        await client.SendRawAsync("00 00");
        await client.ExpectDisconnectedAsync(ReasonCode.MalformedPacket);
        var end = (await Database.TimelineAsync(client.ClientIdentifier, EventKind.Disconnected))[^1];
        (end.EndedBy, end.ReasonCode).ShouldBe(("server", (short)ReasonCode.MalformedPacket));
        end.Detail.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_client_that_breaks_off()
    {
        var client = await ConnectAsync(Transport.Tcp);
        client.Cut();
        var end = (await Database.TimelineAsync(client.ClientIdentifier, EventKind.Disconnected))[^1];
        end.EndedBy.ShouldBe("network");
    }

    [Fact]
    public async Task A_client_that_is_refused()
    {
        var client = await OpenAsync(Transport.Tcp, ProtocolVersion.V31);
        string name = Unique + new string('x', 30);
        (await client.RequestAsync(Plain() with { ClientIdentifier = name })).Reason.ShouldBe(ReasonCode.ClientIdentifierNotValid);
        var refused = (await Database.TimelineAsync(name, EventKind.Refused)).ShouldHaveSingleItem();
        (refused.EndedBy, refused.ReasonCode).ShouldBe(("server", (short)ReasonCode.ClientIdentifierNotValid));
        refused.Address!.ShouldStartWith("127.0.0.1:");
        (await Database.ReadAsync(context => context.Presence.CountAsync(row => row.ClientIdentifier == name))).ShouldBe(0);
    }

    [Fact]
    public async Task A_client_that_is_taken_over_and_by_whom()
    {
        var old = await ConnectAsync(Transport.Tcp);
        var successor = await ConnectAsync(Transport.Tcp);
        await old.ExpectDisconnectedAsync(ReasonCode.SessionTakenOver);
        var now = await Database.PresenceAsync(old.ClientIdentifier, row => row.DisconnectedAt is null);
        var timeline = await Database.TimelineAsync(old.ClientIdentifier, rows => rows.Count(row => row.Kind == EventKind.Connected) == 2);
        timeline.Select(row => row.Kind).ShouldBe([EventKind.Connected, EventKind.TakenOver, EventKind.Disconnected, EventKind.Connected]);
        timeline[1].Address.ShouldBe(timeline[3].Address);
        timeline[1].Address.ShouldBe(now.Address);
        timeline[2].Address.ShouldBe(timeline[0].Address);
        timeline[2].ReasonCode.ShouldBe((short)ReasonCode.SessionTakenOver);
        await successor.FenceAsync();
    }

    [Fact]
    public async Task Subscriptions_that_are_made_and_taken_back()
    {
        var client = await ConnectAsync(Transport.Tcp);
        await client.SubscribeAsync($"{Unique}/#", QualityOfService.AtLeastOnce);
        await client.UnsubscribeAsync($"{Unique}/#");
        var timeline = await Database.TimelineAsync(client.ClientIdentifier, EventKind.Unsubscribed);
        timeline.Select(row => row.Kind).ShouldBe([EventKind.Connected, EventKind.Subscribed, EventKind.Unsubscribed]);
        timeline[1].Detail.ShouldBe($"{Unique}/# at QoS 1");
        timeline[2].Detail.ShouldBe($"{Unique}/#");
    }

    [Fact]
    public async Task A_session_that_expires()
    {
        var client = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, expiry: 1));
        client.Cut();
        var timeline = await Database.TimelineAsync(client.ClientIdentifier, EventKind.SessionExpired);
        timeline.Select(row => row.Kind).ShouldBe([EventKind.Connected, EventKind.Disconnected, EventKind.SessionExpired]);
    }

    [Fact]
    public async Task A_session_that_a_clean_start_ends()
    {
        var client = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await client.DisconnectAsync();
        await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, cleanStart: true));
        var ended = (await Database.TimelineAsync(client.ClientIdentifier, EventKind.SessionEnded)).Single(row => row.Kind == EventKind.SessionEnded);
        ended.Detail!.ShouldContain("Clean Start");
    }

    [Fact]
    public async Task Messages_that_were_dropped_as_a_number_and_a_reason()
    {
        var subscriber = await ConnectAsync(Transport.Tcp, Prop(PropertyId.MaximumPacketSize, 60));
        await subscriber.SubscribeAsync($"{Unique}/x");
        var publisher = await ConnectAsync(Transport.Tcp, name: "publisher");
        for (int i = 0; i < 5; i++) await publisher.SendAsync(ScriptedClient.Message($"{Unique}/x", new string('x', 100)));
        await publisher.SendAsync(ScriptedClient.Message("$SYS/mine", "no", QualityOfService.AtLeastOnce, 1));
        (await publisher.ExpectAsync<PubAck>()).Reason.ShouldBe(ReasonCode.NotAuthorized);
        await Database.TimelineAsync(subscriber.ClientIdentifier, rows => rows.Where(row => row is { Kind: EventKind.Dropped, Detail: "packettoolarge" }).Sum(row => row.Count) == 5);
        await Database.TimelineAsync(publisher.ClientIdentifier, rows => rows.Where(row => row is { Kind: EventKind.Dropped, Detail: "notauthorized" }).Sum(row => row.Count) == 1);
    }

    [Fact]
    public async Task Who_is_connected_is_told_by_the_broker_itself()
    {
        var client = await ConnectAsync(Transport.Tcp);
        var door = Broker.Services.GetRequiredService<MqttBroker>();
        var here = door.Clients.Single(one => one.ClientIdentifier == client.ClientIdentifier);
        here.Version.ShouldBe(ProtocolVersion.V5);
        here.Traffic.PacketsReceived.ShouldBe(1);
        await client.FenceAsync();
        here.Traffic.PacketsReceived.ShouldBe(1); // as it was then
        door.Clients.Single(one => one.ClientIdentifier == client.ClientIdentifier).Traffic.PacketsReceived.ShouldBe(2);
        await client.DisconnectAsync();
        await Database.PresenceAsync(client.ClientIdentifier, row => row.DisconnectedAt is not null);
        door.Clients.ShouldNotContain(one => one.ClientIdentifier == client.ClientIdentifier);
    }

    [Fact]
    public async Task The_figures_of_the_broker_under_their_topics()
    {
        var sample = await Database.WaitAsync(context => context.Statistics.Where(row => row.Name == "$SYS/broker/clients/connected" && row.Resolution == 10).ToListAsync(), rows => rows.Count > 0);
        sample.ShouldAllBe(row => row.At.Second % 10 == 0);
        var names = await Database.ReadAsync(context => context.Statistics.Select(row => row.Name).Distinct().ToListAsync());
        names.ShouldContain("$SYS/broker/uptime");
        names.ShouldContain("$SYS/broker/publish/messages/dropped/slowreader");
        names.ShouldContain("$SYS/broker/load/messages/received/1min");
        names.ShouldNotContain("$SYS/broker/version"); // no number
    }
}

/// <summary>In a SQLite file.</summary>
public sealed class SqliteRecordedEventTests(SqliteHistoryHost broker) : RecordedEventTests(broker), IClassFixture<SqliteHistoryHost>;

/// <summary>On PostgreSQL.</summary>
public sealed class PostgreSqlRecordedEventTests(PostgreSqlHistoryHost broker) : RecordedEventTests(broker), IClassFixture<PostgreSqlHistoryHost>;

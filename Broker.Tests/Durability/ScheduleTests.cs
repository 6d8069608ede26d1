using System.Text;
using Broker.Core;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Core.Storage;
using Broker.Tests.Connections;

namespace Broker.Tests.Durability;

/// <summary>Schedules that broke designs of durable brokers, each with a store that holds its commits where it hurts.</summary>
public sealed class ScheduleTests
{
    [Fact]
    public async Task What_was_published_to_a_session_before_clean_start_never_lands_in_its_successor()
    {
        using var bench = new BrokerBench();
        var old = await bench.ConnectAsync("client", expiry: 100);
        old.Subscribe(1, ("a", 1));
        await old.ExpectAsync<SubAck>();
        await old.LeaveAsync();
        var publisher = await bench.ConnectAsync("publisher");
        bench.Store.Close();
        publisher.Publish("a", "for the old one", qos: 1, identifier: 1);
        var held = await bench.Store.NextAsync();
        var successor = bench.Client().Connect("client", cleanStart: true, expiry: 100);
        held.Commit();
        bench.Store.Open();
        await publisher.ExpectAsync<PubAck>();
        (await successor.ExpectAsync<ConnAck>()).SessionPresent.ShouldBeFalse();
        successor.Subscribe(1, ("a", 1));
        await successor.ExpectAsync<SubAck>();
        publisher.Publish("a", "for the new one", qos: 1, identifier: 2);
        Payload(await successor.ExpectAsync<Publish>()).ShouldBe("for the new one");
        long[] sessions = [.. bench.Store.Committed.OfType<EntryQueued>().Select(entry => entry.Session).Distinct()];
        long discarded = bench.Store.Committed.OfType<SessionDiscarded>().ShouldHaveSingleItem().Session;
        sessions[0].ShouldBe(discarded);
    }

    [Fact]
    public async Task Whoever_subscribes_while_messages_are_retained_misses_none()
    {
        using var bench = new BrokerBench();
        var publisher = await bench.ConnectAsync("publisher");
        var subscriber = await bench.ConnectAsync("subscriber", expiry: 100);
        for (int round = 1; round <= 200; round++)
        {
            string value = $"{round}";
            var publishing = Task.Run(() => publisher.Publish($"a/{round}", value, qos: 1, identifier: 1, retain: true));
            subscriber.Subscribe((ushort)round, ($"a/{round}", 1));
            var (seen, acknowledged) = (false, false);
            while (!seen || !acknowledged)
            {
                switch (await subscriber.ExpectAnyAsync())
                {
                    case SubAck: acknowledged = true; break;
                    case Publish publish when Payload(publish) == value:
                        seen = true;
                        subscriber.Send(new PubAck(publish.PacketIdentifier));
                        break;
                    default: break;
                }
            }
            await publishing;
            await publisher.ExpectAsync<PubAck>();
        }
    }

    [Fact]
    public async Task The_reader_of_a_long_queue_stops_where_the_commits_do()
    {
        using var bench = new BrokerBench(limits: new Limits { QueueMemoryBytes = 1_024, SendMaximum = 1 });
        var subscriber = await bench.ConnectAsync("subscriber", expiry: 100);
        subscriber.Subscribe(1, ("a", 1));
        await subscriber.ExpectAsync<SubAck>();
        var publisher = await bench.ConnectAsync("publisher", version: ProtocolVersion.V311);
        bench.Store.Close();
        const int count = 400, committed = 340;
        await PublishAsync(0, 1);
        var first = await bench.Store.NextAsync();
        await PublishAsync(1, committed);
        first.Commit();
        var second = await bench.Store.NextAsync();
        await PublishAsync(committed, count);
        int next = 0;
        for (int sent = -1; sent != next;) // what is in memory goes out although its commit is held; then nothing comes, as the rest is not committed
        {
            sent = next;
            await AcknowledgeUntilPongAsync(subscriber);
        }
        next.ShouldBeInRange(1, committed - 1);
        second.Commit();
        await bench.Store.NextAsync();
        await AcknowledgeUntilPongAsync(subscriber);
        next.ShouldBeLessThanOrEqualTo(committed);
        bench.Store.Open();
        while (next < count) Acknowledge(await subscriber.ExpectAsync<Publish>());
        await subscriber.PingAsync();

        async Task PublishAsync(int from, int to)
        {
            for (int i = from; i < to; i++) publisher.Publish("a", $"{i}", qos: 1, identifier: (ushort)(i + 1));
            publisher.Send(default(PingReq));
            while (await publisher.ExpectAnyAsync() is PubAck)
            {
            }
        }

        async Task AcknowledgeUntilPongAsync(PipeClient client)
        {
            client.Send(default(PingReq));
            while (await client.ExpectAnyAsync() is Publish publish) Acknowledge(publish);
        }

        void Acknowledge(Publish publish)
        {
            Payload(publish).ShouldBe($"{next++}");
            subscriber.Send(new PubAck(publish.PacketIdentifier));
        }
    }

    [Fact]
    public async Task Packet_identifiers_come_round_over_a_stored_queue()
    {
        const int count = 66_000;
        using var bench = new BrokerBench();
        var subscriber = await bench.ConnectAsync("subscriber", expiry: 100);
        subscriber.Subscribe(1, ("a", 1));
        await subscriber.ExpectAsync<SubAck>();
        await subscriber.LeaveAsync();
        var publisher = await bench.ConnectAsync("publisher");
        for (int i = 1; i <= count; i += 32)
        {
            for (int j = i; j < i + 32 && j <= count; j++) publisher.Publish("a", $"{j}", qos: 1, identifier: (ushort)(j - i + 1));
            for (int j = i; j < i + 32 && j <= count; j++) await publisher.ExpectAsync<PubAck>();
        }
        subscriber = await bench.ConnectAsync("subscriber", expiry: 100, cleanStart: false);
        for (int i = 1; i <= count; i++)
        {
            var publish = await subscriber.ExpectAsync<Publish>();
            publish.PacketIdentifier.ShouldBe((ushort)(1 + (i - 1) % 65_535));
            Payload(publish).ShouldBe($"{i}");
            subscriber.Send(new PubAck(publish.PacketIdentifier));
        }
        await subscriber.PingAsync();
    }

    [Fact]
    public async Task A_message_that_a_clean_member_of_a_share_group_had_is_not_lost_with_it()
    {
        using var bench = new RestartBench();
        var (clean, publisher) = await ShareAsync(bench);
        publisher.Publish("a", "acknowledged", qos: 1, identifier: 1);
        var done = await clean.ExpectAsync<Publish>();
        await publisher.ExpectAsync<PubAck>();
        clean.Send(new PubAck(done.PacketIdentifier));
        await clean.PingAsync();
        publisher.Publish("a", "not acknowledged", qos: 1, identifier: 2);
        await clean.ExpectAsync<Publish>();
        await publisher.ExpectAsync<PubAck>(); // its commit is behind that of the acknowledgement
        bench.Restart();
        var keeper = await bench.ConnectAsync("keeper");
        Payload(await keeper.ExpectAsync<Publish>()).ShouldBe("not acknowledged");
        await keeper.PingAsync();
    }

    [Fact]
    public async Task What_clean_members_of_a_share_group_had_comes_in_order_however_much_it_was()
    {
        const int count = 100;
        using var bench = new RestartBench();
        bench.Limits.QueueMemoryBytes = 1_024; // few are read at once
        var (_, publisher) = await ShareAsync(bench);
        for (int i = 1; i <= count; i++)
        {
            publisher.Publish("a", $"{i} {new string('x', 100)}", qos: 1, identifier: 1);
            await publisher.ExpectAsync<PubAck>();
        }
        bench.Restart();
        var keeper = await bench.ConnectAsync("keeper");
        for (int i = 1; i <= count; i++)
        {
            var publish = await keeper.ExpectAsync<Publish>();
            Payload(publish).ShouldStartWith($"{i} ");
            keeper.Send(new PubAck(publish.PacketIdentifier));
        }
        await keeper.PingAsync();
    }

    [Fact]
    public async Task A_publisher_that_goes_past_what_may_be_pending_while_the_store_stands_still_is_answered_and_goes_on()
    {
        const int count = 1_000;
        using var bench = new BrokerBench(storage: new StorageOptions { PendingBytes = 4_096 });
        var subscriber = await bench.ConnectAsync("subscriber", expiry: 100);
        subscriber.Subscribe(1, ("a", 2));
        await subscriber.ExpectAsync<SubAck>();
        await subscriber.LeaveAsync();
        var publisher = await bench.ConnectAsync("publisher", expiry: 100, version: ProtocolVersion.V311);
        bench.Store.Close();
        for (int i = 1; i <= count; i++) publisher.Publish("a", $"{i}", qos: 2, identifier: (ushort)i);
        await publisher.PingAsync();
        await bench.Store.NextAsync();
        bench.Store.Open();
        for (int i = 1; i <= count; i++) (await publisher.ExpectAsync<PubRec>()).PacketIdentifier.ShouldBe((ushort)i);
        for (int i = 1; i <= count; i++) publisher.Send(new PubRel((ushort)i));
        for (int i = 1; i <= count; i++) (await publisher.ExpectAsync<PubComp>()).PacketIdentifier.ShouldBe((ushort)i);
        bench.Store.Committed.OfType<EntryQueued>().Count().ShouldBe(count);
    }

    // A share group whose member with a session to keep is away, so that another one gets what comes.
    private static async Task<(PipeClient Clean, PipeClient Publisher)> ShareAsync(RestartBench bench)
    {
        var keeper = await bench.ConnectAsync("keeper");
        var clean = await bench.ConnectAsync("clean", expiry: 0, cleanStart: true);
        foreach (var member in new[] { keeper, clean })
        {
            member.Subscribe(1, ("$share/g/a", 1));
            await member.ExpectAsync<SubAck>();
        }
        await keeper.LeaveAsync();
        return (clean, await bench.ConnectAsync("publisher", expiry: 0, cleanStart: true));
    }

    private static string Payload(Publish publish) => Encoding.UTF8.GetString(publish.Payload.Span);
}

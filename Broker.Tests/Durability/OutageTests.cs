using System.Text;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Core.Storage;
using Broker.Tests.Connections;
using Broker.Tests.RealClients;
using Broker.Tests.Testing;

namespace Broker.Tests.Durability;

/// <summary>While the store is away, or full, or will not take something: what is refused, what waits, and what goes on.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task While_the_store_is_away_what_needs_it_is_held_unrouted_and_everything_else_goes_on()
    {
        using var bench = new BrokerBench();
        var (publisher, subscriber) = await PairAsync(bench);
        var transient = await bench.ConnectAsync("transient");
        transient.Subscribe(1, ("#", 1));
        await transient.ExpectAsync<SubAck>();
        var held = await CutAsync(bench, publisher);
        await transient.ExpectAsync<Publish>(); // it was routed before the store was known to be away
        await subscriber.ExpectAsync<Publish>();

        publisher.Publish("a", "held", qos: 1, identifier: 2);
        await publisher.PingAsync();
        await subscriber.PingAsync();
        await transient.PingAsync();
        var other = await bench.ConnectAsync("other");
        other.Publish("b", "qos 0").Publish("b", "not stored", qos: 1, identifier: 1);
        await other.ExpectAsync<PubAck>();
        Payload(await transient.ExpectAsync<Publish>()).ShouldBe("qos 0");
        Payload(await transient.ExpectAsync<Publish>()).ShouldBe("not stored");
        bench.Broker.Readiness.IsReady.ShouldBeFalse();
        bench.Broker.Readiness.Reason.ShouldContain("the cable is cut");

        held.Fail(new StoreUnavailableException("the cable is cut"));
        bench.Store.Open();
        (await publisher.ExpectAsync<PubAck>()).PacketIdentifier.ShouldBe((ushort)1);
        (await publisher.ExpectAsync<PubAck>()).PacketIdentifier.ShouldBe((ushort)2);
        Payload(await subscriber.ExpectAsync<Publish>()).ShouldBe("held");
        bench.Broker.Readiness.IsReady.ShouldBeTrue();
    }

    [Theory]
    [InlineData(ProtocolVersion.V5)]
    [InlineData(ProtocolVersion.V311)]
    public async Task A_connect_that_needs_a_store_which_is_away_is_refused_after_five_seconds_and_changes_nothing(ProtocolVersion version)
    {
        var time = new ManualTime();
        using var bench = new BrokerBench(limits: new Limits { ConnectTimeout = TimeSpan.FromMinutes(1) }, time: time);
        var (publisher, _) = await PairAsync(bench);
        var held = await CutAsync(bench, publisher);
        var client = new PipeClient(bench.Broker, version, new PipeTransport { Listener = "memory", Anonymous = AnonymousAccess.Always });
        client.Connect("late", cleanStart: false, expiry: version == ProtocolVersion.V5 ? 100u : 0);
        var answer = client.ExpectAsync<ConnAck>();
        await bench.ConnectAsync("needs no store");
        await time.AwaitTimerAsync(TimeSpan.FromSeconds(5)).WaitAsync(RunningProgram.Patience);
        answer.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(5));
        (await answer).Reason.ShouldBe(ReasonCode.ServerUnavailable); // return code 3 before MQTT 5
        bench.Broker.ReadStatistics().Sessions.ShouldBe(3);
        held.Fail(new StoreUnavailableException("the cable is cut"));
    }

    [Fact]
    public async Task Only_what_the_store_can_never_take_fails_and_its_publisher_is_told()
    {
        using var bench = new BrokerBench();
        var (publisher, subscriber) = await PairAsync(bench);
        var other = await bench.ConnectAsync("other");
        bench.Store.Refuses = change => change is EntryQueued entry && Encoding.UTF8.GetString(entry.Message.Payload) == "poison";
        bench.Store.Close();
        publisher.Publish("a", "good", qos: 1, identifier: 1);
        var held = await bench.Store.NextAsync();
        publisher.Publish("a", "good", qos: 1, identifier: 2).Publish("a", "poison", qos: 1, identifier: 3);
        await publisher.PingAsync();
        other.Publish("a", "good", qos: 1, identifier: 4);
        await other.PingAsync();
        held.Commit();
        bench.Store.Open();
        (await publisher.ExpectAsync<PubAck>()).PacketIdentifier.ShouldBe((ushort)1);
        (await publisher.ExpectAsync<PubAck>()).PacketIdentifier.ShouldBe((ushort)2);
        (await publisher.ExpectAsync<Disconnect>()).Reason.ShouldBe(ReasonCode.ImplementationSpecificError);
        (await other.ExpectAsync<PubAck>()).PacketIdentifier.ShouldBe((ushort)4);
        bench.Store.Committed.OfType<EntryQueued>().Count().ShouldBe(3);
        await subscriber.ExpectAsync<Publish>();
    }

    [Theory]
    [InlineData(QueueFull.DropNewest, "1 2 3")]
    [InlineData(QueueFull.DropOldest, "3 4 5")]
    [InlineData(QueueFull.Reject, "1 2 3")]
    public async Task A_full_queue_is_dealt_with_as_configured(QueueFull policy, string expected)
    {
        using var bench = new BrokerBench(limits: new Limits { QueueMessages = 3, QueueFull = policy });
        var (publisher, full) = await PairAsync(bench);
        await full.LeaveAsync();
        var others = await bench.ConnectAsync("others", expiry: 100);
        others.Subscribe(1, ("a", 1));
        await others.ExpectAsync<SubAck>();
        var reasons = new List<ReasonCode>();
        for (int i = 1; i <= 5; i++)
        {
            publisher.Publish("a", $"{i}", qos: 1, identifier: (ushort)i);
            reasons.Add((await publisher.ExpectAsync<PubAck>()).Reason);
        }
        bool rejects = policy == QueueFull.Reject;
        reasons[3..].ShouldAllBe(reason => reason == (rejects ? ReasonCode.QuotaExceeded : ReasonCode.Success));
        for (int i = 1; i <= (rejects ? 3 : 5); i++) Payload(await others.ExpectAsync<Publish>()).ShouldBe($"{i}");
        await others.PingAsync();
        full = bench.Client().Connect("subscriber", cleanStart: false, expiry: 100);
        (await full.ExpectAsync<ConnAck>()).SessionPresent.ShouldBeTrue();
        foreach (string payload in expected.Split(' ')) Payload(await full.ExpectAsync<Publish>()).ShouldBe(payload);
        await full.PingAsync();
        bench.Broker.ReadStatistics().Dropped.Single(drop => drop.Reason == "queuefull").Count.ShouldBe(2);
    }

    // The store fails once; from then on it is known to be away, and tries again at the commit that this returns.
    private static async Task<Storage.HeldBatch> CutAsync(BrokerBench bench, PipeClient publisher)
    {
        bench.Store.Close();
        publisher.Publish("a", "first", qos: 1, identifier: 1);
        (await bench.Store.NextAsync()).Fail(new StoreUnavailableException("the cable is cut"));
        return await bench.Store.NextAsync();
    }

    private static async Task<(PipeClient Publisher, PipeClient Subscriber)> PairAsync(BrokerBench bench)
    {
        var subscriber = await bench.ConnectAsync("subscriber", expiry: 100);
        subscriber.Subscribe(1, ("a", 1));
        await subscriber.ExpectAsync<SubAck>();
        return (await bench.ConnectAsync("publisher"), subscriber);
    }

    private static string Payload(Publish publish) => Encoding.UTF8.GetString(publish.Payload.Span);
}

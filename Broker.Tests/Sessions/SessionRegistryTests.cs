using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Core.Storage;
using Broker.Tests.Storage;
using Broker.Tests.Topics;

namespace Broker.Tests.Sessions;

/// <summary>Attach, take over, expire (MQTT 5, sections 3.1.2.4, 3.1.2.11.2 and 3.1.4).</summary>
public sealed class SessionRegistryTests : IDisposable
{
    private readonly SessionBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task A_session_outlives_its_connection_for_its_expiry_interval_and_not_longer()
    {
        var client = await bench.ConnectAsync("client", expiry: 100);
        client.Subscribe("a", qos: 1);
        client.Leave();
        bench.Time.Advance(TimeSpan.FromSeconds(99));
        (client = await bench.ConnectAsync("client", expiry: 100)).SessionPresent.ShouldBeTrue();
        client.Leave();
        bench.Time.Advance(TimeSpan.FromSeconds(99.5));
        bench.Registry.Count.ShouldBe(1);
        bench.Time.Advance(TimeSpan.FromSeconds(0.6));
        (bench.Registry.Count, bench.Tree.Count, bench.Counters.SessionsExpired).ShouldBe((0, 0, 1));
        (await bench.ConnectAsync("client", expiry: 100)).SessionPresent.ShouldBeFalse();
    }

    [Fact]
    public async Task A_session_that_comes_and_goes_holds_up_the_expiry_of_no_other()
    {
        (await bench.ConnectAsync("restless", expiry: 100)).Leave(); // a place at 100 s that is outdated soon
        (await bench.ConnectAsync("restless", expiry: 50)).Leave();
        (await bench.ConnectAsync("other", expiry: 150)).Leave();
        var client = await bench.ConnectAsync("restless", expiry: 1_000);
        bench.Time.Advance(TimeSpan.FromSeconds(60));
        client.Leave();
        bench.Time.Advance(TimeSpan.FromSeconds(91));
        bench.Registry.Find("other").ShouldBeNull();
        bench.Registry.Find("restless").ShouldNotBeNull();
    }

    [Fact]
    public async Task A_session_that_ends_with_its_connection_is_never_resumed_however_fast_the_client_returns()
    {
        for (int i = 0; i < 300; i++)
        {
            var first = await bench.ConnectAsync("client");
            first.Subscribe("a");
            var leaving = Task.Run(() => first.Leave());
            var second = new BenchClient(bench, "client", ProtocolVersion.V5, 0);
            while (first.Session.IsConnected) Thread.SpinWait(1);
            await second.AttachAsync(cleanStart: false, 0, 10, null);
            second.SessionPresent.ShouldBeFalse();
            await leaving;
            second.Leave();
        }
        (bench.Registry.Count, bench.Tree.Count).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Who_takes_over_waits_until_the_earlier_connection_has_let_go()
    {
        var first = await bench.ConnectAsync("client", expiry: 10);
        first.Subscribe("a", qos: 1);
        var second = new BenchClient(bench, "client", ProtocolVersion.V5, 0);
        var attaching = second.AttachAsync(cleanStart: false, 10, 10, null);
        first.Ends.ShouldHaveSingleItem().Reason.ShouldBe(ReasonCode.SessionTakenOver);
        attaching.IsCompleted.ShouldBeFalse();
        bench.Publish("a", "still to the first", qos: 1);
        first.Payloads().ShouldBe(["still to the first"]);
        first.Leave();
        await attaching;
        second.Open();
        second.SessionPresent.ShouldBeTrue();
        var again = second.Pipe.Publishes().ShouldHaveSingleItem();
        (again.Duplicate, again.PacketIdentifier).ShouldBe((true, (ushort)1));
        bench.Registry.Detach(second.Session, first.Outbox, willIsDue: true); // a late end disturbs nothing
        second.Session.IsConnected.ShouldBeTrue();
    }

    [Fact]
    public async Task A_message_that_comes_between_attaching_and_connack_is_sent_after_it_also_if_the_session_will_end_with_the_connection()
    {
        var client = await bench.ConnectAsync("client", expiry: 10);
        client.Subscribe("a", qos: 1);
        client.Leave();
        bench.Publish("a", "while away", qos: 1);
        client = new BenchClient(bench, "client", ProtocolVersion.V5, 0);
        await client.AttachAsync(cleanStart: false, expiry: 0, 10, null);
        bench.Publish("a", "while connecting", qos: 1);
        client.Open();
        client.Payloads().ShouldBe(["while away", "while connecting"]);
    }

    [Fact]
    public async Task A_connection_that_ended_while_it_waited_for_the_store_does_not_hold_up_the_next_one()
    {
        var store = new GatedStore();
        using var durable = new SessionBench(store);
        store.Close();
        var first = new BenchClient(durable, "client", ProtocolVersion.V5, 0);
        using var ending = new CancellationTokenSource();
        var attaching = durable.Registry.AttachAsync(new AttachRequest(new ClientIdentity("client", null, null), false, 10, 10, null), first.Outbox, ending.Token).AsTask();
        var held = await store.NextAsync();
        attaching.IsCompleted.ShouldBeFalse();
        ending.Cancel();
        var (session, _) = await attaching;
        durable.Registry.Detach(session, first.Outbox, willIsDue: false);
        session.IsConnected.ShouldBeFalse();
        held.Commit();
        store.Open();
        (await durable.ConnectAsync("client", expiry: 10)).SessionPresent.ShouldBeTrue();
    }

    [Fact]
    public async Task A_will_that_the_client_did_not_renew_is_taken_out_of_the_store()
    {
        var store = new GatedStore();
        using var durable = new SessionBench(store);
        var will = new PendingWill(RetainedMessagesTests.Message("will"), DelayInterval: 100, ExpiryInterval: null);
        (await durable.ConnectAsync("client", expiry: 1_000, will: will)).Leave(willIsDue: true);
        await durable.ConnectAsync("client", expiry: 1_000);
        long key = durable.Registry.Find("client")!.Key;
        store.Committed.OfType<WillStored>().ShouldHaveSingleItem().Session.ShouldBe(key);
        store.Committed[^1].ShouldBe(new WillRemoved(key));
    }

    [Fact]
    public async Task A_delayed_will_is_published_when_its_delay_is_over_or_the_session_ends_and_not_if_the_client_returns()
    {
        var watcher = await bench.ConnectAsync("watcher");
        watcher.Subscribe("will");
        async Task ConnectAndLoseAsync(string payload, uint delay, uint expiry)
        {
            var will = new PendingWill(RetainedMessagesTests.Message("will", payload), delay, null);
            (await bench.ConnectAsync("client", expiry, will: will)).Leave(willIsDue: true);
        }

        await ConnectAndLoseAsync("delay", delay: 10, expiry: 100);
        bench.Time.Advance(TimeSpan.FromSeconds(9.9));
        watcher.Payloads().ShouldBeEmpty();
        bench.Time.Advance(TimeSpan.FromSeconds(0.2));
        watcher.Payloads().ShouldBe(["delay"]);

        await ConnectAndLoseAsync("expiry", delay: 100, expiry: 10);
        bench.Time.Advance(TimeSpan.FromSeconds(10.1));
        watcher.Payloads().ShouldBe(["expiry"]);

        await ConnectAndLoseAsync("clean start", delay: 100, expiry: 100);
        (await bench.ConnectAsync("client", cleanStart: true)).Leave();
        watcher.Payloads().ShouldBe(["clean start"]);

        await ConnectAndLoseAsync("returned", delay: 10, expiry: 100);
        (await bench.ConnectAsync("client", expiry: 100)).Leave();
        bench.Time.Advance(TimeSpan.FromSeconds(200));
        watcher.Payloads().ShouldBeEmpty();
    }
}

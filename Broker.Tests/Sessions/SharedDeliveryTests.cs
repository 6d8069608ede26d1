using Broker.Core.Storage;
using Broker.Tests.Storage;

namespace Broker.Tests.Sessions;

/// <summary>What becomes of a share group's messages when members leave (MQTT 5, section 4.8.2).</summary>
public sealed class SharedDeliveryTests
{
    [Fact]
    public async Task A_message_moves_to_another_member_in_one_transaction_and_its_first_entry_is_not_dropped_before()
    {
        var store = new GatedStore();
        using var bench = new SessionBench(store);
        var first = await bench.ConnectAsync("first", expiry: 100);
        first.Subscribe("$share/g/a", qos: 1);
        await bench.Journal.CommitAsync(new SessionDiscarded(-1, 0)); // all of it is committed
        store.Close();
        bench.Journal.Append(new SessionDiscarded(-2, 0));
        var held = await store.NextAsync();
        bench.Publish("a", "moves", qos: 1);
        first.Payloads().ShouldBe(["moves"]);
        var second = await JoinAsync(bench);
        first.Leave();
        held.Commit();
        held = await store.NextAsync();
        long sequence = held.Changes.OfType<EntryQueued>().ShouldHaveSingleItem().Sequence;
        held.Changes.OfType<EntrySettled>().ShouldBeEmpty();
        held.Commit();

        var batch = (await store.NextAsync()).Changes;
        int here = batch.IndexOf(batch.OfType<EntryQueued>().ShouldHaveSingleItem());
        ((EntryQueued)batch[here]).Session.ShouldBe(second.Session.Key);
        batch[here + 1].ShouldBe(new EntrySettled(first.Session.Key, sequence));
        store.Open();
        (await second.NextPayloadsAsync()).ShouldBe(["moves"]);
    }

    [Fact]
    public async Task Of_a_session_that_ends_the_messages_move_before_it_is_discarded()
    {
        var store = new GatedStore();
        using var bench = new SessionBench(store);
        var first = await bench.ConnectAsync("first", expiry: 100);
        first.Subscribe("$share/g/a", qos: 1);
        var second = await bench.ConnectAsync("second", expiry: 1_000);
        first.Leave();
        bench.Publish("a", "kept", qos: 1);
        second.Leave();
        second.Subscribe("$share/g/a", qos: 1);
        bench.Time.Advance(TimeSpan.FromSeconds(101));
        var written = await store.CommittedAsync(change => change is SessionDiscarded discarded && discarded.Session == first.Session.Key);
        int moved = written.FindIndex(change => change is EntryQueued queued && queued.Session == second.Session.Key);
        moved.ShouldBeGreaterThan(0);
        moved.ShouldBeLessThan(written.FindIndex(change => change is SessionDiscarded discarded && discarded.Session == first.Session.Key));
    }

    [Fact]
    public async Task What_one_member_acknowledged_reaches_no_other_and_the_rest_moves_in_order()
    {
        using var bench = new SessionBench();
        var first = await bench.ConnectAsync("first", expiry: 100);
        first.Subscribe("$share/g/a", qos: 1);
        foreach (string payload in new[] { "1", "2", "3" }) bench.Publish("a", payload, qos: 1);
        first.Acknowledge(2);
        var second = await bench.ConnectAsync("second");
        second.Subscribe("$share/g/a", qos: 1);
        first.Leave();
        second.Payloads().ShouldBe(["1", "3"]);
        (await bench.ConnectAsync("first", expiry: 100)).Payloads().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_qos_2_message_that_was_sent_stays_with_its_client()
    {
        using var bench = new SessionBench();
        var first = await bench.ConnectAsync("first", expiry: 100, receiveMaximum: 1);
        first.Subscribe("$share/g/a", qos: 2);
        foreach (string payload in new[] { "sent", "waits" }) bench.Publish("a", payload, qos: 2);
        first.Payloads().ShouldBe(["sent"]);
        var second = await bench.ConnectAsync("second");
        second.Subscribe("$share/g/a", qos: 2);
        first.Leave();
        second.Payloads().ShouldBe(["waits"]);
        first = await bench.ConnectAsync("first", expiry: 100);
        first.Pipe.Publishes().ShouldHaveSingleItem().Duplicate.ShouldBeTrue();
    }

    // The store is held: the session of this member is not written yet when it comes to be needed, which does not matter here.
    private static async Task<BenchClient> JoinAsync(SessionBench bench)
    {
        var client = new BenchClient(bench, "second", Core.Protocol.ProtocolVersion.V5, 0);
        using var now = new CancellationTokenSource();
        now.Cancel();
        await client.AttachAsync(cleanStart: false, 100, 100, null, now.Token);
        client.Open();
        return client.Subscribe("$share/g/a", qos: 1);
    }
}

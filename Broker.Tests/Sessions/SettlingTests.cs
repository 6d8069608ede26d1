using Broker.Core.Storage;
using Broker.Tests.Storage;

namespace Broker.Tests.Sessions;

/// <summary>How what clients acknowledge comes into the journal.</summary>
public sealed class SettlingTests : IDisposable
{
    private readonly GatedStore store = new();
    private readonly SessionBench bench;

    public SettlingTests() => bench = new SessionBench(store);

    public void Dispose()
    {
        store.Open();
        bench.Dispose();
    }

    [Fact]
    public async Task Acknowledgements_that_wait_for_the_journal_are_one_change_as_long_as_they_follow_each_other()
    {
        var client = await ReceiveAsync(6);
        bench.Journal.Append(new SessionDiscarded(-1, 0));
        var held = await store.NextAsync();
        foreach (ushort identifier in new ushort[] { 1, 2, 3, 6, 4 }) client.Acknowledge(identifier);
        held.Commit();

        var batch = await store.NextAsync();
        batch.Changes.Cast<EntrySettled>().Select(change => (change.Session, change.First, change.Last)).ShouldBe([(client.Session.Key, 1, 3), (client.Session.Key, 6, 6), (client.Session.Key, 4, 4)]);
    }

    [Fact]
    public void A_change_does_not_grow_without_end()
    {
        var change = new EntrySettled(1, 1);
        for (int sequence = 2; sequence <= EntrySettled.Most; sequence++) change.TryExtend(sequence).ShouldBeTrue();
        change.TryExtend(EntrySettled.Most + 1).ShouldBeFalse();
        change.Take();
        change.Count.ShouldBe(EntrySettled.Most);
    }

    [Fact]
    public async Task What_the_journal_has_taken_does_not_change_any_more()
    {
        var client = await ReceiveAsync(3);
        client.Acknowledge(1);
        var taken = await store.NextAsync();
        client.Acknowledge(2);
        client.Acknowledge(3);
        taken.Changes.ShouldHaveSingleItem().ShouldBeOfType<EntrySettled>().Count.ShouldBe(1);
        taken.Commit();

        var next = (await store.NextAsync()).Changes.ShouldHaveSingleItem().ShouldBeOfType<EntrySettled>();
        (next.First, next.Last).ShouldBe((2, 3));
    }

    [Fact]
    public async Task A_message_that_is_acknowledged_before_it_is_written_does_not_join_those_that_were_written()
    {
        var client = await ReceiveAsync(1);
        bench.Journal.Append(new SessionDiscarded(-1, 0));
        var held = await store.NextAsync();
        client.Acknowledge(1);
        bench.Publish("a", "never written", qos: 1);
        client.Acknowledge(2);
        held.Commit();

        var change = (await store.NextAsync()).Changes.ShouldHaveSingleItem().ShouldBeOfType<EntrySettled>();
        (change.First, change.Last).ShouldBe((1, 1));
    }

    // A persistent session that has got so many messages, all of them committed; from now on the store waits for the test.
    private async Task<BenchClient> ReceiveAsync(int count)
    {
        var client = await bench.ConnectAsync("receiver", expiry: 100);
        client.Subscribe("a", qos: 1);
        for (int i = 1; i <= count; i++) bench.Publish("a", $"{i}", qos: 1);
        await bench.Journal.FlushAsync();
        store.Close();
        return client;
    }
}

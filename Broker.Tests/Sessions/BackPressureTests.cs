using Broker.Core.Diagnostics;
using Broker.Core.Sessions;

namespace Broker.Tests.Sessions;

/// <summary>A client that does not take what it is sent: QoS 0 is dropped, QoS 1 and 2 wait in the session and leave when there is room (MQTT 5, section 4.9).</summary>
public sealed class BackPressureTests : IDisposable
{
    private readonly SessionBench bench = new(limits: new Limits { OutboxBytes = 1_000 });
    private readonly string large = new('x', 1_000);

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task A_message_that_found_the_outbox_full_of_qos_0_leaves_when_there_is_room()
    {
        var client = await SlowClientAsync();
        bench.Publish("a", large, qos: 0);
        client.Outbox.IsFull.ShouldBeTrue();
        bench.Publish("a", "waits", qos: 1);
        client.Pipe.EndFlush(); // nothing is in flight, so no acknowledgement would bring it forward
        client.Pipe.EndFlush();
        client.Payloads().ShouldBe([large, "waits"]);
    }

    [Fact]
    public async Task Qos_0_is_dropped_only_while_a_flush_is_pending_and_the_outbox_is_over_its_limit()
    {
        var client = await SlowClientAsync();
        bench.Publish("a", "small"); // pending, but not full
        bench.Publish("a", large); // pending, and full from here on
        bench.Publish("a", "dropped");
        bench.Counters.Dropped(DropReason.SlowReader).ShouldBe(1);
        client.Pipe.EndFlush();
        client.Pipe.EndFlush();
        bench.Publish("a", "taken again");
        client.Pipe.EndFlush();
        client.Payloads().ShouldBe(["small", large, "taken again"]);
    }

    [Fact]
    public async Task Everything_of_one_read_is_taken_though_it_is_more_than_the_limit()
    {
        var client = await bench.ConnectAsync("client");
        client.Subscribe("a");
        client.Pipe.IsSlow = true;
        client.Do(delivery => { for (int i = 0; i < 5; i++) bench.Route(delivery, "a", large); });
        client.Pipe.EndFlush();
        client.Payloads().Count.ShouldBe(5);
        bench.Counters.DroppedInAll.ShouldBe(0);
    }

    [Fact]
    public async Task Order_is_kept_while_a_slow_client_makes_room_bit_by_bit()
    {
        var client = await SlowClientAsync();
        string[] sent = [.. Enumerable.Range(0, 100).Select(i => $"{i} {new string('x', 90)}")];
        foreach (string payload in sent) bench.Publish("a", payload, qos: 1);
        client.Session.Messages.Queued.ShouldBe(100);
        while (client.Pipe.IsFlushing) client.Pipe.EndFlush();
        client.Payloads().ShouldBe(sent);
    }

    [Fact]
    public async Task Retained_messages_come_at_the_pace_of_the_client_and_after_what_waits()
    {
        for (int i = 0; i < 50; i++) bench.Publish($"r/{i}", new string('x', 100), qos: i % 2, retain: true);
        var client = await SlowClientAsync();
        client.Subscribe("r/#", qos: 1);
        client.Outbox.IsFull.ShouldBeTrue();
        int ended = 0;
        for (; client.Pipe.IsFlushing; ended++) client.Pipe.EndFlush();
        ended.ShouldBeGreaterThan(4);
        client.Payloads().Count.ShouldBe(50);
        bench.Counters.DroppedInAll.ShouldBe(0);
    }

    [Fact]
    public async Task A_retained_message_that_was_replaced_while_it_waited_comes_once_as_the_live_message()
    {
        for (int i = 0; i < 20; i++) bench.Publish($"r/{i}", new string('x', 100), qos: 1, retain: true);
        var client = await SlowClientAsync();
        client.Subscribe("r/#", qos: 1);
        for (int i = 0; i < 20; i++) bench.Publish($"r/{i}", $"new {i}", qos: 1, retain: true);
        while (client.Pipe.IsFlushing) client.Pipe.EndFlush();
        var payloads = client.Payloads();
        payloads.Where(payload => payload.StartsWith("new", StringComparison.Ordinal)).ShouldBe(Enumerable.Range(0, 20).Select(i => $"new {i}"));
        payloads.Count.ShouldBeLessThan(40);
    }

    private async Task<BenchClient> SlowClientAsync()
    {
        var client = await bench.ConnectAsync("client");
        client.Subscribe("a", qos: 1);
        client.Pipe.IsSlow = true;
        return client;
    }
}

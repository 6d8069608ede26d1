using System.Text;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Tests.Storage;

namespace Broker.Tests.Connections;

/// <summary>
/// Acknowledged means durable: while a commit is held, what depends on it is not told, and everything else goes on. That something was not sent is
/// shown by PINGRESP, which comes before it in the stream.
/// </summary>
public sealed class AcknowledgedAfterCommitTests : IDisposable
{
    private readonly BrokerBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task Puback_waits_for_the_commit_of_the_entry_of_a_persistent_subscriber_and_the_copy_goes_at_once()
    {
        var (publisher, subscriber) = await PairAsync(qos: 1);
        bench.Store.Close();
        publisher.Publish("a", "m", qos: 1, identifier: 5);
        var held = await bench.Store.NextAsync();
        held.Changes.ShouldHaveSingleItem().ShouldBeOfType<EntryQueued>();
        Payload(await subscriber.ExpectAsync<Publish>()).ShouldBe("m");
        await publisher.PingAsync();
        held.Commit();
        (await publisher.ExpectAsync<PubAck>()).PacketIdentifier.ShouldBe((ushort)5);
    }

    [Fact]
    public async Task Puback_leaves_without_a_commit_when_the_last_of_the_receivers_has_acknowledged()
    {
        var (publisher, subscriber) = await PairAsync(qos: 1);
        var second = await bench.ConnectAsync("second", expiry: 100);
        second.Subscribe(1, ("a", 1));
        await second.ExpectAsync<SubAck>();
        var held = await HoldAsync();
        publisher.Publish("a", "m", qos: 1, identifier: 5);
        subscriber.Send(new PubAck((await subscriber.ExpectAsync<Publish>()).PacketIdentifier));
        await subscriber.PingAsync();
        await publisher.PingAsync();
        second.Send(new PubAck((await second.ExpectAsync<Publish>()).PacketIdentifier));
        (await publisher.ExpectAsync<PubAck>()).PacketIdentifier.ShouldBe((ushort)5);
        held.Changes.ShouldHaveSingleItem().ShouldBeOfType<RetainedStored>();
        bench.Store.Open();
        await bench.ConnectAsync("later", expiry: 100);
        bench.Store.Committed.OfType<EntryQueued>().ShouldBeEmpty();
        bench.Store.Committed.OfType<EntrySettled>().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_every_receiver_has_acknowledged_still_waits_for_what_came_before_it()
    {
        var (publisher, subscriber) = await PairAsync(qos: 1);
        await HoldAsync();
        publisher.Publish("b", "kept", qos: 1, identifier: 1, retain: true).Publish("a", "m", qos: 1, identifier: 2);
        subscriber.Send(new PubAck((await subscriber.ExpectAsync<Publish>()).PacketIdentifier));
        await subscriber.PingAsync();
        await publisher.PingAsync();
        bench.Store.Open();
        (await publisher.ExpectAsync<PubAck>()).PacketIdentifier.ShouldBe((ushort)1);
        (await publisher.ExpectAsync<PubAck>()).PacketIdentifier.ShouldBe((ushort)2);
        bench.Store.Committed.OfType<EntryQueued>().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_retained_message_that_every_receiver_has_acknowledged_is_written_before_puback()
    {
        var (publisher, subscriber) = await PairAsync(qos: 1);
        var held = await HoldAsync();
        publisher.Publish("a", "m", qos: 1, identifier: 5, retain: true);
        subscriber.Send(new PubAck((await subscriber.ExpectAsync<Publish>()).PacketIdentifier));
        await subscriber.PingAsync();
        await publisher.PingAsync();
        held.Commit();
        var next = await bench.Store.NextAsync();
        next.Changes.ShouldHaveSingleItem().ShouldBeOfType<RetainedStored>();
        await publisher.PingAsync();
        next.Commit();
        await publisher.ExpectAsync<PubAck>();
    }

    [Fact]
    public async Task Puback_waits_for_the_commit_of_the_retained_message()
    {
        var publisher = await bench.ConnectAsync("publisher");
        bench.Store.Close();
        publisher.Publish("a", "m", qos: 1, identifier: 5, retain: true);
        var held = await bench.Store.NextAsync();
        held.Changes.ShouldHaveSingleItem().ShouldBeOfType<RetainedStored>();
        await publisher.PingAsync();
        held.Commit();
        await publisher.ExpectAsync<PubAck>();
    }

    [Fact]
    public async Task The_whole_qos_2_handshake_waits_step_by_step_and_the_copy_is_sent_after_its_commit_only()
    {
        var (publisher, subscriber) = await PairAsync(qos: 2, publisherExpiry: 100);
        bench.Store.Close();
        publisher.Publish("a", "m", qos: 2, identifier: 5);
        var held = await bench.Store.NextAsync();
        held.Changes.Select(change => change.GetType()).ShouldBe([typeof(IdentifierSeen), typeof(EntryQueued)], ignoreOrder: true);
        await publisher.PingAsync();
        await subscriber.PingAsync(); // no copy yet
        held.Commit();
        await publisher.ExpectAsync<PubRec>();
        var copy = await subscriber.ExpectAsync<Publish>();

        publisher.Send(new PubRel(5));
        held = await bench.Store.NextAsync();
        held.Changes.ShouldHaveSingleItem().ShouldBeOfType<IdentifierForgotten>();
        await publisher.PingAsync();
        held.Commit();
        await publisher.ExpectAsync<PubComp>();

        subscriber.Send(new PubRec(copy.PacketIdentifier));
        held = await bench.Store.NextAsync();
        held.Changes.ShouldHaveSingleItem().ShouldBeOfType<EntryReleased>();
        await subscriber.PingAsync();
        held.Commit();
        (await subscriber.ExpectAsync<PubRel>()).PacketIdentifier.ShouldBe(copy.PacketIdentifier);
        subscriber.Send(new PubComp(copy.PacketIdentifier));
        (await bench.Store.NextAsync()).Changes.ShouldHaveSingleItem().ShouldBeOfType<EntrySettled>();
    }

    [Fact]
    public async Task Suback_and_unsuback_of_a_persistent_session_wait_and_those_of_others_do_not()
    {
        var persistent = await bench.ConnectAsync("persistent", expiry: 100);
        var other = await bench.ConnectAsync("other");
        bench.Store.Close();
        persistent.Subscribe(1, ("a", 1));
        var held = await bench.Store.NextAsync();
        held.Changes.ShouldHaveSingleItem().ShouldBeOfType<SubscriptionStored>();
        await persistent.PingAsync();
        other.Subscribe(1, ("a", 1));
        await other.ExpectAsync<SubAck>();
        held.Commit();
        await persistent.ExpectAsync<SubAck>();

        persistent.Send(new Unsubscribe(2, ["a"]));
        held = await bench.Store.NextAsync();
        await persistent.PingAsync();
        other.Send(new Unsubscribe(2, ["a"]));
        await other.ExpectAsync<UnsubAck>();
        held.Commit();
        await persistent.ExpectAsync<UnsubAck>();
    }

    [Theory]
    [InlineData(100u, false)]
    [InlineData(0u, true)]
    public async Task Connack_of_a_persistent_session_or_with_a_will_waits(uint expiry, bool hasWill)
    {
        bench.Store.Close();
        var client = bench.Client().Connect("client", expiry: expiry, will: hasWill ? new Will { Topic = "will" } : null);
        var held = await bench.Store.NextAsync();
        held.Changes[0].ShouldBeOfType<SessionStored>();
        var connack = client.ExpectAsync<ConnAck>();
        await bench.ConnectAsync("other"); // needs no commit
        connack.IsCompleted.ShouldBeFalse();
        held.Commit();
        await connack;
    }

    [Fact]
    public async Task Connack_that_discards_a_session_waits()
    {
        await (await bench.ConnectAsync("client", expiry: 100)).LeaveAsync();
        await bench.ConnectAsync("later", expiry: 100); // what went before is committed
        bench.Store.Close();
        var client = bench.Client().Connect("client", cleanStart: true);
        var held = await bench.Store.NextAsync();
        held.Changes.OfType<SessionDiscarded>().ShouldHaveSingleItem();
        var connack = client.ExpectAsync<ConnAck>();
        await bench.ConnectAsync("other");
        connack.IsCompleted.ShouldBeFalse();
        bench.Store.Open();
        (await connack).SessionPresent.ShouldBeFalse();
    }

    [Fact]
    public async Task Acknowledgements_leave_in_order_of_arrival_though_some_need_no_commit()
    {
        var (publisher, _) = await PairAsync(qos: 1);
        bench.Store.Close();
        publisher.Publish("a", "durable", qos: 1, identifier: 1);
        var held = await bench.Store.NextAsync();
        publisher.Publish("nobody", "not", qos: 1, identifier: 2).Publish("nobody", "not", qos: 2, identifier: 3).Subscribe(4, ("b", 0));
        publisher.Publish("a", "durable", qos: 1, identifier: 5);
        await publisher.PingAsync();
        held.Commit();
        (await publisher.ExpectAsync<PubAck>()).PacketIdentifier.ShouldBe((ushort)1);
        (await publisher.ExpectAsync<PubAck>()).PacketIdentifier.ShouldBe((ushort)2);
        (await publisher.ExpectAsync<PubRec>()).PacketIdentifier.ShouldBe((ushort)3);
        await publisher.ExpectAsync<SubAck>();
        held = await bench.Store.NextAsync();
        await publisher.PingAsync();
        held.Commit();
        (await publisher.ExpectAsync<PubAck>()).PacketIdentifier.ShouldBe((ushort)5);
    }

    [Fact]
    public async Task A_duplicate_that_comes_during_the_commit_is_not_routed_again_and_gets_no_earlier_pubrec()
    {
        var (publisher, subscriber) = await PairAsync(qos: 2, publisherExpiry: 100);
        bench.Store.Close();
        publisher.Publish("a", "once", qos: 2, identifier: 5);
        var held = await bench.Store.NextAsync();
        publisher.Publish("a", "once", qos: 2, identifier: 5, duplicate: true);
        await publisher.PingAsync();

        // Also over another connection: the session knows.
        await publisher.LeaveAsync();
        publisher = bench.Client().Connect("publisher", cleanStart: false, expiry: 100);
        publisher.Publish("a", "once", qos: 2, identifier: 5, duplicate: true);
        bench.Store.Open();
        (await publisher.ExpectAsync<ConnAck>()).SessionPresent.ShouldBeTrue();
        (await publisher.ExpectAsync<PubRec>()).PacketIdentifier.ShouldBe((ushort)5);
        held.Changes.OfType<EntryQueued>().Count().ShouldBe(1);
        Payload(await subscriber.ExpectAsync<Publish>()).ShouldBe("once");
        await subscriber.PingAsync();
        bench.Store.Committed.OfType<EntryQueued>().Count().ShouldBe(1);
        bench.Store.Committed.OfType<IdentifierSeen>().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Qos_0_and_sessions_that_are_not_persistent_go_on_while_a_commit_is_held()
    {
        var (publisher, subscriber) = await PairAsync(qos: 2);
        var other = await bench.ConnectAsync("other");
        other.Subscribe(1, ("b", 2));
        await other.ExpectAsync<SubAck>();
        bench.Store.Close();
        publisher.Publish("a", "held", qos: 1, identifier: 1);
        var held = await bench.Store.NextAsync();
        await subscriber.ExpectAsync<Publish>();
        publisher.Publish("a", "qos 0");
        Payload(await subscriber.ExpectAsync<Publish>()).ShouldBe("qos 0");
        publisher.Publish("b", "qos 2", qos: 2, identifier: 2);
        Payload(await other.ExpectAsync<Publish>()).ShouldBe("qos 2");
        other.Publish("b", "own", qos: 1, identifier: 9);
        await other.ExpectAsync<Publish>();
        (await other.ExpectAsync<PubAck>()).PacketIdentifier.ShouldBe((ushort)9);
        held.Commit();
        await publisher.ExpectAsync<PubAck>();
        await publisher.ExpectAsync<PubRec>();
    }

    [Fact]
    public async Task What_was_changed_before_a_packet_turned_out_to_be_wrong_is_written()
    {
        var client = await bench.ConnectAsync("client", expiry: 100);
        bench.Store.Close();
        client.Send(new Subscribe(1, [new("kept", default), new("$share/g/wrong", new SubscriptionOptions(default, NoLocal: true))]));
        (await client.ExpectAsync<Disconnect>()).Reason.ShouldBe(ReasonCode.ProtocolError);
        bench.Store.Open();
        await client.ExpectEndAsync();
        await client.LeaveAsync();
        await bench.ConnectAsync("client", expiry: 100, cleanStart: false);
        bench.Store.Committed.OfType<SubscriptionStored>().ShouldHaveSingleItem().Filter.ShouldBe("kept");
    }

    // From now on the test has the store, which is busy with something else.
    private async Task<HeldBatch> HoldAsync()
    {
        bench.Store.Close();
        var other = await bench.ConnectAsync("other");
        other.Publish("other", "m", qos: 1, identifier: 1, retain: true);
        return await bench.Store.NextAsync();
    }

    private async Task<(PipeClient Publisher, PipeClient Subscriber)> PairAsync(int qos, uint publisherExpiry = 0)
    {
        var subscriber = await bench.ConnectAsync("subscriber", expiry: 100);
        subscriber.Subscribe(1, ("a", qos));
        await subscriber.ExpectAsync<SubAck>();
        return (await bench.ConnectAsync("publisher", expiry: publisherExpiry), subscriber);
    }

    private static string Payload(Publish publish) => Encoding.UTF8.GetString(publish.Payload.Span);
}

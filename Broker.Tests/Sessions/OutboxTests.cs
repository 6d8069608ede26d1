using Broker.Core.Protocol;
using Broker.Core.Sessions;

namespace Broker.Tests.Sessions;

/// <summary>The way out to one client: one flush at a time, nobody waits for it, and its failure is its client's alone.</summary>
public sealed class OutboxTests : IDisposable
{
    private readonly SessionBench bench = new(limits: new Limits { OutboxBytes = 100, OutboxStall = TimeSpan.FromSeconds(30) });
    private readonly BenchClient client;

    public OutboxTests() => client = new BenchClient(bench, "client", ProtocolVersion.V5, aliases: 0);

    public void Dispose() => bench.Dispose();

    private Outbox Outbox => client.Outbox;

    private ScriptedWriter Pipe => client.Pipe;

    [Fact]
    public void Many_packets_are_flushed_once()
    {
        client.Do(delivery => { for (ushort i = 1; i <= 20; i++) Outbox.Write(new PubAck(i), delivery); });
        Pipe.Flushes.ShouldBe(1);
        Pipe.Packets().Count.ShouldBe(20);
    }

    [Fact]
    public void What_is_written_while_a_flush_is_pending_goes_out_when_it_has_ended()
    {
        Pipe.IsSlow = true;
        Write(1);
        Write(2);
        Write(3);
        Pipe.Packets().ShouldBe(["PubAck(PacketIdentifier=1, Reason=Success)"]);
        Pipe.EndFlush();
        Pipe.Packets().Count.ShouldBe(2);
        Pipe.Flushes.ShouldBe(2);
        Pipe.EndFlush();
        Pipe.IsFlushing.ShouldBeFalse();
    }

    [Fact]
    public async Task Room_is_waited_for_only_while_a_flush_is_pending_and_the_outbox_is_full()
    {
        Outbox.WaitForRoomAsync().IsCompleted.ShouldBeTrue();
        Pipe.IsSlow = true;
        Write(1);
        Outbox.WaitForRoomAsync().IsCompleted.ShouldBeTrue();
        Fill();
        Outbox.IsFull.ShouldBeTrue();
        var room = Outbox.WaitForRoomAsync();
        room.IsCompleted.ShouldBeFalse();
        Pipe.EndFlush(); // the rest is still as much
        room.IsCompleted.ShouldBeFalse();
        Pipe.EndFlush();
        await room;
        Outbox.IsFull.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_waits_for_room_is_woken()
    {
        Pipe.IsSlow = true;
        Fill();
        var room = Outbox.WaitForRoomAsync();
        room.IsCompleted.ShouldBeFalse();
        Outbox.Wake();
        await room;
    }

    [Fact]
    public void Room_is_told_to_who_asked_for_more_and_what_it_writes_is_sent()
    {
        int told = 0;
        Outbox.Source = new Source(delivery =>
        {
            told++;
            Outbox.Write(new PubAck((ushort)(1_000 + told)), delivery);
        });
        Write(1);
        told.ShouldBe(0);
        Outbox.WantsMore();
        Write(2);
        told.ShouldBe(1);
        Pipe.IsSlow = true;
        Write(3);
        Outbox.WantsMore();
        told.ShouldBe(1);
        Pipe.EndFlush();
        told.ShouldBe(2);
        Pipe.EndFlush();
        Pipe.Packets().Select(packet => packet.Split([',', '='])[1]).ShouldBe(["1", "2", "1001", "3", "1002"]);
        told.ShouldBe(2);
    }

    [Fact]
    public void A_client_that_takes_nothing_for_30_seconds_is_disconnected()
    {
        Pipe.IsSlow = true;
        Write(1);
        InPlace.Run(() => bench.Time.Advance(TimeSpan.FromSeconds(29.9)));
        client.Ends.ShouldBeEmpty();
        InPlace.Run(() => bench.Time.Advance(TimeSpan.FromSeconds(0.2)));
        client.Ends.ShouldHaveSingleItem().Why.ShouldBe("it took nothing for 30 s");
        Write(2);
        Pipe.Flushes.ShouldBe(1);
        Outbox.CloseAsync().IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public void The_30_seconds_begin_anew_with_each_flush()
    {
        Pipe.IsSlow = true;
        Write(1);
        for (ushort i = 2; i < 6; i++)
        {
            InPlace.Run(() => bench.Time.Advance(TimeSpan.FromSeconds(20)));
            Write(i);
            Pipe.EndFlush();
        }
        client.Ends.ShouldBeEmpty();
    }

    [Fact]
    public async Task Nothing_is_written_after_the_last_packet()
    {
        Pipe.IsSlow = true;
        Write(1);
        client.Do(delivery => Outbox.WriteLast(new Disconnect(ReasonCode.ServerShuttingDown), delivery));
        Write(2);
        Publish().ShouldBe(Sent.Closed);
        var closed = Outbox.CloseAsync();
        closed.IsCompleted.ShouldBeFalse();
        Pipe.EndFlush();
        closed.IsCompleted.ShouldBeFalse();
        Pipe.EndFlush();
        await closed;
        Pipe.Packets().Select(packet => packet.Split('(')[0]).ShouldBe(["PubAck", "Disconnect"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_flush_that_ends_because_the_client_is_gone_ends_the_outbox(bool fails)
    {
        Pipe.IsSlow = true;
        Write(1);
        Write(2);
        var closed = Outbox.CloseAsync();
        if (fails) Pipe.FailFlush(new IOException("reset"));
        else Pipe.EndFlush(isCompleted: true);
        closed.IsCompletedSuccessfully.ShouldBeTrue();
        Publish().ShouldBe(Sent.Closed);
        Pipe.Flushes.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_flush_that_throws_at_once_harms_nobody_else(Exception failure)
    {
        Pipe.FailsToFlush = failure;
        Write(1);
        Publish().ShouldBe(Sent.Closed);
        Outbox.CloseAsync().IsCompleted.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_pipe_that_takes_no_bytes_ends_its_own_connection_and_not_the_one_of_who_writes(Exception failure)
    {
        Pipe.FailsToWrite = failure;
        Publish().ShouldBe(Sent.Closed);
        Write(1);
        client.Ends.ShouldHaveSingleItem().Why.ShouldContain(failure.Message);
        Pipe.Flushes.ShouldBe(0);
    }

    public static TheoryData<Exception> Failures => [new InvalidOperationException("completed"), new IOException("reset"), new OperationCanceledException("aborted"), new ObjectDisposedException("pipe")];

    private void Write(ushort identifier) => client.Do(delivery => Outbox.Write(new PubAck(identifier), delivery));

    private void Fill() => client.Do(delivery => { for (ushort i = 1; i <= 25; i++) Outbox.Write(new PubAck(i), delivery); });

    private Sent Publish()
    {
        var sent = Sent.Yes;
        client.Do(delivery => sent = Outbox.Publish(new Publication { Topic = "t"u8, ExpiresAt = ApplicationMessage.Never }, new PublishCopy(QualityOfService.AtMostOnce, false, false, 0, []), delivery));
        return sent;
    }

    private sealed class Source(Action<Delivery> pump) : IOutboxSource
    {
        public void Pump(Delivery delivery) => pump(delivery);
    }
}

using System.Text;
using Broker.Web.Listeners;

namespace Broker.Tests.Listeners;

/// <summary>The part of the readers that sockets and WebSockets share, on a carrier whose every step a test decides.</summary>
public sealed class BufferedReaderTests
{
    private readonly Carrier carrier = new();

    [Fact]
    public async Task A_carrier_that_never_runs_dry_makes_way_for_others_and_loses_nothing()
    {
        carrier.Bytes = string.Concat(Enumerable.Range(0, 1_000).Select(i => (char)('a' + i % 26)));
        var got = new StringBuilder();
        var made = 0;
        while (got.Length < 1_000)
        {
            var pending = carrier.ReadAsync();
            if (!pending.IsCompleted) made++;
            var read = await pending;
            got.Append(Encoding.ASCII.GetString(read.Buffer));
            carrier.AdvanceTo(read.Buffer.End);
        }
        got.ToString().ShouldBe(carrier.Bytes);
        made.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_failure_comes_behind_the_bytes_before_it_and_again_with_every_read()
    {
        carrier.Bytes = "x";
        var read = await carrier.ReadAsync();
        read.Buffer.Length.ShouldBe(1);
        carrier.AdvanceTo(read.Buffer.End);
        var pending = carrier.ReadAsync();
        carrier.Fail(new IOException("broken"));
        (await Should.ThrowAsync<IOException>(async () => await pending)).Message.ShouldBe("broken");
        (await Should.ThrowAsync<IOException>(async () => await carrier.ReadAsync())).Message.ShouldBe("broken");
    }

    [Fact]
    public async Task A_wait_that_outlives_a_cancelled_read_serves_the_next_one()
    {
        var first = carrier.ReadAsync();
        carrier.CancelPendingRead();
        (await first).IsCanceled.ShouldBeTrue();
        var second = carrier.ReadAsync();
        second.IsCompleted.ShouldBeFalse();
        carrier.Waits.ShouldBe(1);
        carrier.Bytes = "late";
        carrier.Signal();
        (await second).Buffer.Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_wait_that_ends_between_two_reads_is_not_lost()
    {
        var first = carrier.ReadAsync();
        carrier.CancelPendingRead();
        carrier.AdvanceTo((await first).Buffer.End);
        carrier.Bytes = "z";
        carrier.Signal();
        var second = await carrier.ReadAsync();
        Encoding.ASCII.GetString(second.Buffer).ShouldBe("z");
    }

    [Fact]
    public void Reading_after_completion_is_a_mistake()
    {
        carrier.Complete();
        Should.Throw<InvalidOperationException>(() => carrier.TryRead(out _));
    }

    /// <summary>Gives its bytes one at a time; waits when there are none.</summary>
    private sealed class Carrier() : BufferedReader(blockSize: 64)
    {
        private Action? ready;
        private Exception? failure;
        private int given;

        public string Bytes { get; set; } = "";

        public int Waits { get; private set; }

        public void Signal() => Interlocked.Exchange(ref ready, null)!();

        public void Fail(Exception reason)
        {
            failure = reason;
            Signal();
        }

        protected override bool BeginWait()
        {
            Waits++;
            ready = WhenReady;
            return false;
        }

        protected override void EndWait()
        {
            if (failure is not null) throw failure;
        }

        protected override Filled Fill()
        {
            if (given == Bytes.Length) return Filled.Nothing;
            Room(1)[0] = (byte)Bytes[given++];
            Add(1);
            return Filled.Bytes;
        }
    }
}

using System.Text;
using Broker.Web.Listeners;

namespace Broker.Tests.Listeners;

/// <summary>What the broker relies on: it writes on while a flush is pending, and one flush sends all that was written before it.</summary>
public sealed class BatchWriterTests
{
    private readonly Recorder writer = new();

    [Fact]
    public void A_flush_that_the_carrier_takes_at_once_has_completed()
    {
        Write("ab");
        Write("cd");
        writer.Sent.ShouldBe([]);
        writer.FlushAsync().IsCompletedSuccessfully.ShouldBeTrue();
        writer.Sent.ShouldBe(["abcd"]);
    }

    [Fact]
    public async Task What_is_written_while_a_flush_is_pending_goes_out_with_the_next_one()
    {
        writer.IsSlow = true;
        Write("first");
        var flush = writer.FlushAsync();
        flush.IsCompleted.ShouldBeFalse();
        Write("second");
        writer.CompleteSend();
        (await flush).IsCompleted.ShouldBeFalse();
        writer.Sent.ShouldBe(["first"]);
        var next = writer.FlushAsync();
        writer.CompleteSend();
        await next;
        writer.Sent.ShouldBe(["first", "second"]);
    }

    [Fact]
    public async Task A_carrier_that_takes_a_part_gets_the_rest()
    {
        writer.Most = 2;
        Write("abcde");
        await writer.FlushAsync();
        writer.Sent.ShouldBe(["ab", "cd", "e"]);
    }

    [Fact]
    public async Task Large_writes_grow_the_batch_and_keep_their_bytes()
    {
        var text = string.Concat(Enumerable.Range(0, 50_000).Select(i => (char)('a' + i % 26)));
        foreach (var chunk in text.Chunk(777)) Write(new string(chunk));
        await writer.FlushAsync();
        writer.Sent.ShouldBe([text]);
    }

    [Fact]
    public async Task Urgent_bytes_go_between_two_batches_and_never_into_one()
    {
        writer.IsSlow = true;
        Write("batch");
        var flush = writer.FlushAsync();
        writer.Urge("!");
        Write("later");
        writer.Sent.ShouldBe(["batch"]);
        writer.CompleteSend();
        writer.CompleteSend();
        await flush;
        writer.Sent.ShouldBe(["batch", "!"]);
    }

    [Fact]
    public async Task A_flush_during_an_urgent_send_waits_and_keeps_its_bytes_apart_from_later_ones()
    {
        writer.IsSlow = true;
        writer.Urge("!");
        await writer.Began;
        Write("flushed");
        var flush = writer.FlushAsync();
        Write(" not yet");
        writer.CompleteSend();
        writer.CompleteSend();
        await flush;
        writer.Sent.ShouldBe(["!", "flushed"]);
    }

    [Fact]
    public async Task The_end_comes_behind_what_was_flushed_and_nothing_after_it()
    {
        writer.IsSlow = true;
        Write("last words");
        var flush = writer.FlushAsync();
        var finished = writer.Finish();
        finished.IsCompleted.ShouldBeFalse();
        Write("too late");
        writer.CompleteSend();
        await flush;
        await finished;
        (await writer.FlushAsync()).IsCompleted.ShouldBeTrue();
        writer.Sent.ShouldBe(["last words", "END"]);
    }

    [Fact]
    public async Task Breaking_ends_a_pending_flush_and_the_end_that_was_asked_for()
    {
        writer.IsSlow = true;
        Write("stuck");
        var flush = writer.FlushAsync();
        var finished = writer.Finish();
        writer.Break();
        (await flush).IsCompleted.ShouldBeTrue();
        await finished;
        writer.CompleteSend();
        writer.Sent.ShouldBe(["stuck"]);
    }

    [Fact]
    public async Task A_carrier_that_fails_completes_the_flush()
    {
        writer.Fails = true;
        Write("x");
        (await writer.FlushAsync()).IsCompleted.ShouldBeTrue();
        Write("y");
        (await writer.FlushAsync()).IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_cancelled_flush_loses_no_byte()
    {
        writer.IsSlow = true;
        Write("one ");
        var flush = writer.FlushAsync();
        writer.CancelPendingFlush();
        (await flush).IsCanceled.ShouldBeTrue();
        Write("two ");
        var second = writer.FlushAsync();
        writer.CancelPendingFlush();
        (await second).IsCanceled.ShouldBeTrue();
        Write("three");
        var third = writer.FlushAsync();
        writer.CompleteSend();
        writer.CompleteSend();
        await third;
        string.Concat(writer.Sent).ShouldBe("one two three");
    }

    private void Write(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        bytes.CopyTo(writer.GetSpan(bytes.Length));
        writer.Advance(bytes.Length);
    }

    /// <summary>A carrier that notes what it is given, and can be slow, partial or broken.</summary>
    private sealed class Recorder() : BatchWriter(headroom: 3)
    {
        private readonly TaskCompletionSource began = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private byte[]? urgent;
        private Action? pending;
        private int taken;

        public List<string> Sent { get; } = [];
        public bool IsSlow { get; set; }
        public bool Fails { get; set; }
        public int Most { get; set; } = int.MaxValue;
        public Task Began => began.Task;

        public void Urge(string text) => SendUrgent(() => urgent = Encoding.Latin1.GetBytes(text));

        public void CompleteSend() => Interlocked.Exchange(ref pending, null)!();

        protected override bool BeginSend(ReadOnlyMemory<byte> bytes)
        {
            taken = Math.Min(Most, bytes.Length);
            Sent.Add(Encoding.Latin1.GetString(bytes.Span[..taken]));
            if (IsSlow) pending = WhenSent;
            began.TrySetResult();
            return !IsSlow;
        }

        protected override int EndSend() => Fails ? throw new IOException("broken") : taken;

        protected override ReadOnlyMemory<byte> TakeUrgent() => Interlocked.Exchange(ref urgent, null);

        protected override ValueTask FinishAsync()
        {
            Sent.Add("END");
            return default;
        }
    }
}

using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace Broker.Web.Listeners;

/// <summary>
/// A pipe writer that gathers bytes in one piece of memory and sends them, at a flush, on the thread that flushes: in most cases the system takes all of
/// them and the flush has completed when it returns. While a flush is pending more may be written; it goes out with the next one.
/// </summary>
/// <remarks>
/// Writing and flushing are the caller's to serialise, and one flush is pending at most. Two buffers change places: the one that is written to belongs to the
/// caller, the one that is sent to whoever sends. A derived class may slip in bytes of its own between two batches (<see cref="TakeUrgent"/>).
/// </remarks>
internal abstract class BatchWriter : PipeWriter, IValueTaskSource<FlushResult>
{
    private const int FirstSize = 1_024;
    private readonly Lock gate = new();
    private readonly int headroom;
    private ManualResetValueTaskSourceCore<FlushResult> source;
    private Action? sent;
    private TaskCompletionSource? finished;
    private byte[]? fill, next, outgoing;
    private int filled, nextLength;
    private ReadOnlyMemory<byte> batch;
    private bool sending, waiting, ending, closed, cancelled;

    /// <summary>Makes a writer that keeps <paramref name="headroom"/> bytes free before each batch, for <see cref="Frame"/>.</summary>
    protected BatchWriter(int headroom) => (this.headroom, filled) = (headroom, headroom);

    /// <summary>What calls <see cref="OnSent"/>.</summary>
    protected Action WhenSent => sent ??= OnSent;

    /// <summary>Begins to send; true when that has ended already, else <see cref="OnSent"/> is to be called then. Never more than one at a time.</summary>
    protected abstract bool BeginSend(ReadOnlyMemory<byte> bytes);

    /// <summary>Ends a send that is over: how many bytes left, or -1 when the peer is gone. May throw instead.</summary>
    protected abstract int EndSend();

    /// <summary>Tells the peer that nothing follows, after the last batch.</summary>
    protected abstract ValueTask FinishAsync();

    /// <summary>What the derived class wants sent before the next batch; called under the lock.</summary>
    protected virtual ReadOnlyMemory<byte> TakeUrgent() => default;

    /// <summary>Sees to it, where so few bytes may wait, that <see cref="SendPostponed"/> is called soon: then their flush ends at once. Called under the lock.</summary>
    protected virtual bool TryPostpone(int bytes) => false;

    /// <summary>Puts a header into the headroom; gives back where the bytes to send begin.</summary>
    protected virtual int Frame(byte[] bytes, int length) => headroom;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => filled - headroom;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return fill.AsMemory(filled);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return fill.AsSpan(filled);
    }

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, (fill?.Length ?? filled) - filled);
        filled += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        ValueTask<FlushResult> pending;
        lock (gate)
        {
            if (closed || ending) filled = headroom;
            if (cancelled || filled == headroom) return new(Outcome());
            if (waiting) throw new InvalidOperationException("A flush is pending.");
            Commit();
            if (!sending && TryPostpone(nextLength)) return new(Outcome());
            source.Reset();
            waiting = true;
            pending = new(this, source.Version);
            if (sending) return pending;
            sending = true;
        }
        Send();
        return pending;
    }

    /// <summary>Tells the peer that nothing follows, once what was flushed has left. Never throws.</summary>
    /// <param name="elsewhere">Whether the caller holds locks that must not be held while something is sent.</param>
    /// <returns>Ends when the peer was told, or cannot be any more.</returns>
    public Task Finish(bool elsewhere = false)
    {
        lock (gate)
        {
            if (finished is not null) return finished.Task;
            finished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (closed) finished.TrySetResult();
            ending = true;
            if (closed || sending) return finished.Task;
            sending = true;
        }
        Start(elsewhere);
        return finished.Task;
    }

    /// <summary>Sends what a flush left for later, unless that has been sent with what came after it.</summary>
    public void SendPostponed()
    {
        lock (gate)
        {
            if (closed || sending || next is null) return;
            sending = true;
        }
        Send();
    }

    /// <summary>Ends a pending flush now; from here on everything written is dropped.</summary>
    public void Break()
    {
        FlushResult outcome;
        lock (gate)
        {
            closed = true;
            finished?.TrySetResult();
            if (!waiting) return;
            waiting = false;
            outcome = Outcome();
        }
        WakeElsewhere(outcome);
    }

    /// <summary>Makes a <paramref name="change"/> to what <see cref="TakeUrgent"/> gives and sends it, soon or after the batch that is under way. The caller may hold locks.</summary>
    protected void SendUrgent(Action change)
    {
        lock (gate)
        {
            if (closed || ending) return;
            change();
            if (sending) return;
            sending = true;
        }
        Start(elsewhere: true);
    }

    public override void CancelPendingFlush()
    {
        FlushResult outcome;
        lock (gate)
        {
            cancelled = true;
            if (!waiting) return;
            waiting = false;
            outcome = Outcome();
        }
        WakeElsewhere(outcome);
    }

    public override void Complete(Exception? exception = null)
    {
        if (exception is not null)
        {
            Break();
            return;
        }
        SendPostponed(); // whoever closes the connection next does not wait for what is done elsewhere
        _ = Finish(elsewhere: true);
    }

    private void Start(bool elsewhere)
    {
        if (elsewhere) ThreadPool.UnsafeQueueUserWorkItem(static writer => writer.Send(), this, preferLocal: true);
        else Send();
    }

    // Until nothing is left, or a send must be waited for; entered by whoever set `sending`.
    private void Send()
    {
        while (TakeBatch())
        {
            try
            {
                if (!BeginSend(batch)) return;
            }
            catch (Exception)
            {
                Break();
                continue;
            }
            EndBatch();
        }
    }

    /// <summary>A send is over.</summary>
    protected void OnSent()
    {
        EndBatch();
        Send();
    }

    private void EndBatch()
    {
        int count;
        try
        {
            count = EndSend();
        }
        catch (Exception)
        {
            count = -1; // The reading side learns why.
        }
        if (count < 0) Break();
        else batch = batch[count..];
    }

    private bool TakeBatch()
    {
        bool wake, last;
        FlushResult outcome;
        lock (gate)
        {
            if (!closed && !batch.IsEmpty) return true;
            Return(ref outgoing);
            batch = closed ? default : TakeUrgent();
            if (batch.IsEmpty && !closed && next is not null)
            {
                (outgoing, next) = (next, null);
                var begin = Frame(outgoing, nextLength);
                batch = outgoing.AsMemory(begin, headroom + nextLength - begin);
            }
            if (!batch.IsEmpty) return true;
            (wake, waiting) = (waiting, false);
            outcome = wake ? Outcome() : default;
            last = ending && !closed;
            (sending, closed) = (last, closed || last);
        }
        if (wake) source.SetResult(outcome);
        if (last) _ = LastAsync();
        return false;
    }

    private async Task LastAsync()
    {
        try
        {
            await FinishAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Nothing can be told to a peer that is gone.
        }
        finished!.TrySetResult();
    }

    private void Commit()
    {
        if (next is null)
        {
            (next, nextLength, fill, filled) = (fill, filled - headroom, null, headroom);
            return;
        }
        // The bytes of an earlier flush still wait: it was postponed, or cancelled while another send was under way.
        var length = filled - headroom;
        if (next.Length - headroom - nextLength < length) Grow(ref next, headroom + nextLength, headroom + nextLength + length);
        fill.AsSpan(headroom, length).CopyTo(next.AsSpan(headroom + nextLength));
        (nextLength, filled) = (nextLength + length, headroom);
    }

    private FlushResult Outcome()
    {
        var result = new FlushResult(cancelled, closed);
        cancelled = false;
        return result;
    }

    // Who cancels or breaks a flush may hold locks that the one who flushes wants.
    private void WakeElsewhere(FlushResult outcome) => ThreadPool.UnsafeQueueUserWorkItem(_ => source.SetResult(outcome), null);

    private void Reserve(int sizeHint)
    {
        var size = filled + Math.Max(sizeHint, 1);
        if (fill is null || fill.Length < size) Grow(ref fill, filled, size);
    }

    private static void Grow(ref byte[]? bytes, int used, int size)
    {
        var bigger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstSize, Math.Max(size, bytes?.Length * 2 ?? 0)));
        bytes.AsSpan(0, bytes is null ? 0 : used).CopyTo(bigger);
        Return(ref bytes);
        bytes = bigger;
    }

    private static void Return(ref byte[]? bytes)
    {
        if (bytes is not null) ArrayPool<byte>.Shared.Return(bytes);
        bytes = null;
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token) => source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => source.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        source.OnCompleted(continuation, state, token, flags);
}

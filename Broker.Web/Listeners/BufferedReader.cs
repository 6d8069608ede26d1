using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace Broker.Web.Listeners;

/// <summary>What <see cref="BufferedReader.Fill"/> brought.</summary>
internal enum Filled
{
    /// <summary>Nothing yet: wait.</summary>
    Nothing,

    /// <summary>At least one byte.</summary>
    Bytes,

    /// <summary>The end of the stream, perhaps after some last bytes.</summary>
    End,
}

/// <summary>
/// A pipe reader that hands out one contiguous piece of memory. The piece is rented when there are bytes to put in and given back when all of them were
/// consumed, so that an idle connection holds none; the beginning of a packet whose rest is awaited lies in a piece of about its size.
/// </summary>
/// <remarks>
/// One thread reads, as with every pipe reader; <see cref="CancelPendingRead"/> and <see cref="End"/> may come from any. The buffer is touched only
/// by the reading call, or while that call waits: what was handed out never moves before <c>AdvanceTo</c>. No continuation runs under the lock.
/// </remarks>
internal abstract class BufferedReader : PipeReader, IValueTaskSource<ReadResult>, IThreadPoolWorkItem
{
    /// <summary>Blocks that one connection may take in a row before it makes way for others on its thread.</summary>
    private const int Streak = 16;

    private readonly Lock gate = new();
    private ManualResetValueTaskSourceCore<ReadResult> source;
    private ReceiveBuffer buffer;
    private Action? ready;
    private int streak;
    private bool waiting, watching, cancelled, ended, completed;
    private Exception? failure;
    private CancellationToken cancellation;
    private CancellationTokenRegistration registration;

    /// <summary>Makes a reader that takes up to about <paramref name="blockSize"/> bytes at once.</summary>
    protected BufferedReader(int blockSize) => buffer = new ReceiveBuffer(blockSize);

    /// <summary>What calls <see cref="OnReady"/>.</summary>
    protected Action WhenReady => ready ??= OnReady;

    /// <summary>Begins to wait until <see cref="Fill"/> has something to do; true when it has already, else <see cref="OnReady"/> is to be called then. At most one wait is pending.</summary>
    protected abstract bool BeginWait();

    /// <summary>Ends a wait that is over. Throws when the carrier failed.</summary>
    protected abstract void EndWait();

    /// <summary>Moves bytes that are there to <see cref="Room"/> and tells how many by <see cref="Add"/>; never waits.</summary>
    protected abstract Filled Fill();

    /// <summary>Runs this work item, behind what others had queued.</summary>
    protected virtual void MakeWay() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    /// <summary>Free memory behind the bytes that are held: at least one byte, and about <paramref name="wanted"/> or a block.</summary>
    protected Span<byte> Room(int wanted) => buffer.Room(wanted);

    /// <summary>Takes up <paramref name="count"/> bytes that were written to <see cref="Room"/>.</summary>
    protected void Add(int count) => buffer.Add(count);

    /// <summary>Ends the stream now, and a read that is pending; bytes that were not taken yet are lost.</summary>
    public void End()
    {
        lock (gate)
        {
            ended = true;
            if (!waiting) return;
            waiting = false;
        }
        WakeElsewhere(isCancelled: false, null);
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ValueTask<ReadResult> pending;
        bool makesWay;
        lock (gate)
        {
            makesWay = ++streak > Streak;
            if (!makesWay && TryTake(out var result)) return new(result);
            streak = 0;
            buffer.Shrink();
            source.Reset();
            waiting = true;
            pending = new(this, source.Version);
            cancellation = cancellationToken;
            if (cancellationToken.CanBeCanceled)
                registration = cancellationToken.UnsafeRegister(static (state, token) => ((BufferedReader)state!).Abandon(token), this);
            if (!makesWay)
            {
                if (watching) return pending;
                watching = true;
            }
        }
        if (makesWay) MakeWay();
        else Watch();
        return pending;
    }

    public override bool TryRead(out ReadResult result)
    {
        lock (gate) return TryTake(out result);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        lock (gate) buffer.Advance(consumed, examined);
    }

    public override void CancelPendingRead()
    {
        lock (gate)
        {
            cancelled = !waiting;
            if (!waiting) return;
            waiting = false;
        }
        WakeElsewhere(isCancelled: true, null);
    }

    public override void Complete(Exception? exception = null)
    {
        lock (gate)
        {
            completed = ended = true;
            buffer.Release();
        }
    }

    private bool TryTake(out ReadResult result)
    {
        if (completed) throw new InvalidOperationException("Reading is not allowed after the reader was completed.");
        if (cancelled)
        {
            cancelled = false;
            result = Result(isCancelled: true);
            return true;
        }
        var taken = buffer.HasUnexamined || Take();
        result = taken ? Result(isCancelled: false) : default;
        return taken;
    }

    /// <summary>Tries to get more; true when there is something to tell the reader.</summary>
    private bool Take()
    {
        if (!ended && !watching)
        {
            try
            {
                var filled = Fill();
                if (filled == Filled.Bytes) return true;
                if (filled == Filled.End) ended = true;
            }
            catch (Exception reason) when (reason is not OutOfMemoryException)
            {
                (ended, failure) = (true, reason);
            }
            if (buffer.IsEmpty) buffer.Release();
        }
        if (ended && failure is not null && buffer.IsEmpty) throw failure;
        return ended;
    }

    // Goes on after the read that began it was cancelled; the bytes are then taken by the next read.
    private void Watch()
    {
        while (BeginWait())
            if (!GoOn()) return;
    }

    // After it made way.
    void IThreadPoolWorkItem.Execute()
    {
        ReadResult result = default;
        Exception? reason = null;
        bool taken;
        lock (gate)
        {
            if (!waiting) return;
            try
            {
                taken = TryTake(out result);
            }
            catch (Exception thrown)
            {
                (taken, reason) = (true, thrown);
            }
            if (!taken && watching) return;
            (waiting, watching) = (!taken, watching || !taken);
        }
        if (taken) Wake(result, reason);
        else Watch();
    }

    /// <summary>A wait is over.</summary>
    protected void OnReady()
    {
        if (GoOn()) Watch();
    }

    /// <summary>Ends a wait and wakes the reader if there is something for it; true when the wait must begin again.</summary>
    private bool GoOn()
    {
        Exception? reason = null;
        try
        {
            EndWait();
        }
        catch (Exception thrown)
        {
            reason = thrown;
        }
        ReadResult result = default;
        lock (gate)
        {
            watching = false;
            if (reason is not null && !ended) (ended, failure) = (true, reason);
            if (!waiting) return false;
            try
            {
                reason = null;
                if (!Take()) return watching = true;
                result = Result(isCancelled: false);
            }
            catch (Exception thrown)
            {
                reason = thrown;
            }
            waiting = false;
        }
        Wake(result, reason);
        return false;
    }

    private void Abandon(CancellationToken token)
    {
        lock (gate)
        {
            if (!waiting || token != cancellation) return;
            waiting = false;
        }
        WakeElsewhere(isCancelled: false, new OperationCanceledException(token));
    }

    // Who cancels or ends a read may hold locks that the reader wants.
    private void WakeElsewhere(bool isCancelled, Exception? reason) =>
        ThreadPool.UnsafeQueueUserWorkItem(_ =>
        {
            ReadResult result;
            lock (gate) result = Result(isCancelled);
            Wake(result, reason);
        }, null);

    private void Wake(ReadResult result, Exception? reason)
    {
        registration.Unregister();
        (registration, cancellation) = (default, default); // which would keep alive what they belong to
        if (reason is null) source.SetResult(result);
        else source.SetException(reason);
    }

    private ReadResult Result(bool isCancelled) => new(buffer.Bytes, isCancelled, ended && !isCancelled);

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => source.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        source.OnCompleted(continuation, state, token, flags);
}

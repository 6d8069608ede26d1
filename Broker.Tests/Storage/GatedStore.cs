using System.Threading.Channels;
using Broker.Core.Protocol;
using Broker.Core.Storage;

namespace Broker.Tests.Storage;

/// <summary>A durable store whose transactions end when the test says so, over a real one or over memory. While it is open they end at once.</summary>
internal sealed class GatedStore(IBrokerStore? inner = null) : IBrokerStore
{
    private readonly Lock gate = new(), committing = new();
    private readonly Channel<HeldBatch> arrived = Channel.CreateUnbounded<HeldBatch>();
    private readonly List<StoreChange> committed = [];
    private readonly Dictionary<(long Session, long Sequence), StoredEntry> entries = [];
    private HeldBatch? held;
    private bool isOpen = true;
    private volatile bool disposed;

    public bool IsDurable => true;

    /// <summary>What it can never take.</summary>
    public Predicate<StoreChange> Refuses { get; set; } = _ => false;

    /// <summary>Why it deletes no leftovers, or null.</summary>
    public StoreUnavailableException? SweepFails { get; set; }

    /// <summary>What has been committed, in order.</summary>
    public List<StoreChange> Committed
    {
        get
        {
            lock (gate) return [.. committed];
        }
    }

    /// <summary>What has been committed, once this is part of it.</summary>
    public async Task<List<StoreChange>> CommittedAsync(Predicate<StoreChange> awaited)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var now = Committed;
            if (now.Exists(awaited)) return now;
            await Task.Delay(TimeSpan.FromMilliseconds(2), deadline.Token);
        }
    }

    /// <summary>From now on each batch is held until the test commits it.</summary>
    public void Close()
    {
        lock (gate) isOpen = false;
    }

    /// <summary>Lets everything through from now on.</summary>
    public void Open()
    {
        HeldBatch? waiting;
        lock (gate) (isOpen, waiting) = (true, held);
        waiting?.Commit();
    }

    /// <summary>The next batch that is held.</summary>
    public async Task<HeldBatch> NextAsync() => await arrived.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public Task<StoredState> OpenAsync(Action<string> report, CancellationToken cancellation) =>
        inner?.OpenAsync(report, cancellation) ?? Task.FromResult(StoredState.Empty);

    public bool Sweep()
    {
        if (SweepFails is { } failure) throw failure;
        lock (committing) return !disposed && inner is not null && inner.Sweep();
    }

    public IReadOnlyList<StoredEntry> ReadEntries(long session, long from, long upTo, int most, int mostBytes)
    {
        if (inner is not null) return inner.ReadEntries(session, from, upTo, most, mostBytes);
        lock (gate)
        {
            long bytes = 0;
            return [.. entries
                .Where(entry => entry.Key.Session == session && entry.Key.Sequence >= from && entry.Key.Sequence <= upTo)
                .OrderBy(entry => entry.Key.Sequence)
                .Take(most)
                .TakeWhile(entry => (bytes += entry.Value.Message.Size) - entry.Value.Message.Size < mostBytes)
                .Select(entry => entry.Value)];
        }
    }

    public IReadOnlyList<ApplicationMessage?> ReadRetained(IReadOnlyList<long> topics) => inner?.ReadRetained(topics) ?? new ApplicationMessage?[topics.Count];

    public void Dispose()
    {
        lock (committing)
        {
            disposed = true;
            inner?.Dispose();
        }
    }

    public void Commit(StoreBatch batch)
    {
        var mine = new HeldBatch([.. batch.Changes]);
        bool hold;
        lock (gate)
        {
            hold = !isOpen;
            if (hold) held = mine;
        }
        if (hold)
        {
            arrived.Writer.TryWrite(mine);
            mine.Wait();
        }
        lock (committing) Write(batch, mine);
    }

    private void Write(StoreBatch batch, HeldBatch mine)
    {
        if (mine.Changes.Exists(change => Refuses(change))) throw new InvalidDataException("the store can never take this");
        if (disposed) throw new StoreLostException("the process that had the store is gone");
        inner?.Commit(batch);
        lock (gate)
        {
            committed.AddRange(mine.Changes);
            if (inner is not null) return;
            foreach (var change in mine.Changes) Apply(change);
        }
    }

    private void Apply(StoreChange change)
    {
        switch (change)
        {
            case EntryQueued queued:
                entries[(queued.Session, queued.Sequence)] =
                    new StoredEntry(queued.Sequence, queued.Message, queued.QoS, queued.Retain, queued.Identifiers, queued.ShareFilter, IsReleased: false);
                break;
            case EntryReleased released when entries.TryGetValue((released.Session, released.Sequence), out var entry):
                entries[(released.Session, released.Sequence)] = entry with { IsReleased = true };
                break;
            case EntrySettled settled:
                for (long sequence = settled.First; sequence <= settled.Last; sequence++) entries.Remove((settled.Session, sequence));
                break;
        }
    }
}

/// <summary>A transaction that is under way.</summary>
internal sealed class HeldBatch(List<StoreChange> changes)
{
    private readonly TaskCompletionSource outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<StoreChange> Changes => changes;

    public void Commit() => outcome.TrySetResult();

    public void Fail(Exception exception) => outcome.TrySetException(exception);

    public void Wait() => outcome.Task.GetAwaiter().GetResult();
}

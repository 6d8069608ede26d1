using System.Threading.Channels;
using Broker.Core.Storage;

namespace Broker.Tests.Storage;

/// <summary>A durable store whose transactions end when the test says so. While it is open they end at once.</summary>
internal sealed class GatedStore : IBrokerStore
{
    private readonly Lock gate = new();
    private readonly Channel<HeldBatch> arrived = Channel.CreateUnbounded<HeldBatch>();
    private readonly List<StoreChange> committed = [];
    private HeldBatch? held;
    private bool isOpen = true;

    public bool IsDurable => true;

    /// <summary>What has been committed, in order.</summary>
    public List<StoreChange> Committed
    {
        get
        {
            lock (gate) return [.. committed];
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

    public void Commit(IReadOnlyList<StoreChange> batch)
    {
        var mine = new HeldBatch([.. batch]);
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
        lock (gate) committed.AddRange(mine.Changes);
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

namespace Broker.Core.Diagnostics;

/// <summary>
/// What one onlooker has yet to see: a bounded ring that is filled on the broker's threads and emptied at the onlooker's pace. What does not fit is left out and counted, so
/// that nobody waits for an onlooker.
/// </summary>
public class TailRing<T> : IDisposable
{
    private readonly Lock gate = new();
    private readonly Queue<T> ring = new();
    private readonly int most;
    private readonly Action<TailRing<T>> close;
    private long skipped;
    private volatile bool isFull;

    internal TailRing(int most, Action<TailRing<T>> close) => (this.most, this.close) = (most, close);

    /// <summary>Whether there is no room; then what comes is only to be counted.</summary>
    internal bool IsFull => isFull;

    /// <summary>Takes out what has gathered, and how much was left out since the last time.</summary>
    public (IReadOnlyList<T> Items, long Skipped) Take()
    {
        lock (gate)
        {
            T[] items = [.. ring];
            ring.Clear();
            isFull = false;
            return (items, Interlocked.Exchange(ref skipped, 0));
        }
    }

    /// <summary>Nobody looks any more.</summary>
    public void Dispose()
    {
        close(this);
        GC.SuppressFinalize(this);
    }

    internal void Skip() => Interlocked.Increment(ref skipped);

    internal void Add(T item)
    {
        lock (gate)
        {
            if (ring.Count < most)
            {
                ring.Enqueue(item);
                isFull = ring.Count == most;
                return;
            }
        }
        Skip();
    }
}

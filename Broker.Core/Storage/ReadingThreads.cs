namespace Broker.Core.Storage;

/// <summary>
/// Threads for work that blocks: on those of the pool it would keep waiting whoever else needs them, and with them the very answers that it waits for. They start
/// when they are needed, and end when there has been nothing to do for a while.
/// </summary>
/// <param name="most">How many there are at most; what is more waits for its turn.</param>
internal sealed class ReadingThreads(int most)
{
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(10);

    // Its lock holds the other fields too: how many threads there are, and how many of them have nothing to do.
    private readonly Queue<Action> work = new();
    private int threads, idle;

    /// <summary>Does work on one of the threads.</summary>
    /// <returns>What it made, or what it threw. Who awaited it by then goes on there, too.</returns>
    public Task<T> Run<T>(Func<T> read)
    {
        var task = new Task<T>(read);
        lock (work)
        {
            if (idle > work.Count) Monitor.Pulse(work);
            else if (threads < most) Start();
            work.Enqueue(() => task.RunSynchronously(TaskScheduler.Default));
        }
        return task;
    }

    private void Start()
    {
        new Thread(Work) { IsBackground = true, Name = "store-read" }.UnsafeStart();
        threads++;
    }

    private void Work()
    {
        while (Next() is { } action) action();
    }

    private Action? Next()
    {
        lock (work)
        {
            idle++;
            while (work.Count == 0)
            {
                if (Monitor.Wait(work, Linger) || work.Count > 0) continue;
                threads--;
                break;
            }
            idle--;
            return work.TryDequeue(out var next) ? next : null;
        }
    }
}

namespace Broker.Web.Security.Users;

/// <summary>
/// Gathers lookups that arrive together into one query: while one query runs, the next batch gathers. Whoever asks never runs the query itself, nor what follows its
/// answer on the thread of another: both run on the pool.
/// </summary>
/// <typeparam name="T">What is found under a key.</typeparam>
/// <param name="most">Most keys of one query.</param>
/// <param name="query">Finds what there is under the keys; what is missing in its answer does not exist.</param>
internal sealed class Gathering<T>(int most, Func<IReadOnlyCollection<string>, Task<IReadOnlyDictionary<string, T>>> query) : IThreadPoolWorkItem
    where T : class
{
    private readonly Lock gate = new();
    private readonly Queue<(string Key, TaskCompletionSource<T?> Found)> waiting = new();
    private readonly Dictionary<string, TaskCompletionSource<T?>> known = new(StringComparer.Ordinal);
    private bool running;

    /// <summary>How many queries were made.</summary>
    public long Queries { get; private set; }

    /// <summary>What there is under a key, or null, as of a moment after the call.</summary>
    public Task<T?> FindAsync(string key, CancellationToken cancellation)
    {
        TaskCompletionSource<T?> found;
        lock (gate)
        {
            if (known.TryGetValue(key, out var same)) return same.Task.WaitAsync(cancellation);
            found = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);
            known.Add(key, found);
            waiting.Enqueue((key, found));
            if (!running) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            running = true;
        }
        return found.Task.WaitAsync(cancellation);
    }

    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    private async Task RunAsync()
    {
        while (Take() is { Count: > 0 } batch) await AnswerAsync(batch).ConfigureAwait(false);
    }

    private List<(string Key, TaskCompletionSource<T?> Found)> Take()
    {
        var batch = new List<(string, TaskCompletionSource<T?>)>();
        lock (gate)
        {
            while (batch.Count < most && waiting.TryDequeue(out var next))
            {
                known.Remove(next.Key); // who asks from here on may want to know of a change that this query does not see
                batch.Add(next);
            }
            running = batch.Count > 0;
        }
        return batch;
    }

    private async Task AnswerAsync(List<(string Key, TaskCompletionSource<T?> Found)> batch)
    {
        try
        {
            Queries++;
            var found = await query([.. batch.Select(one => one.Key)]).ConfigureAwait(false);
            foreach (var (key, one) in batch) one.TrySetResult(found.GetValueOrDefault(key));
        }
        catch (Exception failure)
        {
            foreach (var (_, one) in batch) one.TrySetException(failure);
        }
    }
}

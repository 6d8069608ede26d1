using Broker.Bench.Clients;

namespace Broker.Bench.Pairs;

/// <summary>Pairs that run until they are stopped, each on a thread of its own.</summary>
internal sealed class PairLoad : IDisposable
{
    private readonly IReadOnlyList<Pair> pairs;
    private readonly Task[] running;

    /// <summary>Lets them run. They are disposed with it.</summary>
    public PairLoad(IReadOnlyList<Pair> pairs)
    {
        this.pairs = pairs;
        running = [.. pairs.Select(pair => Task.Factory.StartNew(pair.Run, TaskCreationOptions.LongRunning))];
    }

    /// <summary>Starts pairs with one topic each.</summary>
    public static PairLoad Start(PairOptions options)
    {
        string name = RunName.Next();
        return Start(options.Pairs, i => new Pair(options, $"{name}-{i}", [$"{name}/{i}"], [$"{name}/{i}"]));
    }

    /// <summary>Makes pairs and starts them.</summary>
    public static PairLoad Start(int count, Func<int, Pair> make)
    {
        var pairs = new List<Pair>();
        try
        {
            for (int i = 0; i < count; i++) pairs.Add(make(i));
            return new PairLoad(pairs);
        }
        catch
        {
            pairs.ForEach(pair => pair.Dispose());
            throw;
        }
    }

    /// <summary>Lets messages flow, and then counts those that come.</summary>
    public Task<Rate> MeasureAsync(TimeSpan warmUp, TimeSpan time, ProcessMeter process) =>
        Rate.MeasureAsync(() => pairs.Sum(pair => pair.Delivered), running, warmUp, time, process);

    /// <summary>Ends it, once all that is on its way has come.</summary>
    /// <returns>How many messages did not come.</returns>
    public async Task<long> StopAsync()
    {
        foreach (var pair in pairs) pair.Stop();
        await Task.WhenAll(running);
        return pairs.Sum(pair => pair.Lost);
    }

    public void Dispose()
    {
        foreach (var pair in pairs) pair.Dispose(); // which ends those that still run
    }
}

using System.Diagnostics;
using Broker.Bench.Clients;

namespace Broker.Bench.Pairs;

/// <summary>What came within a stretch of time.</summary>
/// <param name="Messages">Messages that reached their subscribers.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="CpuSeconds">Processor time of the broker meanwhile; 0 if it is not measured.</param>
internal readonly record struct Rate(long Messages, double Seconds, double CpuSeconds)
{
    public double PerSecond => Math.Round(Messages / Seconds);

    public double PerCpuSecond => CpuSeconds > 0 ? Math.Round(Messages / CpuSeconds) : 0;

    /// <summary>Names and values for a line of results; what is not measured is left out.</summary>
    public IEnumerable<(string Name, object Value)> Fields =>
        CpuSeconds > 0 ? [("deliveredPerSecond", PerSecond), ("deliveredPerCpuSecond", PerCpuSecond)] : [("deliveredPerSecond", PerSecond)];
}

/// <summary>Pairs that run until they are stopped, each on a thread of its own.</summary>
internal sealed class PairLoad : IDisposable
{
    private readonly IReadOnlyList<Pair> pairs;
    private readonly List<Task> running;

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
    public async Task<Rate> MeasureAsync(TimeSpan warmUp, TimeSpan time, ProcessMeter process)
    {
        await FlowAsync(warmUp);
        (long before, double cpu, long began) = (Delivered, process.CpuSeconds, Stopwatch.GetTimestamp());
        await FlowAsync(time);
        return new Rate(Delivered - before, Stopwatch.GetElapsedTime(began).TotalSeconds, process.CpuSeconds - cpu);
    }

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

    private long Delivered => pairs.Sum(pair => pair.Delivered);

    // A pair ends by itself only where it fails.
    private async Task FlowAsync(TimeSpan time) => await await Task.WhenAny([.. running, Task.Delay(time)]);
}

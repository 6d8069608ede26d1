using System.Diagnostics;

namespace Broker.Bench.Clients;

/// <summary>How many came within a stretch of time.</summary>
/// <param name="Count">How many: messages, or connections.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="CpuSeconds">Processor time of the broker meanwhile; 0 if it is not measured.</param>
internal readonly record struct Rate(long Count, double Seconds, double CpuSeconds)
{
    public double PerSecond => Math.Round(Count / Seconds, 1);

    /// <summary>By the broker's processor time; 0 if that is not measured, or too little to be.</summary>
    public double PerCpuSecond => CpuSeconds > 0 ? Math.Round(Count / CpuSeconds, 1) : 0;

    /// <summary>Lets a load run, and then counts what it brings.</summary>
    /// <param name="count">How many there were, up to now.</param>
    /// <param name="load">What makes them. One of these ends only where it fails, and then this does too.</param>
    /// <param name="warmUp">How long it runs uncounted.</param>
    /// <param name="time">How long it is counted.</param>
    /// <param name="process">The broker.</param>
    public static async Task<Rate> MeasureAsync(Func<long> count, Task[] load, TimeSpan warmUp, TimeSpan time, ProcessMeter process)
    {
        await RunAsync(load, warmUp);
        (long before, double cpu, long began) = (count(), process.CpuSeconds, Stopwatch.GetTimestamp());
        await RunAsync(load, time);
        return new Rate(count() - before, Stopwatch.GetElapsedTime(began).TotalSeconds, process.CpuSeconds - cpu);
    }

    /// <summary>Both figures with names for a line of results, such as <c>deliveredPerSecond</c>.</summary>
    /// <param name="what">What the names begin with.</param>
    /// <param name="process">The broker; if it is not measured, only one of the figures is told.</param>
    public IEnumerable<(string Name, object Value)> Fields(string what, ProcessMeter process)
    {
        yield return ($"{what}PerSecond", PerSecond);
        if (process.IsThere) yield return ($"{what}PerCpuSecond", PerCpuSecond);
    }

    private static async Task RunAsync(Task[] load, TimeSpan time) => await await Task.WhenAny([.. load, Task.Delay(time)]);
}

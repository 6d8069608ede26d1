using System.Diagnostics;

namespace Broker.Core.Storage;

/// <summary>How long the last thousand commits took.</summary>
public sealed class CommitTimes
{
    private readonly Lock gate = new();
    private readonly long[] ticks = new long[1_000];
    private long count;

    /// <summary>How many commits there were.</summary>
    public long Count => Volatile.Read(ref count);

    /// <summary>The time that a share of the last commits did not exceed; zero before the first.</summary>
    /// <param name="share">Between 0 and 1, such as 0.99.</param>
    public TimeSpan Percentile(double share)
    {
        long[] sorted;
        lock (gate) sorted = ticks[..(int)Math.Min(count, ticks.Length)];
        if (sorted.Length == 0) return TimeSpan.Zero;
        Array.Sort(sorted);
        return Stopwatch.GetElapsedTime(0, sorted[(int)(share * (sorted.Length - 1))]);
    }

#pragma warning disable CA1822 // beside End, which needs the state
    internal long Begin() => Stopwatch.GetTimestamp();
#pragma warning restore CA1822

    internal void End(long began)
    {
        long took = Stopwatch.GetTimestamp() - began;
        lock (gate) ticks[count++ % ticks.Length] = took;
    }
}

namespace Broker.Core.Storage;

/// <summary>How long the last thousand commits took.</summary>
public sealed class CommitTimes
{
    private readonly Lock gate = new();
    private readonly TimeSpan[] times = new TimeSpan[1_000];
    private long count;

    /// <summary>The time that a share of the last commits did not exceed; zero before the first.</summary>
    /// <param name="share">Between 0 and 1, such as 0.99.</param>
    public TimeSpan Percentile(double share)
    {
        TimeSpan[] sorted;
        lock (gate) sorted = times[..(int)Math.Min(count, times.Length)];
        if (sorted.Length == 0) return TimeSpan.Zero;
        Array.Sort(sorted);
        return sorted[(int)(share * (sorted.Length - 1))];
    }

    /// <summary>Told of each of them.</summary>
    internal Action<TimeSpan> Taken { get; set; } = static _ => { };

    internal void Add(TimeSpan took)
    {
        Taken(took);
        lock (gate) times[count++ % times.Length] = took;
    }
}

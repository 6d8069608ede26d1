namespace Broker.Bench.Clients;

/// <summary>Names of runs, which client identifiers and topics begin with, so that two of them never meet in a broker.</summary>
internal static class RunName
{
    private static int count;

    /// <summary>Another one at each call.</summary>
    public static string Next() => $"load-{Environment.ProcessId}-{Interlocked.Increment(ref count)}";
}

namespace Broker.Web.Security;

/// <summary>Work that is done again and again while the host runs.</summary>
internal static class Rounds
{
    /// <summary>Does it each time a period is over. A round that fails is told of, and the next one comes all the same.</summary>
    /// <param name="period">The time between two rounds.</param>
    /// <param name="time">The clock.</param>
    /// <param name="round">One round.</param>
    /// <param name="failed">Told why one failed.</param>
    /// <param name="stopping">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static async Task RunAsync(TimeSpan period, TimeProvider time, Func<CancellationToken, Task> round, Action<string> failed, CancellationToken stopping)
    {
        using var ticks = new PeriodicTimer(period, time);
        while (await ticks.WaitForNextTickAsync(stopping))
        {
            try
            {
                await round(stopping);
            }
            catch (Exception failure) when (!stopping.IsCancellationRequested)
            {
                failed(failure.Message);
            }
        }
    }
}

namespace Broker.Web.Operations;

/// <summary>Something that is dear to find out: looked up at most every so often, however many ask. Who asks while somebody looks waits for the same look; a failure is theirs too.</summary>
/// <param name="look">Finds it out.</param>
/// <param name="fresh">How long an answer serves.</param>
/// <param name="time">The clock.</param>
internal sealed class Shared<T>(Func<Task<T>> look, TimeSpan fresh, TimeProvider time)
{
    private readonly Lock gate = new();
    private Task<T>? latest;
    private long looked;

    /// <summary>The latest answer, or a new one if that is too old.</summary>
    public Task<T> GetAsync()
    {
        lock (gate)
        {
            if (latest is null || (latest.IsCompleted && time.GetElapsedTime(looked) >= fresh)) (latest, looked) = (Task.Run(look), time.GetTimestamp());
            return latest;
        }
    }
}

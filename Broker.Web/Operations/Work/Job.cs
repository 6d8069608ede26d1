namespace Broker.Web.Operations.Work;

/// <summary>How long work goes.</summary>
public enum JobState
{
    /// <summary>It goes on.</summary>
    Running,

    /// <summary>All of it was done.</summary>
    Done,

    /// <summary>Somebody stopped it; what it did until then stays.</summary>
    Cancelled,

    /// <summary>It could not go on.</summary>
    Failed,
}

/// <summary>Long work at one moment.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Target">To what.</param>
/// <param name="State">How it goes.</param>
/// <param name="Done">How much is done.</param>
/// <param name="Total">About how much there was at its start.</param>
/// <param name="StartedBy">Who asked for it.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended, or null.</param>
/// <param name="Problem">Why it could not go on, or null.</param>
public sealed record JobView(
    string Id, string Kind, string Target, JobState State, long Done, long Total, string StartedBy, DateTime StartedAt, DateTime? EndedAt, string? Problem);

/// <summary>Long work that somebody asked for: it tells how far it is and can be stopped.</summary>
public sealed class Job : IDisposable
{
    private readonly CancellationTokenSource cancelling = new();
    private readonly string kind, target, by;
    private readonly long total;
    private readonly DateTime startedAt;
    private long done;
    private volatile Ended? ended;

    internal Job(string kind, string target, long total, string by, DateTime startedAt) =>
        (this.kind, this.target, this.total, this.by, this.startedAt) = (kind, target, total, by, startedAt);

    /// <summary>Its name.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("N");

    /// <summary>How it goes.</summary>
    public JobView View
    {
        get
        {
            var end = ended;
            return new JobView(Id, kind, target, end?.State ?? JobState.Running, Volatile.Read(ref done), total, by, startedAt, end?.At, end?.Problem);
        }
    }

    /// <summary>Ends when the work has ended, however.</summary>
    public Task Completion { get; internal set; } = Task.CompletedTask;

    /// <summary>Fires when somebody stops it.</summary>
    internal CancellationToken Cancellation => cancelling.Token;

    internal bool IsEnded => ended is not null;

    /// <summary>Asks it to stop.</summary>
    public void Cancel()
    {
        if (!IsEnded) cancelling.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose() => cancelling.Dispose();

    internal void Report(long now) => Volatile.Write(ref done, now);

    internal void End(JobState state, DateTime at, string? problem = null) => ended = new Ended(state, at, problem);

    private sealed record Ended(JobState State, DateTime At, string? Problem);
}

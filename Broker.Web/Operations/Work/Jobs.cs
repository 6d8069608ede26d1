using System.Collections.Concurrent;
using Broker.Web.Security;

namespace Broker.Web.Operations.Work;

/// <summary>The long work of this process: what runs, and what ended lately.</summary>
internal sealed partial class Jobs(TimeProvider time, ILogger<Jobs> log)
{
    private const int MostKept = 200;

    private readonly ConcurrentDictionary<string, Job> jobs = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> order = new();

    /// <summary>All of it, newest first.</summary>
    public IReadOnlyList<JobView> List => [.. jobs.Values.Select(job => job.View).OrderByDescending(job => job.StartedAt).ThenBy(job => job.Id, StringComparer.Ordinal)];

    /// <summary>One of them, or null.</summary>
    public Job? Find(string id) => jobs.GetValueOrDefault(id);

    /// <summary>Begins work.</summary>
    public Job Start(string kind, string target, long total, Actor by, Func<Job, Task> work)
    {
        var job = new Job(kind, target, total, by.Name, time.GetUtcNow().UtcDateTime);
        jobs[job.Id] = job;
        order.Enqueue(job.Id);
        Forget();
        job.Completion = Task.Run(() => RunAsync(job, work));
        return job;
    }

    private async Task RunAsync(Job job, Func<Job, Task> work)
    {
        try
        {
            await work(job);
            job.End(JobState.Done, time.GetUtcNow().UtcDateTime);
        }
        catch (OperationCanceledException)
        {
            job.End(JobState.Cancelled, time.GetUtcNow().UtcDateTime);
        }
        catch (Exception failure)
        {
            LogFailed(failure, job.View.Kind, job.View.Target);
            job.End(JobState.Failed, time.GetUtcNow().UtcDateTime, failure.Message);
        }
    }

    // What runs is never forgotten.
    private void Forget()
    {
        for (int looked = order.Count; looked > 0 && order.Count > MostKept && order.TryDequeue(out string? id); looked--)
        {
            if (jobs.TryGetValue(id, out var job) && !job.IsEnded) order.Enqueue(id);
            else if (jobs.TryRemove(id, out job)) job.Dispose();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The work '{Kind}' on '{Target}' could not go on")]
    private partial void LogFailed(Exception failure, string kind, string target);
}

using Microsoft.Extensions.Logging;

namespace Broker.Core.Storage;

/// <summary>Somebody who waits for a commit: a connection's acknowledgements, or a session with a QoS 2 message to send.</summary>
public interface ICommitObserver
{
    /// <summary>What the ticket stands for is committed. Called by the journal's thread under no lock, in the order of appending.</summary>
    void Committed(long ticket);

    /// <summary>All commits of this batch have been told: what gathered can be sent.</summary>
    void BatchCommitted();
}

/// <summary>Changes that belong together, and who waits for them.</summary>
public sealed class JournalUnit
{
    /// <summary>The changes, all in one transaction.</summary>
    public List<StoreChange> Changes { get; } = [];

    /// <summary>Who waits, with the ticket to be told.</summary>
    public List<(ICommitObserver Observer, long Ticket)> Observers { get; } = [];
}

/// <summary>
/// The one way to the store. Commits are grouped by nature: while one transaction runs, the next batch gathers; there is no timer. It has a thread of its
/// own, and whoever waits is told by that thread after the commit, under no lock.
/// </summary>
public sealed partial class Journal : IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly IBrokerStore store;
    private readonly ILogger logger;
    private readonly Lock gate = new();
    private readonly AutoResetEvent work = new(false);
    private readonly CancellationTokenSource stopping = new();
    private readonly Thread? writer;
    private List<StoreChange> changes = [], writing = [];
    private List<(ICommitObserver Observer, long Ticket)> observers = [], telling = [];

    /// <summary>Starts the journal of a store.</summary>
    public Journal(IBrokerStore store, ILogger<Journal> logger)
    {
        this.store = store;
        this.logger = logger;
        if (!store.IsDurable) return;
        writer = new Thread(Run) { IsBackground = true, Name = "journal" };
        writer.Start();
    }

    /// <summary>Whether changes have to be written at all. If not, nothing is appended, and everything counts as committed at once.</summary>
    public bool IsDurable => writer is not null;

    /// <summary>Appends changes that nobody waits for.</summary>
    public void Append(StoreChange change)
    {
        if (!IsDurable) return;
        lock (gate) changes.Add(change);
        work.Set();
    }

    /// <summary>Appends changes that are committed together, and tells those who wait.</summary>
    public void Append(JournalUnit unit)
    {
        lock (gate)
        {
            changes.AddRange(unit.Changes);
            observers.AddRange(unit.Observers);
        }
        work.Set();
    }

    /// <summary>Appends changes and waits until they are committed.</summary>
    public Task CommitAsync(params ReadOnlySpan<StoreChange> unit)
    {
        if (!IsDurable || unit.IsEmpty) return Task.CompletedTask;
        var waiter = new Waiter();
        lock (gate)
        {
            changes.AddRange(unit);
            observers.Add((waiter, 0));
        }
        work.Set();
        return waiter.Task;
    }

    /// <summary>Writes what has gathered and ends the thread.</summary>
    public void Dispose()
    {
        if (stopping.IsCancellationRequested) return;
        stopping.Cancel();
        work.Set();
        writer?.Join();
        stopping.Dispose(); // the event stays: a connection that ends late may still append, in vain
    }

    private void Run()
    {
        while (true)
        {
            lock (gate)
            {
                (changes, writing) = (writing, changes);
                (observers, telling) = (telling, observers);
            }
            if (writing.Count == 0 && telling.Count == 0)
            {
                if (stopping.IsCancellationRequested) return;
                work.WaitOne();
                continue;
            }
            writing.RemoveAll(change => change.IsElided);
            if (writing.Count > 0 && !TryCommit()) return;
            Tell();
            writing.Clear();
            telling.Clear();
        }
    }

    // What is not committed is not acknowledged: the batch stays until the store takes it.
    private bool TryCommit()
    {
        while (true)
        {
            try
            {
                store.Commit(writing);
                return true;
            }
            catch (Exception exception)
            {
                LogFailed(exception, writing.Count);
                if (stopping.Token.WaitHandle.WaitOne(RetryAfter)) return false;
            }
        }
    }

    private void Tell()
    {
        var told = new HashSet<ICommitObserver>(ReferenceEqualityComparer.Instance);
        foreach (var (observer, ticket) in telling)
        {
            try
            {
                observer.Committed(ticket);
            }
            catch (Exception exception)
            {
                LogUntold(exception);
            }
            told.Add(observer);
        }
        foreach (var observer in told)
        {
            try
            {
                observer.BatchCommitted();
            }
            catch (Exception exception)
            {
                LogUntold(exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The store did not take a batch of {count} changes; nothing of it is acknowledged, and it is tried again")]
    private partial void LogFailed(Exception exception, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "Somebody who waited for a commit failed when it was told")]
    private partial void LogUntold(Exception exception);

    private sealed class Waiter : TaskCompletionSource, ICommitObserver
    {
        public Waiter() : base(TaskCreationOptions.RunContinuationsAsynchronously)
        {
        }

        public void Committed(long ticket) => SetResult();

        public void BatchCommitted()
        {
        }
    }
}

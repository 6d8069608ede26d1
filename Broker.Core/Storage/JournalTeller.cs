using Microsoft.Extensions.Logging;

namespace Broker.Core.Storage;

/// <summary>Tells those who wait that their batch is committed, on a thread of its own: the next transaction runs meanwhile.</summary>
internal sealed partial class JournalTeller : IDisposable
{
    // Not a BlockingCollection: who waits for one spins first, which here happens between any two commits.
    private readonly Lock gate = new();
    private readonly AutoResetEvent work = new(false);
    private readonly Queue<List<JournalUnit>> committed = new();
    private readonly ILogger logger;
    private readonly Thread thread;
    private bool ends;

    public JournalTeller(ILogger logger)
    {
        this.logger = logger;
        thread = new Thread(Run) { IsBackground = true, Name = "journal-tell" };
        thread.Start();
    }

    /// <summary>This batch is committed, or refused where its units say so: its thread tells.</summary>
    public void TellSoon(List<JournalUnit> batch)
    {
        lock (gate) committed.Enqueue(batch);
        work.Set();
    }

    /// <summary>Tells now, and under no lock.</summary>
    public void Tell(List<JournalUnit> batch)
    {
        foreach (var unit in batch)
        {
            foreach (var (observer, ticket) in unit.Observers) Tell(observer, ticket, unit.IsRefused);
        }
        ICommitObserver? last = null;
        foreach (var unit in batch)
        {
            foreach (var (observer, _) in unit.Observers)
            {
                if (observer != last) Flush(observer);
                last = observer;
            }
        }
    }

    /// <summary>Tells what is left, and ends.</summary>
    public void Dispose()
    {
        lock (gate) ends = true;
        work.Set();
        thread.Join();
        work.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            List<JournalUnit>? batch;
            lock (gate)
            {
                if (!committed.TryDequeue(out batch) && ends) return;
            }
            if (batch is null) work.WaitOne();
            else Tell(batch);
        }
    }

    private void Tell(ICommitObserver observer, long ticket, bool refused)
    {
        try
        {
            if (refused) observer.Refused(ticket);
            else observer.Committed(ticket);
        }
        catch (Exception exception)
        {
            LogUntold(exception);
        }
    }

    private void Flush(ICommitObserver observer)
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

    [LoggerMessage(Level = LogLevel.Error, Message = "Somebody who waited for a commit failed when it was told")]
    private partial void LogUntold(Exception exception);
}

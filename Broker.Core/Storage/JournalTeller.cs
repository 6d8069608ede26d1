using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Broker.Core.Storage;

/// <summary>Tells those who wait that their batch is committed, on a thread of its own: the next transaction runs meanwhile.</summary>
internal sealed partial class JournalTeller : IDisposable
{
    private readonly BlockingCollection<List<JournalUnit>> committed = new(new ConcurrentQueue<List<JournalUnit>>());
    private readonly HashSet<ICommitObserver> told = new(ReferenceEqualityComparer.Instance);
    private readonly ILogger logger;
    private readonly Thread thread;

    public JournalTeller(ILogger logger)
    {
        this.logger = logger;
        thread = new Thread(Run) { IsBackground = true, Name = "journal-tell" };
        thread.Start();
    }

    /// <summary>This batch is committed, or refused where its units say so.</summary>
    public void Tell(List<JournalUnit> batch) => committed.Add(batch);

    /// <summary>Tells what is left, and ends.</summary>
    public void Dispose()
    {
        committed.CompleteAdding();
        thread.Join();
        committed.Dispose();
    }

    private void Run()
    {
        foreach (var batch in committed.GetConsumingEnumerable())
        {
            foreach (var unit in batch)
            {
                foreach (var (observer, ticket) in unit.Observers)
                {
                    Tell(observer, ticket, unit.IsRefused);
                    told.Add(observer);
                }
            }
            foreach (var observer in told) Flush(observer);
            told.Clear();
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

using System.Diagnostics;
using Broker.Core.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Broker.Core.Storage;

/// <summary>
/// The one way to the store. Commits are grouped by nature: while one transaction runs, the next batch gathers. It has a thread of its own for the store,
/// and another one that tells those who wait, under no lock, in the order of appending. What its receivers were quicker to acknowledge they tell themselves.
/// </summary>
public sealed partial class Journal : IDisposable
{
    private const int SweepEvery = 16;
    private const long MostHeld = 64 * 1024 * 1024;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    private readonly IBrokerStore store;
    private readonly ILogger logger;
    private readonly long limit;
    private readonly Lock gate = new();
    private readonly JournalLine line;
    private readonly CancellationTokenSource stopping = new();
    private readonly JournalTeller? teller;
    private readonly List<Action> waiters = [];
    private Thread? writer;
    private long heldBytes, committedUnits, lastBatch, lastMessage;
    private volatile string? trouble;
    private volatile bool accepting;
    private bool mayHaveLeftovers = true;

    /// <summary>Makes the journal of a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="pendingBytes">When so many bytes wait for their commit, it does not accept more until half of them are committed.</param>
    /// <param name="logger">Where outages are told.</param>
    public Journal(IBrokerStore store, long pendingBytes, ILogger<Journal> logger)
    {
        this.store = store;
        this.logger = logger;
        limit = pendingBytes;
        line = new JournalLine(pendingBytes);
        IsDurable = store.IsDurable;
        accepting = true;
        if (IsDurable) teller = new JournalTeller(logger);
    }

    /// <summary>Bounds of <see cref="Patience"/>.</summary>
    internal (TimeSpan Least, TimeSpan Most) PatienceBounds
    {
        init => line.PatienceBounds = value;
    }

    /// <summary>How long an acknowledgement is worth waiting for before a message is written.</summary>
    public TimeSpan Patience => line.Patience;

    /// <summary>Whether changes have to be written at all. If not, nothing is appended, and everything counts as committed at once.</summary>
    public bool IsDurable { get; }

    /// <summary>Whether more can be appended now: the store takes what it is given, and not too much waits for it. If not, hold what needs the store.</summary>
    public bool IsAccepting => accepting;

    /// <summary>Why the store is away, or null.</summary>
    public string? Trouble => trouble;

    /// <summary>How long commits took lately.</summary>
    public CommitTimes Times { get; } = new();

    /// <summary>Whether publishers hold many bytes until it accepts again: then each of them may hold little only.</summary>
    public bool HoldsMuch => Interlocked.Read(ref heldBytes) >= MostHeld;

    /// <summary>A publisher holds so many more bytes until it accepts again, or fewer.</summary>
    public void Hold(long bytes) => Interlocked.Add(ref heldBytes, bytes);

    /// <summary>Called when another process has become the owner of the store; nothing is committed any more.</summary>
    public Action<string> Lost { get; set; } = _ => { };

    /// <summary>Begins to write.</summary>
    /// <param name="lastMessageId">The highest message id that the store knows.</param>
    public void Start(long lastMessageId)
    {
        if (!IsDurable) return;
        lastMessage = lastMessageId;
        writer = new Thread(Run) { IsBackground = true, Name = "journal" };
        writer.Start();
    }

    /// <summary>The number of the last unit that is committed; see <see cref="Append(JournalUnit)"/>.</summary>
    public long CommittedUnits => Interlocked.Read(ref committedUnits);

    /// <summary>Appends changes that nobody waits for.</summary>
    /// <returns>The unit's number, or 0 if nothing has to be written.</returns>
    public long Append(StoreChange change)
    {
        if (!IsDurable) return 0;
        var unit = new JournalUnit();
        unit.Changes.Add(change);
        return Append(unit);
    }

    /// <summary>Appends changes that are committed together, and tells those who wait.</summary>
    /// <returns>The unit's number: they are committed in the order of their numbers.</returns>
    public long Append(JournalUnit unit)
    {
        long number = line.Append(unit);
        if (line.Bytes < limit) return number;
        lock (gate)
        {
            if (line.Bytes >= limit) accepting = false;
        }
        return number;
    }

    /// <summary>Under no lock: of these units nothing is left to be written, as all who got the messages have acknowledged them. Who waits is told at once.</summary>
    internal void TellElided(List<JournalUnit> units)
    {
        units.RemoveAll(static unit => !unit.TryClaim());
        teller!.Tell(units);
        foreach (var unit in units) unit.Clear();
    }

    /// <summary>Appends changes and waits until they are committed.</summary>
    /// <exception cref="StoreUnavailableException">The store can never take them.</exception>
    public Task CommitAsync(params ReadOnlySpan<StoreChange> changes)
    {
        if (!IsDurable || changes.IsEmpty) return Task.CompletedTask;
        var unit = new JournalUnit();
        unit.Changes.AddRange(changes);
        return CommitAsync(unit);
    }

    /// <summary>Appends changes that are committed together, and waits until they are.</summary>
    /// <exception cref="StoreUnavailableException">The store can never take them.</exception>
    public Task CommitAsync(JournalUnit unit)
    {
        if (!IsDurable) return Task.CompletedTask;
        var waiter = new Waiter();
        unit.Observers.Add((waiter, 0));
        Append(unit);
        return waiter.Task;
    }

    /// <summary>Waits until all that has been appended is committed.</summary>
    public Task FlushAsync()
    {
        if (!IsDurable) return Task.CompletedTask;
        var waiter = new Waiter();
        TellWhenCommitted(waiter, 0);
        return waiter.Task;
    }

    /// <summary>Tells an observer when all that has been appended is committed.</summary>
    public void TellWhenCommitted(ICommitObserver observer, long ticket)
    {
        var unit = new JournalUnit();
        unit.Observers.Add((observer, ticket));
        Append(unit);
    }

    /// <summary>Calls back once, when it accepts again; at once if it does. Not under a lock, and from another thread.</summary>
    public void WhenAccepting(Action callback)
    {
        lock (gate)
        {
            if (!accepting)
            {
                waiters.Add(callback);
                return;
            }
        }
        callback();
    }

    /// <summary>Writes what has gathered, tells who waits, and ends.</summary>
    public void Dispose()
    {
        if (stopping.IsCancellationRequested) return;
        stopping.Cancel();
        line.Wake();
        writer?.Join();
        teller?.Dispose();
        stopping.Dispose(); // the line stays: a connection that ends late may still append, in vain
    }

    private void Run()
    {
        try
        {
            for (int round = 1; ; round++)
            {
                bool isEnding = stopping.IsCancellationRequested;
                var batch = line.Take(all: isEnding);
                if (batch.Count > 0)
                {
                    Write(batch);
                    if (round % SweepEvery == 0) Sweep();
                    continue;
                }
                Release();
                if (isEnding) return;
                if (mayHaveLeftovers) Sweep();
                else line.Rest();
            }
        }
        catch (StoreLostException lost)
        {
            trouble = lost.Message;
            accepting = false;
            LogLost(lost.Message);
            Lost(lost.Message);
        }
        catch (OperationCanceledException)
        {
            // The store was away when the journal was asked to end: what it did not commit, it did not acknowledge either.
        }
    }

    private void Release()
    {
        Volatile.Write(ref committedUnits, line.Taken);
        line.Release();
        if (!accepting) Accept();
    }

    private void Write(List<JournalUnit> batch)
    {
        foreach (var unit in batch) Cut(unit);
        Commit(batch);
        foreach (var unit in batch)
        {
            foreach (var change in unit.Changes)
            {
                if (change is EntryQueued entry) entry.MarkCommitted();
                else if (change is RetainedStored retained) retained.Message.IsStored = true;
                else if (change is SessionDiscarded) mayHaveLeftovers = true;
            }
        }
        Release(); // before anybody is told, who may ask what is committed
        Failpoints.Reached(Failpoint.AfterCommit);
        teller!.TellSoon(batch);
    }

    // What was acknowledged already is left out; a message that several entries of the unit hold gets an id.
    private void Cut(JournalUnit unit)
    {
        unit.Changes.RemoveAll(static change => change is EntryQueued entry && !entry.TryCut());
        EntryQueued? first = null;
        foreach (var change in unit.Changes)
        {
            if (change is not EntryQueued entry) continue;
            if (first is null || first.Message != entry.Message)
            {
                first = entry;
                continue;
            }
            if (first.MessageId == 0) first.MessageId = ++lastMessage;
            entry.MessageId = first.MessageId;
        }
    }

    // What is not committed is not acknowledged: the batch stays until the store takes it. Where the store can never take a part, only that part is refused.
    private void Commit(List<JournalUnit> units)
    {
        var changes = new List<StoreChange>(units.Sum(static unit => unit.Changes.Count));
        foreach (var unit in units) changes.AddRange(unit.Changes);
        if (changes.Count == 0) return;
        var batch = new StoreBatch(++lastBatch, changes);
        while (true)
        {
            try
            {
                Failpoints.Reached(Failpoint.BeforeCommit);
                long began = Stopwatch.GetTimestamp();
                store.Commit(batch);
                Committed(Stopwatch.GetElapsedTime(began));
                Recovered();
                return;
            }
            catch (StoreUnavailableException away)
            {
                Wait(away);
            }
            catch (StoreLostException)
            {
                throw;
            }
            catch (Exception exception)
            {
                if (units.Count > 1)
                {
                    Commit(units[..(units.Count / 2)]);
                    Commit(units[(units.Count / 2)..]);
                    return;
                }
                LogRefused(exception, changes.Count, changes[0]);
                units[0].IsRefused = true;
                return;
            }
        }
    }

    private void Committed(TimeSpan took)
    {
        Times.Add(took);
        line.Committed(took);
    }

    private void Sweep()
    {
        if (!mayHaveLeftovers) return;
        try
        {
            Failpoints.Reached(Failpoint.Sweep);
            mayHaveLeftovers = store.Sweep();
            Recovered();
        }
        catch (StoreUnavailableException away)
        {
            Wait(away);
        }
        catch (Exception exception) when (exception is not StoreLostException)
        {
            LogUnswept(exception);
            mayHaveLeftovers = false; // until a session is discarded again, or the next start
        }
    }

    private void Wait(StoreUnavailableException away)
    {
        if (trouble is null) LogAway(away, away.Message);
        trouble = away.Message;
        lock (gate) accepting = false;
        if (stopping.Token.WaitHandle.WaitOne(RetryAfter)) throw new OperationCanceledException();
    }

    private void Recovered()
    {
        if (trouble is null) return;
        trouble = null;
        LogBack();
        Accept();
    }

    private void Accept()
    {
        Action[] ready;
        lock (gate)
        {
            if (accepting || trouble is not null || line.Bytes > limit / 2) return;
            accepting = true;
            ready = [.. waiters];
            waiters.Clear();
        }
        foreach (var callback in ready) ThreadPool.UnsafeQueueUserWorkItem(static callback => callback(), callback, preferLocal: false);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The store is away: {why} Nothing that needs it is acknowledged until it is back; it is tried again twice a second")]
    private partial void LogAway(Exception exception, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store is back; what waited is being committed")]
    private partial void LogBack();

    [LoggerMessage(Level = LogLevel.Critical, Message = "This process is not the owner of its store any more: {why}")]
    private partial void LogLost(string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "What discarded sessions left behind could not be deleted; it stays for now and does no harm")]
    private partial void LogUnswept(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store refused a unit of {count} changes for ever, the first of which is {first}; who waits for it is disconnected")]
    private partial void LogRefused(Exception exception, int count, StoreChange first);

    private sealed class Waiter : TaskCompletionSource, ICommitObserver
    {
        public Waiter() : base(TaskCreationOptions.RunContinuationsAsynchronously)
        {
        }

        public void Committed(long ticket) => SetResult();

        public void Refused(long ticket) => SetException(new StoreUnavailableException("The store can never take this change; the log says why."));

        public void BatchCommitted()
        {
        }
    }
}

namespace Broker.Core.Sessions;

/// <summary>
/// Wakes sessions without connection when their will or their expiry is due. It measures by the monotonic clock, in milliseconds, with one timer. Entries that
/// an earlier deadline or the session's end has outdated stay in the queue until they are many: then it is cleared of them.
/// </summary>
internal sealed class SessionClock : IDisposable
{
    private const int FewOutdated = 64;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    private readonly Lock gate = new();
    private readonly PriorityQueue<Session, long> queue = new();
    private readonly TimeProvider time;
    private readonly Action<Session> due;
    private readonly ITimer timer;
    private int outdated;

    /// <param name="time">The time.</param>
    /// <param name="due">Called under no lock for a session whose moment has come, or had been thought to come.</param>
    public SessionClock(TimeProvider time, Action<Session> due)
    {
        this.time = time;
        this.due = due;
        timer = time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The monotonic time in milliseconds.</summary>
    public long Now => (long)time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>How many entries the queue holds.</summary>
    public int Count
    {
        get { lock (gate) return queue.Count; }
    }

    /// <summary>Looks at a session when its earliest deadline has come.</summary>
    public void Schedule(Session session)
    {
        var deadlines = session.Deadlines;
        long at = Math.Min(deadlines.Will, deadlines.Expiry);
        lock (gate)
        {
            if (deadlines.Scheduled <= at) return;
            bool waits = deadlines.Scheduled != SessionDeadlines.Never;
            deadlines.Scheduled = at;
            if (waits) Outdate();
            queue.Enqueue(session, at);
            if (queue.TryPeek(out _, out long first) && first == at) Arm(at); // not by the session: an outdated entry of it may stand first
        }
    }

    /// <summary>A session has ended: it is not looked at any more, and not held on to until a deadline that may be weeks away.</summary>
    public void Forget(Session session)
    {
        lock (gate)
        {
            if (session.Deadlines.Scheduled == SessionDeadlines.Never) return;
            session.Deadlines.Scheduled = SessionDeadlines.Never;
            Outdate();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    private void Fire()
    {
        var ready = new List<Session>();
        lock (gate)
        {
            long now = Now;
            while (queue.TryPeek(out var session, out long at))
            {
                if (at > now)
                {
                    Arm(at);
                    break;
                }
                queue.Dequeue();
                if (session.Deadlines.Scheduled != at)
                {
                    outdated--;
                    continue;
                }
                session.Deadlines.Scheduled = SessionDeadlines.Never;
                ready.Add(session);
            }
        }
        foreach (var session in ready) due(session);
    }

    // Under the lock: one more entry stands for nothing.
    private void Outdate()
    {
        if (++outdated < FewOutdated || outdated * 2 < queue.Count) return;
        var valid = queue.UnorderedItems.Where(entry => entry.Element.Deadlines.Scheduled == entry.Priority).DistinctBy(entry => entry.Element).ToArray();
        queue.Clear();
        queue.EnqueueRange(valid);
        outdated = 0;
    }

    // Never early: a timer may fire within the millisecond before.
    private void Arm(long at)
    {
        var wait = TimeSpan.FromMilliseconds(Math.Max(1, at - Now + 1));
        timer.Change(wait < Longest ? wait : Longest, Timeout.InfiniteTimeSpan);
    }
}

namespace Broker.Core.Sessions;

/// <summary>
/// Wakes sessions without connection when their will or their expiry is due. It measures by the monotonic clock, in milliseconds, with one timer; a session
/// lies in its queue once, however often it comes and goes.
/// </summary>
internal sealed class SessionClock : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    private readonly Lock gate = new();
    private readonly PriorityQueue<Session, long> queue = new();
    private readonly TimeProvider time;
    private readonly Action<Session> due;
    private readonly ITimer timer;

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

    /// <summary>Looks at a session when its earliest deadline has come.</summary>
    public void Schedule(Session session)
    {
        var deadlines = session.Deadlines;
        long at = Math.Min(deadlines.Will, deadlines.Expiry);
        lock (gate)
        {
            if (deadlines.Scheduled <= at) return;
            deadlines.Scheduled = at;
            queue.Enqueue(session, at);
            if (queue.TryPeek(out _, out long first) && first == at) Arm(at); // an earlier one has armed the timer already
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
                if (session.Deadlines.Scheduled != at) continue;
                session.Deadlines.Scheduled = SessionDeadlines.Never;
                ready.Add(session);
            }
        }
        foreach (var session in ready) due(session);
    }

    // Never early: a timer may fire within the millisecond before.
    private void Arm(long at)
    {
        var wait = TimeSpan.FromMilliseconds(Math.Max(1, at - Now + 1));
        timer.Change(wait < Longest ? wait : Longest, Timeout.InfiniteTimeSpan);
    }
}

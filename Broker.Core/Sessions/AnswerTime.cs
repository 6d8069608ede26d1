using System.Diagnostics;

namespace Broker.Core.Sessions;

/// <summary>How long a client takes to acknowledge what it is sent; of one message at a time, so that most cost no look at a clock. Belongs to its session's lock.</summary>
internal sealed class AnswerTime
{
    private long sequence, sentAt, sentNow;
    private TimeSpan? usual;

    /// <summary>A message was sent.</summary>
    /// <param name="sequence">Its place in the queue.</param>
    /// <param name="first">The place of the first one that is not acknowledged.</param>
    /// <param name="now">The time in milliseconds.</param>
    public void Sent(long sequence, long first, long now)
    {
        if (this.sequence >= first) return;
        (this.sequence, sentAt, sentNow) = (sequence, Stopwatch.GetTimestamp(), now);
    }

    /// <summary>A message was acknowledged.</summary>
    public void Acknowledged(long sequence)
    {
        if (this.sequence != sequence) return;
        var took = Stopwatch.GetElapsedTime(sentAt);
        usual = usual is { } before ? before + (took - before) / 4 : took;
        this.sequence = 0;
    }

    /// <summary>Whether acknowledgements usually come within a time, and none has been due for longer.</summary>
    public bool AreWithin(TimeSpan time, long now) => usual <= time && (sequence == 0 || now - sentNow <= time.TotalMilliseconds);
}

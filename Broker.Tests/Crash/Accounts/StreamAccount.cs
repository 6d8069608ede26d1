namespace Broker.Tests.Crash.Accounts;

/// <summary>What became of a stream's messages at the publisher's side. What was checked and is done is forgotten, all but its number.</summary>
internal sealed class StreamAccount(StreamRole role)
{
    private readonly List<bool> acknowledged = [];

    /// <summary>The stream.</summary>
    public StreamRole Role => role;

    /// <summary>Everything up to this number is done.</summary>
    public long Settled { get; private set; }

    /// <summary>The highest number that was sent, or was about to be.</summary>
    public long Sent => Settled + acknowledged.Count;

    /// <summary>Everything up to this number was acknowledged.</summary>
    public long AcknowledgedUpTo { get; private set; }

    /// <summary>The highest number that was acknowledged.</summary>
    public long LastAcknowledged { get; private set; }

    public bool IsAcknowledged(long number) => number <= Settled || (number <= Sent && acknowledged[(int)(number - Settled - 1)]);

    public void Send(long number)
    {
        if (number != Sent + 1) throw new InvalidDataException($"{role.Topic}: {number} was sent after {Sent}");
        acknowledged.Add(false);
    }

    public void Acknowledge(long number)
    {
        if (number <= Settled) return;
        acknowledged[(int)(number - Settled - 1)] = true;
        LastAcknowledged = Math.Max(LastAcknowledged, number);
        while (AcknowledgedUpTo < Sent && IsAcknowledged(AcknowledgedUpTo + 1)) AcknowledgedUpTo++;
    }

    public void Settle(long number)
    {
        if (number > Sent)
        {
            acknowledged.Clear();
        }
        else
        {
            acknowledged.RemoveRange(0, (int)Math.Max(0, number - Settled));
        }
        Settled = Math.Max(Settled, number);
        AcknowledgedUpTo = Math.Max(AcknowledgedUpTo, Settled);
        LastAcknowledged = Math.Max(LastAcknowledged, Settled);
    }
}

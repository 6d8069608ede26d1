namespace Broker.Tests.Crash.Accounts;

/// <summary>What one receiver, or a share group as a whole, got of one stream, and what is owed to it.</summary>
internal sealed class Attention(StreamAccount stream)
{
    private readonly List<byte> got = [];
    private readonly List<(long From, long To)> owed = [];
    private long highest;
    private long ghostsUpTo;
    private long silentFrom = long.MaxValue;

    public StreamAccount Stream => stream;

    /// <summary>The QoS with which a message came first, or 0.</summary>
    public int FirstQoS(long number) => got.ElementAtOrDefault((int)(number - stream.Settled - 1));

    /// <summary>A message came. Gives back what is wrong with that, or null.</summary>
    public (Fault Fault, string Why)? Deliver(long number, int qos, bool isShared)
    {
        if (number > stream.Sent) return (Fault.Altered, "it was never sent");
        if (number <= ghostsUpTo) return (Fault.Altered, "it was acknowledged before this session began");
        if (number >= silentFrom) return (Fault.Altered, "it was sent after UNSUBACK and before SUBSCRIBE");
        bool isExactlyOnce = qos == 2 && (int)stream.Role.QoS == 2;
        int first = number <= stream.Settled ? qos : FirstQoS(number);
        if (first > 0) return isExactlyOnce && first == 2 ? (Fault.Duplicated, "it came before") : null;
        int index = (int)(number - stream.Settled - 1);
        while (got.Count <= index) got.Add(0);
        got[index] = (byte)qos;
        bool isLate = number < highest;
        highest = Math.Max(highest, number);
        // What is not owed may come late: sent before SUBACK, lost in the crash, and sent again.
        return isLate && !isShared && owed.Exists(part => part.From <= number && number <= part.To) ? (Fault.OutOfOrder, $"{highest} came before it") : null;
    }

    /// <summary>SUBSCRIBE is about to be sent: anything may come from now on.</summary>
    public void Open() => silentFrom = long.MaxValue;

    /// <summary>SUBACK came: what is sent from now on is owed.</summary>
    public void Owe()
    {
        if (owed.Count == 0 || owed[^1].To != long.MaxValue) owed.Add((stream.Sent + 1, long.MaxValue));
    }

    /// <summary>UNSUBSCRIBE is about to be sent: what was not acknowledged yet is owed no more.</summary>
    public void Close()
    {
        if (owed.Count > 0 && owed[^1].To == long.MaxValue) owed[^1] = (owed[^1].From, stream.AcknowledgedUpTo);
    }

    /// <summary>UNSUBACK came: nothing that is sent from now on may come.</summary>
    public void Silence() => silentFrom = stream.Sent + 1;

    /// <summary>The session is about to be discarded: nothing is owed, and what the old one had may not come.</summary>
    public void Discard()
    {
        owed.Clear();
        ghostsUpTo = stream.AcknowledgedUpTo;
    }

    /// <summary>What was acknowledged, is owed and did not come.</summary>
    public IEnumerable<long> Missing()
    {
        foreach (var (from, to) in owed)
        {
            for (long number = Math.Max(from, stream.Settled + 1); number <= Math.Min(to, stream.Sent); number++)
                if (stream.IsAcknowledged(number) && FirstQoS(number) == 0) yield return number;
        }
    }

    /// <summary>Forgets what is done; to be told before the stream is.</summary>
    public void Settle(long number)
    {
        got.RemoveRange(0, (int)Math.Min(got.Count, Math.Max(0, number - stream.Settled)));
        owed.RemoveAll(part => part.To <= number);
        highest = Math.Max(highest, number);
    }
}

namespace Broker.Core.Diagnostics;

/// <summary>
/// How many messages of one client were dropped since somebody last looked, by reason. A drop costs an addition: a storm of them becomes one event with a
/// count.
/// </summary>
public sealed class DropTally(string clientIdentifier)
{
    private static readonly DropReason[] Reasons = Enum.GetValues<DropReason>();

    private readonly long[] counts = new long[Reasons.Length];
    private int told;

    /// <summary>Whose messages.</summary>
    public string ClientIdentifier => clientIdentifier;

    /// <summary>One more was dropped; tells of this tally unless somebody watches it already.</summary>
    public void Add(DropReason reason, IClientEvents events)
    {
        Interlocked.Increment(ref counts[(int)reason]);
        if (Volatile.Read(ref told) == 0 && Interlocked.Exchange(ref told, 1) == 0) events.Dropped(this);
    }

    /// <summary>What was dropped since the last call.</summary>
    public IReadOnlyList<(DropReason Reason, long Count)> Take()
    {
        List<(DropReason, long)>? taken = null;
        foreach (var reason in Reasons)
            if (Interlocked.Exchange(ref counts[(int)reason], 0) is var count and > 0) (taken ??= []).Add((reason, count));
        return taken ?? [];
    }

    /// <summary>Nobody watches it any more: it is told at the next drop, or now if one has just come.</summary>
    public void Release(IClientEvents events)
    {
        Interlocked.Exchange(ref told, 0);
        if (counts.Any(count => count > 0) && Interlocked.Exchange(ref told, 1) == 0) events.Dropped(this);
    }
}

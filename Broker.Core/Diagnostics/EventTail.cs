namespace Broker.Core.Diagnostics;

/// <summary>Lets onlookers see what happens to clients, and passes it on to whoever writes it down.</summary>
public sealed class EventTail : IClientEvents
{
    private const int MostWaiting = 1_000;

    private readonly IClientEvents next;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private volatile TailRing<(DateTimeOffset At, ClientEvent Happened)>[]? rings;

    internal EventTail(IClientEvents next, TimeProvider time) => (this.next, this.time) = (next, time);

    /// <summary>Begins to look.</summary>
    public TailRing<(DateTimeOffset At, ClientEvent Happened)> Watch()
    {
        var ring = new TailRing<(DateTimeOffset, ClientEvent)>(MostWaiting, Close);
        lock (gate) rings = [.. rings ?? [], ring];
        return ring;
    }

    /// <inheritdoc/>
    public void Tell(ClientEvent happened)
    {
        next.Tell(happened);
        foreach (var ring in rings ?? []) ring.Add((time.GetUtcNow(), happened));
    }

    /// <inheritdoc/>
    public void Dropped(DropTally tally) => next.Dropped(tally);

    private void Close(TailRing<(DateTimeOffset At, ClientEvent Happened)> ring)
    {
        lock (gate) rings = Array.FindAll(rings ?? [], other => other != ring) is { Length: > 0 } left ? left : null;
    }
}

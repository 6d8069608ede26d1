using System.Runtime.InteropServices;

namespace Broker.Core.Storage;

/// <summary>Somebody who waits for a commit: a connection's acknowledgements, or a session with a QoS 2 message to send.</summary>
public interface ICommitObserver
{
    /// <summary>What the ticket stands for is committed, or nothing of it is left to be written. Called under no lock, from any thread.</summary>
    void Committed(long ticket);

    /// <summary>The store can never take what the ticket stands for. Called as <see cref="Committed"/> is.</summary>
    void Refused(long ticket);

    /// <summary>All that could be told at once has been told: what gathered can be sent. May be called when nothing has gathered.</summary>
    void BatchCommitted();
}

/// <summary>Changes that belong together, and who waits for them.</summary>
public sealed class JournalUnit
{
    // The changes that were not elided.
    private int left;
    private int claimed;

    /// <summary>The changes, all in one transaction.</summary>
    public List<StoreChange> Changes { get; } = new(1);

    /// <summary>Who waits, with the ticket to be told.</summary>
    public List<(ICommitObserver Observer, long Ticket)> Observers { get; } = new(1);

    /// <summary>The bytes and changes that it counts for while it is pending; set when it is appended.</summary>
    internal (long Bytes, int Changes) Size { get; private set; }

    /// <summary>
    /// Whether it is worth its while to write it a little later: nobody waits for it, or those who got its messages are likely to acknowledge them before
    /// they would be written. Set when it is appended.
    /// </summary>
    internal bool CanWait { get; private set; }

    /// <summary>Whether the store has refused it for ever.</summary>
    internal bool IsRefused { get; set; }

    /// <summary>Whether every message in it was acknowledged before it was written, and nothing is left to be written.</summary>
    internal bool IsElided => Volatile.Read(ref left) == 0;

    /// <summary>It is appended. With the last of its entries it may be told and cleared by another thread.</summary>
    internal void Measure()
    {
        var changes = CollectionsMarshal.AsSpan(Changes);
        long size = 100;
        bool isAwaited = changes.Length > 0, isSettled = changes.Length > 0 && Observers.Count == 0;
        foreach (var change in changes)
        {
            size += change.Size;
            isSettled &= change is EntrySettled;
            isAwaited &= change is EntryQueued { IsAwaited: true };
        }
        Size = (size, changes.Length);
        CanWait = isAwaited || isSettled;
        Volatile.Write(ref left, Math.Max(1, changes.Length)); // one that only observes has to wait for its turn
        foreach (var change in changes) (change as EntryQueued)?.Join(this);
    }

    /// <summary>One of its messages need not be written.</summary>
    internal void Elide() => Interlocked.Decrement(ref left);

    /// <summary>Whoever claims it tells those who wait: the journal with its commit, or whoever finds that nothing is left to be written.</summary>
    /// <returns>False if it was claimed before.</returns>
    internal bool TryClaim() => Interlocked.Exchange(ref claimed, 1) == 0;

    /// <summary>Whether it was claimed.</summary>
    internal bool IsClaimed => Volatile.Read(ref claimed) == 1;

    /// <summary>All who waited were told: it keeps nothing any more, however long the journal has it in its line.</summary>
    internal void Clear()
    {
        Changes.Clear();
        Observers.Clear();
    }
}

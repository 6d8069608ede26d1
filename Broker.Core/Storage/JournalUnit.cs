namespace Broker.Core.Storage;

/// <summary>Somebody who waits for a commit: a connection's acknowledgements, or a session with a QoS 2 message to send.</summary>
public interface ICommitObserver
{
    /// <summary>What the ticket stands for is committed. Called by one thread of the journal's under no lock, in the order of appending.</summary>
    void Committed(long ticket);

    /// <summary>The store can never take what the ticket stands for. Called as <see cref="Committed"/> is.</summary>
    void Refused(long ticket);

    /// <summary>All commits of this batch have been told: what gathered can be sent.</summary>
    void BatchCommitted();
}

/// <summary>Changes that belong together, and who waits for them.</summary>
public sealed class JournalUnit
{
    /// <summary>The changes, all in one transaction.</summary>
    public List<StoreChange> Changes { get; } = [];

    /// <summary>Who waits, with the ticket to be told.</summary>
    public List<(ICommitObserver Observer, long Ticket)> Observers { get; } = [];

    /// <summary>The bytes that it counts for while it is pending; set when it is appended.</summary>
    internal long Size { get; set; }

    /// <summary>Whether the store has refused it for ever.</summary>
    internal bool IsRefused { get; set; }

    internal void Measure()
    {
        long size = 100;
        foreach (var change in Changes) size += change.Size;
        Size = size;
    }
}

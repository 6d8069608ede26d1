namespace Broker.Core.Storage;

/// <summary>Where sessions, queues, retained messages and wills are kept.</summary>
public interface IBrokerStore
{
    /// <summary>Whether what was committed outlives the process. If not, nothing is written and everything counts as committed at once.</summary>
    bool IsDurable { get; }

    /// <summary>
    /// Writes a batch in one transaction and returns once it is committed. Called by the journal's thread only, one batch after the other. An exception
    /// means that nothing of it is committed, and the batch is tried again.
    /// </summary>
    void Commit(IReadOnlyList<StoreChange> batch);
}

/// <summary>Keeps everything in the memory of the process: for tests, and for those who want no persistence.</summary>
public sealed class InMemoryStore : IBrokerStore
{
    /// <inheritdoc/>
    public bool IsDurable => false;

    /// <inheritdoc/>
    public void Commit(IReadOnlyList<StoreChange> batch)
    {
    }
}

using Broker.Core.Protocol;

namespace Broker.Core.Storage;

/// <summary>Keeps everything in the memory of the process: for tests, and for those who want no persistence.</summary>
public sealed class InMemoryStore : IBrokerStore
{
    /// <inheritdoc/>
    public bool IsDurable => false;

    /// <inheritdoc/>
    public Task<StoredState> OpenAsync(Action<string> report, CancellationToken cancellation) => Task.FromResult(StoredState.Empty);

    /// <inheritdoc/>
    public void Commit(StoreBatch batch)
    {
    }

    /// <inheritdoc/>
    public bool Sweep() => false;

    /// <inheritdoc/>
    public IReadOnlyList<StoredEntry> ReadEntries(long session, long from, long upTo, int most, int mostBytes) => [];

    /// <inheritdoc/>
    public IReadOnlyList<ApplicationMessage?> ReadRetained(IReadOnlyList<long> topics) => new ApplicationMessage?[topics.Count];

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}

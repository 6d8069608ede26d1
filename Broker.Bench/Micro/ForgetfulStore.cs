using Broker.Core.Protocol;
using Broker.Core.Storage;

namespace Broker.Bench.Micro;

/// <summary>A store that says it is durable, takes everything at once and keeps nothing: what is left is what the broker itself does.</summary>
internal sealed class ForgetfulStore : IBrokerStore
{
    public bool IsDurable => true;

    public Task<StoredState> OpenAsync(Action<string> report, CancellationToken cancellation) => Task.FromResult(StoredState.Empty);

    public void Commit(StoreBatch batch)
    {
    }

    public bool Sweep() => false;

    public IReadOnlyList<StoredEntry> ReadEntries(long session, long from, long upTo, int most, int mostBytes) => [];

    public IReadOnlyList<ApplicationMessage?> ReadRetained(IReadOnlyList<long> topics) => new ApplicationMessage?[topics.Count];

    public void Dispose()
    {
    }
}

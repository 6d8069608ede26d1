using Broker.Web.Persistence.History;

namespace Broker.Web.Operations;

/// <summary>Reads the history, if one is kept.</summary>
internal sealed class HistoryReader(HistoryStore? store)
{
    /// <summary>Whether one is kept.</summary>
    public bool IsKept => store is not null;

    /// <summary>Runs a query; gives back <paramref name="nothing"/> where no history is kept.</summary>
    /// <exception cref="UnavailableException">The database is away.</exception>
    public Task<T> ReadAsync<T>(Func<HistoryDbContext, Task<T>> query, T nothing) =>
        store is null ? Task.FromResult(nothing) : StoreFailures.ReadAsync(() => store.UseAsync(query));
}

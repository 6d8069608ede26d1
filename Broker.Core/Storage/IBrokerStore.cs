using Broker.Core.Protocol;

namespace Broker.Core.Storage;

/// <summary>Where sessions, queues, retained messages and wills are kept. Only one process owns a store at a time.</summary>
public interface IBrokerStore : IDisposable
{
    /// <summary>Whether what was committed outlives the process. If not, nothing is written and everything counts as committed at once.</summary>
    bool IsDurable { get; }

    /// <summary>
    /// Becomes the owner of the store, brings its schema up to date and reads what it holds. While another process owns it, this waits: a standby. While the
    /// store cannot be reached, it tries again.
    /// </summary>
    /// <param name="report">Told why it is not done yet, in words for an operator.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="StoreRefusedException">The store can never be used as it is: damaged, of a newer version, a wrong password. Nothing was changed.</exception>
    Task<StoredState> OpenAsync(Action<string> report, CancellationToken cancellation);

    /// <summary>
    /// Writes a batch in one transaction and returns once it is committed. Called by the journal's thread only, one batch after the other.
    /// </summary>
    /// <remarks>
    /// After a <see cref="StoreUnavailableException"/> the same batch, unchanged and with the same number, is given again until it is taken; if it had been
    /// committed although its outcome was never heard, the store knows the number and does nothing. Any other exception says that this batch holds what the
    /// store cannot take, and that nothing of it is committed; then its units come again in smaller batches with higher numbers.
    /// </remarks>
    /// <exception cref="StoreUnavailableException">The store is away: the connection, the disk, a lock.</exception>
    /// <exception cref="StoreLostException">Another process owns the store now.</exception>
    void Commit(StoreBatch batch);

    /// <summary>
    /// Deletes some of what discarded sessions left behind, in one small transaction. Called by the journal's thread only, between batches.
    /// </summary>
    /// <returns>Whether there may be more.</returns>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    bool Sweep();

    /// <summary>Reads committed entries of a session in the order of their sequence. From any thread, while batches are committed.</summary>
    /// <param name="session">The session's key.</param>
    /// <param name="from">The lowest sequence.</param>
    /// <param name="upTo">The highest sequence.</param>
    /// <param name="most">At most so many entries.</param>
    /// <param name="mostBytes">It ends after the entry with which the messages read have so many bytes.</param>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    IReadOnlyList<StoredEntry> ReadEntries(long session, long from, long upTo, int most, int mostBytes);

    /// <summary>Reads retained messages with their payloads, by the broker's numbers of their topics; null for one that is not there. From any thread.</summary>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    IReadOnlyList<ApplicationMessage?> ReadRetained(IReadOnlyList<long> topics);
}

/// <summary>Units that are committed together.</summary>
/// <param name="Number">Rises with each batch of this process, and is the same when a batch is tried again.</param>
/// <param name="Changes">The changes in their order.</param>
public sealed record StoreBatch(long Number, IReadOnlyList<StoreChange> Changes);

/// <summary>The store is away: what was asked of it can be asked again.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Another process has become the owner of the store: what this one knows is out of date.</summary>
public sealed class StoreLostException(string message) : Exception(message);

/// <summary>The store cannot be used as it is: says what is wrong, where, and what to do.</summary>
public sealed class StoreRefusedException(string message, Exception? inner = null) : Exception(message, inner);

using Broker.Core.Protocol;
using Microsoft.Extensions.Logging;

namespace Broker.Core.Storage;

/// <summary>Reads back what lies in the store only, on threads of its own, a few at a time. While the store is away it tries again.</summary>
public sealed partial class StoreReader(IBrokerStore store, TimeProvider time, ILogger<StoreReader> logger) : IDisposable
{
    /// <summary>How many reads run at once. A store on this machine takes a processor for each; more would only push each other aside.</summary>
    internal static readonly int AtOnce = Math.Clamp(Environment.ProcessorCount, 2, 8);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    private readonly ReadingThreads threads = new(AtOnce);
    private volatile bool ends;

    /// <summary>Reads entries of a session, from another thread than the caller's.</summary>
    /// <param name="session">The session's key.</param>
    /// <param name="from">The lowest sequence.</param>
    /// <param name="upTo">The highest sequence; all up to it are committed.</param>
    /// <param name="page">How much to read at most.</param>
    /// <param name="isWanted">Whether anybody still waits for it.</param>
    /// <returns>The entries, and whether these are all up to <paramref name="upTo"/>; null if nobody waits any more.</returns>
    internal Task<(IReadOnlyList<StoredEntry> Entries, bool IsWhole)?> ReadEntriesAsync(long session, long from, long upTo, ReadPage page, Func<bool> isWanted) =>
        ReadAsync(
            () =>
            {
                var entries = store.ReadEntries(session, from, upTo, page.Entries, page.Bytes);
                return (entries, entries.Count < page.Entries && entries.Sum(static entry => (long)entry.Message.Size) < page.Bytes);
            },
            isWanted);

    /// <summary>Reads retained messages with their payloads, from another thread than the caller's.</summary>
    /// <param name="topics">The broker's numbers of their topics.</param>
    /// <param name="isWanted">Whether anybody still waits for it.</param>
    /// <returns>The messages in that order, null where there is none; or null if nobody waits any more.</returns>
    internal async Task<IReadOnlyList<ApplicationMessage?>?> ReadRetainedAsync(IReadOnlyList<long> topics, Func<bool> isWanted) =>
        (await ReadAsync(() => (store.ReadRetained(topics), true), isWanted).ConfigureAwait(false))?.Item1;

    /// <summary>From now on nobody waits for anything.</summary>
    public void Dispose() => ends = true;

    private async Task<T?> ReadAsync<T>(Func<T> read, Func<bool> isWanted) where T : struct
    {
        while (!ends && isWanted())
        {
            try
            {
                return await threads.Run(read).ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // the caller may hold a lock
            }
            catch (StoreUnavailableException)
            {
                // The journal says so.
            }
            catch (Exception exception)
            {
                if (!ends) LogFailed(exception); // somebody waits for it: it is tried again all the same
            }
            await Task.Delay(RetryAfter, time).ConfigureAwait(false);
        }
        return null;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The store could not be read; it is tried again twice a second as long as somebody waits for it")]
    private partial void LogFailed(Exception exception);
}

/// <summary>How much is read at a time.</summary>
/// <param name="Entries">At most so many entries.</param>
/// <param name="Bytes">About so many bytes of messages.</param>
internal readonly record struct ReadPage(int Entries, int Bytes);

using System.Collections.Concurrent;
using System.Security.Cryptography;
using Broker.Web.Security;

namespace Broker.Web.Operations.Work;

/// <summary>
/// Answers of requests that were sent with a key, so that one which is sent again does nothing twice. They are kept for a day, in memory: a restart forgets them.
/// </summary>
internal sealed class IdempotencyKeys(TimeProvider time)
{
    private const int MostKept = 10_000, LongestKey = 200;

    private static readonly TimeSpan Age = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<(string Caller, string Key), Entry> answers = new();
    private readonly ConcurrentQueue<((string Caller, string Key) Place, Entry Entry)> order = new();

    /// <summary>Does something once a key: whoever sends the key again gets the same answer, also while the first is still at it.</summary>
    /// <param name="caller">Whose key.</param>
    /// <param name="key">The key; without one it is done each time.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="work">Does it. What fails may be tried again with the same key.</param>
    /// <exception cref="InvalidInputException">The key was used for something else.</exception>
    public async Task<T> OnceAsync<T>(Actor caller, string? key, byte[] request, Func<Task<T>> work)
    {
        if (string.IsNullOrEmpty(key)) return await work();
        if (key.Length > LongestKey) throw new InvalidInputException("Idempotency-Key", $"allowed is a text of at most {LongestKey} characters");
        Forget();
        var place = (caller.Name, key);
        var mine = new Entry(SHA256.HashData(request), time.GetUtcNow(), new Lazy<Task>(work));
        var entry = answers.GetOrAdd(place, mine);
        if (entry == mine) order.Enqueue((place, mine));
        if (!entry.Request.AsSpan().SequenceEqual(mine.Request) || entry.Answer.Value is not Task<T> answer)
            throw new InvalidInputException("Idempotency-Key", "it was used for another request");
        try
        {
            return await answer;
        }
        catch
        {
            answers.TryRemove(new KeyValuePair<(string, string), Entry>(place, entry));
            throw;
        }
    }

    private void Forget()
    {
        var oldest = time.GetUtcNow() - Age;
        while (order.TryPeek(out var first) && (order.Count > MostKept || first.Entry.At < oldest) && order.TryDequeue(out var gone))
            answers.TryRemove(new KeyValuePair<(string, string), Entry>(gone.Place, gone.Entry));
    }

    private sealed record Entry(byte[] Request, DateTimeOffset At, Lazy<Task> Answer);
}

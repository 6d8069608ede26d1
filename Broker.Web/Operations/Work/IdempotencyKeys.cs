using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Broker.Core.Storage;
using Broker.Web.Configuration;
using Broker.Web.Persistence;
using Broker.Web.Persistence.Model;
using Broker.Web.Security;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Operations.Work;

/// <summary>A request that came with a key, in parts that are done one after the other.</summary>
/// <param name="Key">Stands for who asked, and their key.</param>
/// <param name="Request">Stands for what is asked for.</param>
internal sealed record KeyedRequest(string Key, string Request)
{
    /// <summary>Under which key a part is remembered.</summary>
    public string KeyOf(int part) => $"{Key}/{part}";
}

/// <summary>
/// Answers of requests that were sent with a key, so that one which is sent again does nothing twice: each is committed with what was done, and kept for a day, the latest 100,000. A
/// restart forgets none, unless nothing is stored. Who sends a request again while the first is still at it shares its answer.
/// </summary>
internal sealed class IdempotencyKeys(IDbContextFactory<BrokerDbContext> tables, HostSettings settings, TimeProvider time)
{
    private const int MostKept = 100_000, LongestKey = 200, PartsBetweenTrims = 10_000, TrimRows = 500;
    private const string Header = "Idempotency-Key";

    private static readonly TimeSpan Age = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<string, (KeyedRequest Request, Lazy<Task> Answer)> running = new(StringComparer.Ordinal);
    private long parts = PartsBetweenTrims - 1; // the first after a start trims too
    private int trimming;

    /// <summary>Does something once a key.</summary>
    /// <param name="caller">Whose key.</param>
    /// <param name="key">The key; without one it is done each time.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="work">Does what is not answered yet (<see cref="AnswersAsync"/>), and has it remembered with its effect. What fails may be tried again with the same key.</param>
    /// <exception cref="InvalidInputException">The key was used for something else.</exception>
    public async Task<T> OnceAsync<T>(Actor caller, string? key, byte[] request, Func<KeyedRequest?, Task<T>> work)
    {
        if (string.IsNullOrEmpty(key)) return await work(null);
        if (key.Length > LongestKey) throw new InvalidInputException(Header, $"allowed is a text of at most {LongestKey} characters");
        var keyed = new KeyedRequest(Hash(Encoding.UTF8.GetBytes($"{caller.Name}\n{key}")), Hash(request));
        var mine = (Request: keyed, Answer: new Lazy<Task>(() => work(keyed)));
        var first = running.GetOrAdd(keyed.Key, mine);
        try
        {
            return first.Request == keyed && first.Answer.Value is Task<T> answer ? await answer : throw Used();
        }
        finally
        {
            if (ReferenceEquals(first.Answer, mine.Answer)) running.TryRemove(keyed.Key, out _);
        }
    }

    /// <summary>The parts of a request that were done before, by their keys.</summary>
    /// <exception cref="InvalidInputException">The key was used for something else.</exception>
    /// <exception cref="UnavailableException">The database is away.</exception>
    public Task<Dictionary<string, AnsweredRequestRow>> AnswersAsync(KeyedRequest request, int parts) => StoreFailures.ReadAsync(async () =>
    {
        string[] keys = [.. Enumerable.Range(0, parts).Select(request.KeyOf)];
        if (Interlocked.Add(ref this.parts, parts) % PartsBetweenTrims < parts) _ = TrimAsync();
        var oldest = time.GetUtcNow().UtcDateTime - Age;
        await using var context = await tables.CreateDbContextAsync();
        var found = await context.AnsweredRequests.AsNoTracking().Where(row => keys.Contains(row.Key) && row.At > oldest).ToDictionaryAsync(row => row.Key, StringComparer.Ordinal);
        return found.Values.All(row => row.Request == request.Request) ? found : throw Used();
    });

    /// <summary>What is remembered of a part.</summary>
    public RequestAnswered Record(KeyedRequest request, int part) => new(request.KeyOf(part), request.Request, time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Keeps an answer where no journal has committed it: with the provider <c>Memory</c>, as long as the process lasts.</summary>
    public async Task KeepAsync(RequestAnswered answered)
    {
        if (settings.Storage.Provider != StorageProvider.Memory) return;
        await using var context = await tables.CreateDbContextAsync();
        await context.AnsweredRequests.Where(row => row.Key == answered.Key).ExecuteDeleteAsync();
        context.AnsweredRequests.Add(new AnsweredRequestRow
        {
            Key = answered.Key,
            At = DateTimeOffset.FromUnixTimeMilliseconds(answered.At).UtcDateTime,
            Request = answered.Request,
            Matched = answered.Matched,
            Persisted = answered.IsPersisted,
        });
        await context.SaveChangesAsync();
    }

    /// <summary>Deletes what is too old, and too much; a few rows at a time, as the journal waits for the lock meanwhile. What fails is tried another time.</summary>
    public async Task TrimAsync()
    {
        if (Interlocked.Exchange(ref trimming, 1) == 1) return;
        try
        {
            await using var context = await tables.CreateDbContextAsync();
            var oldest = time.GetUtcNow().UtcDateTime - Age;
            if (await context.AnsweredRequests.OrderByDescending(row => row.At).Skip(MostKept).Select(row => (DateTime?)row.At).FirstOrDefaultAsync() is { } last && last > oldest) oldest = last;
            while (true)
            {
                var gone = await context.AnsweredRequests.Where(row => row.At <= oldest).OrderBy(row => row.At).Take(TrimRows).Select(row => row.Key).ToListAsync();
                if (gone.Count == 0) return;
                await context.AnsweredRequests.Where(row => gone.Contains(row.Key)).ExecuteDeleteAsync();
            }
        }
        catch (Exception failure) when (StoreFailures.IsAway(failure))
        {
            // Another time.
        }
        finally
        {
            Volatile.Write(ref trimming, 0);
        }
    }

    private static InvalidInputException Used() => new(Header, "it was used for another request");

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

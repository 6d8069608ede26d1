using Broker.Web.Persistence;
using Broker.Web.Persistence.Model;
using Broker.Web.Security.SignIn;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Security;

/// <summary>
/// The accounts and API keys in memory, with the key of their hashes, so that a request never waits for the database, and an operator can sign in while that is away. Read when the broker is ready, after
/// each change, and now and then, in case somebody else changed them.
/// </summary>
internal sealed class Credentials(IDbContextFactory<BrokerDbContext> tables, KeyedHashes hashes, TimeProvider time)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);

    private readonly TaskCompletionSource read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Known? known;

    /// <summary>Whether they have been read.</summary>
    public bool AreKnown => known is not null;

    /// <summary>Whether they have been read within 3 s from now; comes back as soon as they are.</summary>
    public async Task<bool> AreKnownSoonAsync(CancellationToken cancellation)
    {
        try
        {
            await read.Task.WaitAsync(Soon, time, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>The accounts, by name.</summary>
    public IEnumerable<AdministratorRow> Administrators => known?.Administrators.Values.OrderBy(row => row.Name, StringComparer.Ordinal) ?? Enumerable.Empty<AdministratorRow>();

    /// <summary>The API keys, the newest first.</summary>
    public IEnumerable<ApiKeyRow> ApiKeys => known?.ApiKeys.Values.OrderByDescending(row => row.CreatedAt).ThenBy(row => row.Id, StringComparer.Ordinal) ?? Enumerable.Empty<ApiKeyRow>();

    /// <summary>Told when they were read again.</summary>
    public event Action? Changed;

    /// <summary>An account, or null.</summary>
    public AdministratorRow? Administrator(string? name) => name is null ? null : known?.Administrators.GetValueOrDefault(name);

    /// <summary>An API key, or null.</summary>
    public ApiKeyRow? ApiKey(string id) => known?.ApiKeys.GetValueOrDefault(id);

    /// <summary>Reads them.</summary>
    public async Task ReadAsync(CancellationToken cancellation)
    {
        await hashes.ReadAsync(cancellation).ConfigureAwait(false);
        await using var context = tables.CreateDbContext();
        var administrators = await context.Administrators.AsNoTracking().ToDictionaryAsync(row => row.Name, StringComparer.Ordinal, cancellation).ConfigureAwait(false);
        var keys = await context.ApiKeys.AsNoTracking().ToDictionaryAsync(row => row.Id, StringComparer.Ordinal, cancellation).ConfigureAwait(false);
        known = new Known(administrators, keys);
        read.TrySetResult();
        Changed?.Invoke();
    }

    private sealed record Known(Dictionary<string, AdministratorRow> Administrators, Dictionary<string, ApiKeyRow> ApiKeys);
}

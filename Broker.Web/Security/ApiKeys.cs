using System.Collections.Concurrent;
using Broker.Web.Persistence;
using Broker.Web.Persistence.Model;
using Broker.Web.Security.SignIn;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Security;

/// <summary>Keys with which programs use the REST API: <c>brk_</c>, an id of 8 characters, and a secret of 256 random bits. Only a keyed hash of a key is kept.</summary>
internal sealed class ApiKeys(IDbContextFactory<BrokerDbContext> tables, Administration administration, Credentials credentials, KeyedHashes hashes)
{
    /// <summary>How every key begins, so that people and scanners recognise one.</summary>
    public const string Prefix = "brk_";

    private const int LongestName = 100, Most = 10_000;

    private static readonly GeneratedKey Kind = new(Prefix);

    private readonly ConcurrentDictionary<string, DateTime> used = new();

    /// <summary>All of them, the newest first; those that were revoked too.</summary>
    public IEnumerable<ApiKeyRow> All => credentials.ApiKeys;

    /// <summary>Makes a key.</summary>
    /// <param name="name">What people call it.</param>
    /// <param name="scopes">What it may be used for.</param>
    /// <param name="expiresAt">Until when, or null for as long as it is not revoked.</param>
    /// <param name="by">Who makes it.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>Its row, and the key itself, which cannot be had again.</returns>
    /// <exception cref="RefusedException">Something about it is not allowed.</exception>
    public async Task<(ApiKeyRow Row, string Key)> CreateAsync(string name, IReadOnlyCollection<string> scopes, DateTime? expiresAt, Actor by, CancellationToken cancellation = default)
    {
        name = name.Trim();
        if (name.Length is 0 or > LongestName || name.Any(char.IsControl)) throw new RefusedException(RefusalKind.Invalid, "name", $"a key needs a name of 1 to {LongestName} characters");
        if (scopes.FirstOrDefault(scope => !Scopes.All.Contains(scope)) is { } foreign)
            throw new RefusedException(RefusalKind.Invalid, "scopes", $"there is no scope {foreign}; there are {string.Join(", ", Scopes.All)}");
        if (scopes.Count == 0) throw new RefusedException(RefusalKind.Invalid, "scopes", $"a key needs at least one scope of {string.Join(", ", Scopes.All)}");
        if (expiresAt <= administration.Now) throw new RefusedException(RefusalKind.Invalid, "expiresAt", "a key cannot expire in the past");
        var (id, key) = Kind.Make();
        var row = new ApiKeyRow
        {
            Id = id,
            Name = name,
            Hash = await hashes.OfAsync(key, cancellation).ConfigureAwait(false),
            Scopes = string.Join(' ', Scopes.All.Where(scopes.Contains)),
            CreatedAt = administration.Now,
            CreatedBy = by.Name,
            ExpiresAt = expiresAt?.ToUniversalTime(),
        };
        var detail = $"{name}: {row.Scopes}{(row.ExpiresAt is { } end ? $", until {end:u}" : "")}";
        await administration.ChangeAsync(by, "api key created", id, detail, async context =>
        {
            if (await context.ApiKeys.CountAsync(cancellation).ConfigureAwait(false) >= Most) throw new RefusedException(RefusalKind.Conflict, "", $"there are {Most} keys already");
            context.ApiKeys.Add(row);
        }, cancellation).ConfigureAwait(false);
        return (row, key);
    }

    /// <summary>Ends a key at once and for ever.</summary>
    /// <exception cref="RefusedException">There is no such key, or it was revoked before.</exception>
    public async Task RevokeAsync(string id, Actor by, CancellationToken cancellation = default)
    {
        var name = credentials.ApiKey(id)?.Name;
        await administration.ChangeAsync(by, "api key revoked", id, name, async context =>
        {
            var row = await context.ApiKeys.FindAsync([id], cancellation).ConfigureAwait(false) ?? throw new RefusedException(RefusalKind.Unknown, "id", $"there is no API key {id}");
            if (row.RevokedAt is not null) throw new RefusedException(RefusalKind.Conflict, "id", $"the API key {id} was revoked before");
            row.RevokedAt = administration.Now;
        }, cancellation).ConfigureAwait(false);
    }

    /// <summary>The row of a key that somebody shows, or why it is worth nothing.</summary>
    public async ValueTask<(ApiKeyRow? Row, string Failure)> CheckAsync(string key, CancellationToken cancellation = default)
    {
        const string unknown = "there is no such API key";
        if (Kind.IdIn(key) is not { } id || credentials.ApiKey(id) is not { } row || !await hashes.FitsAsync(key, row.Hash, cancellation).ConfigureAwait(false)) return (null, unknown);
        if (row.RevokedAt is not null) return (null, "the API key was revoked");
        var now = administration.Now;
        if (row.ExpiresAt <= now) return (null, "the API key has expired");
        used[row.Id] = now;
        return (row, "");
    }

    /// <summary>Notes in the table which keys were used since the last time. Called now and then, so that a request does not wait for it.</summary>
    public async Task NoteUseAsync(CancellationToken cancellation)
    {
        foreach (var (id, at) in used.ToArray())
        {
            await using var context = tables.CreateDbContext();
            await context.ApiKeys.Where(row => row.Id == id).ExecuteUpdateAsync(row => row.SetProperty(one => one.LastUsedAt, at), cancellation).ConfigureAwait(false);
            used.TryRemove(new KeyValuePair<string, DateTime>(id, at));
        }
    }
}

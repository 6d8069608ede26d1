using Broker.Web.Persistence;
using Broker.Web.Persistence.Model.Identity;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Security.Users;

/// <summary>A token with the user that it stands for.</summary>
internal sealed record KnownToken(TokenRow Token, UserRow? User);

/// <summary>Finds users and tokens for clients that connect. They are not held in memory: lookups that arrive together are one query.</summary>
internal sealed class UserLookup(IDbContextFactory<BrokerDbContext> tables)
{
    private const int KeysAtOnce = 500;

    private readonly Gathering<UserRow> users = new(KeysAtOnce, names => UsersAsync(tables, names));
    private readonly Gathering<KnownToken> tokens = new(KeysAtOnce, ids => TokensAsync(tables, ids));

    /// <summary>How many queries were made.</summary>
    public long Queries => users.Queries + tokens.Queries;

    /// <summary>A user, or null.</summary>
    public Task<UserRow?> UserAsync(string name, CancellationToken cancellation) =>
        UserNames.IsPossible(name) ? users.FindAsync(name, cancellation) : Task.FromResult<UserRow?>(null);

    /// <summary>A token by its id, or null.</summary>
    public Task<KnownToken?> TokenAsync(string id, CancellationToken cancellation) =>
        UserNames.IsPossible(id) ? tokens.FindAsync(id, cancellation) : Task.FromResult<KnownToken?>(null);

    /// <summary>Whether there is any user.</summary>
    public async Task<bool> AnyAsync(CancellationToken cancellation)
    {
        await using var context = tables.CreateDbContext();
        return await context.Users.AnyAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>The stamps of those users of a list that may come in.</summary>
    public async Task<HashSet<(string User, string Stamp)>> StampsAsync(IReadOnlyCollection<string> names, CancellationToken cancellation)
    {
        var found = new HashSet<(string, string)>();
        foreach (string[] some in names.Chunk(KeysAtOnce))
        {
            await using var context = tables.CreateDbContext();
            var rows = await context.Users.Where(row => EF.Parameter(some).Contains(row.Name) && !row.IsDisabled).Select(row => new { row.Name, row.SecurityStamp }).ToListAsync(cancellation).ConfigureAwait(false);
            found.UnionWith(rows.Select(row => (row.Name, row.SecurityStamp)));
        }
        return found;
    }

    /// <summary>Those tokens of a list that count.</summary>
    public async Task<HashSet<string>> LiveTokensAsync(IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (string[] some in ids.Chunk(KeysAtOnce))
        {
            await using var context = tables.CreateDbContext();
            found.UnionWith(await context.Tokens.Where(row => EF.Parameter(some).Contains(row.Id) && row.RevokedAt == null).Select(row => row.Id).ToListAsync(cancellation).ConfigureAwait(false));
        }
        return found;
    }

    private static async Task<IReadOnlyDictionary<string, UserRow>> UsersAsync(IDbContextFactory<BrokerDbContext> tables, IReadOnlyCollection<string> names)
    {
        string[] all = [.. names];
        await using var context = tables.CreateDbContext();
        return await context.Users.AsNoTracking().Where(row => EF.Parameter(all).Contains(row.Name)).ToDictionaryAsync(row => row.Name, StringComparer.Ordinal).ConfigureAwait(false);
    }

    private static async Task<IReadOnlyDictionary<string, KnownToken>> TokensAsync(IDbContextFactory<BrokerDbContext> tables, IReadOnlyCollection<string> ids)
    {
        string[] all = [.. ids];
        await using var context = tables.CreateDbContext();
        var rows = from token in context.Tokens.AsNoTracking()
                   where EF.Parameter(all).Contains(token.Id)
                   join user in context.Users.AsNoTracking() on token.UserName equals user.Name into owner
                   from user in owner.DefaultIfEmpty()
                   select new KnownToken(token, user);
        return await rows.ToDictionaryAsync(row => row.Token.Id, StringComparer.Ordinal).ConfigureAwait(false);
    }
}

using System.Collections.Concurrent;
using Broker.Web.Persistence;
using Broker.Web.Persistence.Model.Identity;
using Broker.Web.Security.SignIn;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Security.Users;

/// <summary>Tokens with which devices connect: <c>brt_</c>, an id and a secret, sent as the password. Only a keyed hash of a token is kept.</summary>
internal sealed class Tokens(IDbContextFactory<BrokerDbContext> tables, Administration administration, KeyedHashes hashes)
{
    /// <summary>How every token begins.</summary>
    public const string Prefix = "brt_";

    private const int UsesAtOnce = 500;

    /// <summary>How tokens are made and told from passwords.</summary>
    public static readonly GeneratedKey Kind = new(Prefix);

    private static readonly string[] Raised = [Revisions.Users];

    private readonly ConcurrentDictionary<string, DateTime> used = new(StringComparer.Ordinal);

    /// <summary>A page of tokens by id, with those that were revoked.</summary>
    /// <param name="user">Whose, or null for all.</param>
    /// <param name="after">Only those behind this id, or null.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<IReadOnlyList<TokenRow>> PageAsync(string? user, string? after, int limit, CancellationToken cancellation)
    {
        if (user is not null && !UserNames.IsPossible(user)) return [];
        await using var context = tables.CreateDbContext();
        var rows = context.Tokens.AsNoTracking();
        if (user is not null) rows = rows.Where(row => row.UserName == user);
        if (after is not null) rows = rows.Where(row => string.Compare(row.Id, after) > 0);
        return await rows.OrderBy(row => row.Id).Take(limit).ToListAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>A token, or null.</summary>
    public async Task<TokenRow?> FindAsync(string id, CancellationToken cancellation)
    {
        if (!UserNames.IsPossible(id)) return null;
        await using var context = tables.CreateDbContext();
        return await context.Tokens.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancellation).ConfigureAwait(false);
    }

    /// <summary>Makes a token.</summary>
    /// <param name="user">The user that it stands for.</param>
    /// <param name="name">What people call it, or null.</param>
    /// <param name="expiresAt">Until when it counts, or null for as long as it is not revoked.</param>
    /// <param name="by">Who makes it.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>Its row, and the token itself, which cannot be had again.</returns>
    /// <exception cref="RefusedException">There is no such user, or something about it is not allowed.</exception>
    public async Task<(TokenRow Row, string Token)> CreateAsync(string user, string? name, DateTime? expiresAt, Actor by, CancellationToken cancellation = default)
    {
        var note = UserNames.Note(name);
        if (expiresAt <= administration.Now) throw new RefusedException(RefusalKind.Invalid, "expiresAt", "a token cannot expire in the past");
        var (id, token) = Kind.Make();
        var row = new TokenRow
        {
            Id = id,
            UserName = user,
            Name = note,
            Hash = await hashes.OfAsync(token, cancellation).ConfigureAwait(false),
            CreatedAt = administration.Now,
            CreatedBy = by.Name,
            ExpiresAt = expiresAt?.ToUniversalTime(),
        };
        var detail = $"of {UserNames.Shown(user)}{(note.Length > 0 ? $", {note}" : "")}{(row.ExpiresAt is { } end ? $", until {end:u}" : "")}";
        await administration.ChangeAsync(Raised, by, "token created", id, detail, async context =>
        {
            if (!UserNames.IsPossible(user) || !await context.Users.AnyAsync(one => one.Name == user, cancellation).ConfigureAwait(false))
                throw new RefusedException(RefusalKind.Invalid, "user", $"there is no user {UserNames.Shown(user)}");
            context.Tokens.Add(row);
        }, cancellation).ConfigureAwait(false);
        return (row, token);
    }

    /// <summary>Whether a text is the token of a row; takes as long whatever the answer.</summary>
    public ValueTask<bool> FitsAsync(string text, TokenRow row, CancellationToken cancellation) => hashes.FitsAsync(text, row.Hash, cancellation);

    /// <summary>Ends a token for ever, and the connections that it let in.</summary>
    /// <exception cref="RefusedException">There is no such token, or it was revoked before.</exception>
    public Task RevokeAsync(string id, Actor by, CancellationToken cancellation = default) =>
        administration.ChangeAsync(Raised, by, "token revoked", UserNames.Shown(id), null, async context =>
        {
            var row = (UserNames.IsPossible(id) ? await context.Tokens.FindAsync([id], cancellation).ConfigureAwait(false) : null)
                ?? throw new RefusedException(RefusalKind.Unknown, "id", $"there is no token {UserNames.Shown(id)}");
            if (row.RevokedAt is not null) throw new RefusedException(RefusalKind.Conflict, "id", $"the token {id} was revoked before");
            row.RevokedAt = administration.Now;
        }, cancellation);

    /// <summary>A client came with a token; <see cref="NoteUseAsync"/> writes that down later.</summary>
    public void Used(string id) => used[id] = administration.Now;

    /// <summary>Notes in the table which tokens were used since the last time, many at once.</summary>
    public async Task NoteUseAsync(CancellationToken cancellation)
    {
        foreach (var uses in used.ToArray().Chunk(UsesAtOnce))
        {
            string[] ids = [.. uses.Select(use => use.Key)];
            var at = uses.Max(use => use.Value);
            await using var context = tables.CreateDbContext();
            await context.Tokens.Where(row => EF.Parameter(ids).Contains(row.Id)).ExecuteUpdateAsync(row => row.SetProperty(one => one.LastUsedAt, at), cancellation).ConfigureAwait(false);
            foreach (var use in uses) used.TryRemove(use);
        }
    }
}

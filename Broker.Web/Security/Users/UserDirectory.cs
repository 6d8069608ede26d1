using Broker.Web.Persistence;
using Broker.Web.Persistence.Model.Identity;
using Broker.Web.Security.SignIn;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Security.Users;

/// <summary>The users of MQTT in the store: what operators see and change. Each change raises <see cref="Revisions.Users"/>, so that every broker acts upon it.</summary>
internal sealed class UserDirectory(IDbContextFactory<BrokerDbContext> tables, Administration administration, UserPasswords passwords)
{
    private const int Most = 1_000_000;

    private static readonly string[] WithGroups = [Revisions.Users, Revisions.Access];

    /// <summary>A page of users by name.</summary>
    /// <param name="prefix">What their names begin with, whatever its case, or null for all.</param>
    /// <param name="after">Only those behind this name, or null.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<IReadOnlyList<UserRow>> PageAsync(string? prefix, string? after, int limit, CancellationToken cancellation)
    {
        if (prefix is { Length: > 0 } && !UserNames.IsPossible(prefix.Trim())) return [];
        await using var context = tables.CreateDbContext();
        var rows = context.Users.AsNoTracking();
        if (prefix?.ToLowerInvariant() is { Length: > 0 } text) rows = rows.Where(row => row.Name.ToLower().StartsWith(text));
        if (after is not null) rows = rows.Where(row => string.Compare(row.Name, after) > 0);
        return await rows.OrderBy(row => row.Name).Take(limit).ToListAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>A user, or null.</summary>
    public async Task<UserRow?> FindAsync(string name, CancellationToken cancellation)
    {
        if (!UserNames.IsPossible(name)) return null;
        await using var context = tables.CreateDbContext();
        return await context.Users.AsNoTracking().FirstOrDefaultAsync(row => row.Name == name, cancellation).ConfigureAwait(false);
    }

    /// <summary>The groups of all users that have some, for access rules; a change of them raises <see cref="Revisions.Access"/>.</summary>
    public static async Task<IReadOnlyDictionary<string, string[]>> GroupsAsync(BrokerDbContext context, CancellationToken cancellation)
    {
        var rows = await context.Users.Where(row => row.Groups != "").Select(row => new { row.Name, row.Groups }).ToListAsync(cancellation).ConfigureAwait(false);
        return rows.ToDictionary(row => row.Name, row => UserNames.Groups(row.Groups), StringComparer.Ordinal);
    }

    /// <summary>Adds a user.</summary>
    /// <param name="name">The name, as clients send it.</param>
    /// <param name="password">The password, or null for a user who has none and comes by tokens or certificates.</param>
    /// <param name="groups">The groups.</param>
    /// <param name="isDisabled">Whether the user is kept out for now.</param>
    /// <param name="by">Who adds.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="RefusedException">The name is taken or not allowed, or the password or a group is not.</exception>
    public async Task AddAsync(string name, string? password, IEnumerable<string> groups, bool isDisabled, Actor by, CancellationToken cancellation = default)
    {
        UserNames.Require(name);
        var row = new UserRow
        {
            Name = name,
            Groups = UserNames.Stored(groups),
            IsDisabled = isDisabled,
            SecurityStamp = UserPasswords.NewStamp(),
            CreatedAt = administration.Now,
            ChangedAt = administration.Now,
        };
        if (password is not null) await SetAsync(row, password).ConfigureAwait(false);
        await administration.ChangeAsync(WithGroups, by, "user added", name, Detail(row.Groups, isDisabled, password is not null), async context =>
        {
            if (await context.Users.AnyAsync(one => one.Name == name, cancellation).ConfigureAwait(false)) throw new RefusedException(RefusalKind.Conflict, "name", $"there is a user {name} already");
            if (await context.Users.CountAsync(cancellation).ConfigureAwait(false) >= Most) throw new RefusedException(RefusalKind.Conflict, "", $"there are {Most} users already");
            context.Users.Add(row);
        }, cancellation).ConfigureAwait(false);
    }

    /// <summary>Changes a user; what is null stays. With another password, or disabled, their connections end.</summary>
    /// <exception cref="RefusedException">There is no such user, or the password or a group is not allowed.</exception>
    public async Task ChangeAsync(string name, string? password, IEnumerable<string>? groups, bool? isDisabled, Actor by, CancellationToken cancellation = default)
    {
        var stored = groups is null ? null : UserNames.Stored(groups);
        UserRow? hashed = null;
        if (password is not null) await SetAsync(hashed = new UserRow { Name = name, Groups = "", SecurityStamp = "" }, password).ConfigureAwait(false);
        var action = (password, stored, isDisabled) is ({ }, null, null) ? "user password changed" : "user changed";
        await MakeAsync(stored is null ? [Revisions.Users] : WithGroups, name, by, action, Detail(stored, isDisabled, password is not null), user =>
        {
            if (hashed is not null) UserPasswords.Copy(hashed, user);
            if (hashed is not null || (isDisabled ?? user.IsDisabled) != user.IsDisabled) user.SecurityStamp = UserPasswords.NewStamp();
            user.Groups = stored ?? user.Groups;
            user.IsDisabled = isDisabled ?? user.IsDisabled;
        }, cancellation).ConfigureAwait(false);
    }

    /// <summary>Takes the password of a user away, who then comes by tokens or certificates only; their connections end.</summary>
    /// <exception cref="RefusedException">There is no such user.</exception>
    public Task ClearPasswordAsync(string name, Actor by, CancellationToken cancellation = default) =>
        MakeAsync([Revisions.Users], name, by, "user password removed", null, user =>
        {
            UserPasswords.Clear(user);
            user.SecurityStamp = UserPasswords.NewStamp();
        }, cancellation);

    /// <summary>Removes a user with their tokens; their connections end.</summary>
    /// <exception cref="RefusedException">There is no such user.</exception>
    public Task RemoveAsync(string name, Actor by, CancellationToken cancellation = default) =>
        administration.ChangeAsync(WithGroups, by, "user removed", name, null, async context =>
        {
            context.Users.Remove(await RequireAsync(context, name, cancellation).ConfigureAwait(false));
            await context.Tokens.Where(token => token.UserName == name).ExecuteDeleteAsync(cancellation).ConfigureAwait(false);
        }, cancellation);

    /// <summary>Adds users with the hashes that another broker kept of their passwords, all of them or none.</summary>
    /// <param name="users">The users.</param>
    /// <param name="replaces">Whether a user that there is already gets the new hash, or stays as it is.</param>
    /// <param name="source">Where they come from, for the audit.</param>
    /// <param name="by">Who adds them.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>How many were added, and how many were there already.</returns>
    public async Task<(int Added, int Known)> ImportAsync(IReadOnlyCollection<ImportedUser> users, bool replaces, string source, Actor by, CancellationToken cancellation = default)
    {
        int known = 0;
        await administration.ChangeAsync([Revisions.Users], by, "users imported", source, $"{users.Count} users", async context =>
        {
            foreach (var user in users)
            {
                UserNames.Require(user.Name);
                var row = await context.Users.FindAsync([user.Name], cancellation).ConfigureAwait(false);
                if (row is not null) known++;
                if (row is not null && !replaces) continue;
                if (row is null) context.Users.Add(row = new UserRow { Name = user.Name, Groups = "", SecurityStamp = "", CreatedAt = administration.Now });
                UserPasswords.Clear(row);
                (row.PasswordHash, row.SecurityStamp, row.ChangedAt) = (user.PasswordHash, UserPasswords.NewStamp(), administration.Now);
            }
        }, cancellation).ConfigureAwait(false);
        return (users.Count - known, known);
    }

    private Task MakeAsync(string[] revisions, string name, Actor by, string action, string? detail, Action<UserRow> change, CancellationToken cancellation) =>
        administration.ChangeAsync(revisions, by, action, name, detail, async context =>
        {
            var user = await RequireAsync(context, name, cancellation).ConfigureAwait(false);
            change(user);
            user.ChangedAt = administration.Now;
        }, cancellation);

    private static async Task<UserRow> RequireAsync(BrokerDbContext context, string name, CancellationToken cancellation) =>
        (UserNames.IsPossible(name) ? await context.Users.FindAsync([name], cancellation).ConfigureAwait(false) : null)
        ?? throw new RefusedException(RefusalKind.Unknown, "name", $"there is no user {UserNames.Shown(name)}");

    private async Task SetAsync(UserRow row, string password)
    {
        if (Passwords.Fault(password) is { } fault) throw new RefusedException(RefusalKind.Invalid, "password", fault);
        await Task.Run(() => passwords.Set(row, password)).ConfigureAwait(false);
    }

    private static string? Detail(string? groups, bool? isDisabled, bool hasPassword)
    {
        string[] parts = [.. groups is { Length: > 0 } ? [$"groups {groups}"] : groups is null ? Array.Empty<string>() : ["no groups"], .. isDisabled is { } off ? [off ? "disabled" : "enabled"] : Array.Empty<string>(), .. hasPassword ? ["password"] : Array.Empty<string>()];
        return parts.Length == 0 ? null : string.Join(", ", parts);
    }
}

/// <summary>A user that another broker had.</summary>
/// <param name="Name">The name.</param>
/// <param name="PasswordHash">The hash that it kept, as it is.</param>
internal sealed record ImportedUser(string Name, string PasswordHash);

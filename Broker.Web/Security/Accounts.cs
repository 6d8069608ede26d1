using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Broker.Web.Persistence;
using Broker.Web.Persistence.Model;
using Broker.Web.Security.SignIn;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Security;

/// <summary>The accounts of the dashboard and the REST API.</summary>
internal sealed partial class Accounts(IDbContextFactory<BrokerDbContext> tables, Administration administration, Credentials credentials, Passwords passwords)
{
    private const int Most = 1_000;

    private static readonly string AdminWord = Role.Admin.Word();

    /// <summary>All of them, by name.</summary>
    public IEnumerable<AdministratorRow> All => credentials.Administrators;

    /// <summary>A name as it is stored: however it is written, it is the same account.</summary>
    public static string Normalize(string name) => name.Length > 200 ? "" : name.Trim().ToLowerInvariant();

    /// <summary>Whether the table holds any.</summary>
    public async Task<bool> AnyAsync(CancellationToken cancellation)
    {
        await using var context = tables.CreateDbContext();
        return await context.Administrators.AnyAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Adds an account.</summary>
    /// <exception cref="RefusedException">The name is taken or not allowed, or the password is.</exception>
    public Task AddAsync(string name, string password, Role role, Actor by, CancellationToken cancellation = default) => AddAsync(name, password, role, onlyIfFirst: false, by, cancellation);

    /// <summary>Adds the first account, an admin.</summary>
    /// <exception cref="RefusedException">There is an account, or the name or the password is not allowed.</exception>
    public Task AddFirstAsync(string name, string password, Actor by, CancellationToken cancellation = default) => AddAsync(name, password, Role.Admin, onlyIfFirst: true, by, cancellation);

    /// <summary>Gives an account another role; its sessions end.</summary>
    /// <exception cref="RefusedException">There is no such account, or it is the last admin.</exception>
    public Task SetRoleAsync(string name, Role role, Actor by, CancellationToken cancellation = default) => ChangeAsync(name, role, null, by, cancellation);

    /// <summary>Gives an account another password; its sessions end.</summary>
    /// <exception cref="RefusedException">There is no such account, or the password is not allowed.</exception>
    public Task SetPasswordAsync(string name, string password, Actor by, CancellationToken cancellation = default) => ChangeAsync(name, null, password, by, cancellation);

    /// <summary>Gives an account another role, another password, or both; its sessions end.</summary>
    /// <exception cref="RefusedException">There is no such account, it is the last admin, or the password is not allowed.</exception>
    public async Task ChangeAsync(string name, Role? role, string? password, Actor by, CancellationToken cancellation = default)
    {
        var hash = password is null ? null : await passwords.HashAsync(password, cancellation).ConfigureAwait(false);
        var (action, detail) = role is null ? ("account password changed", null) : password is null ? ("account role changed", role.Value.Word()) : ("account changed", $"role {role.Value.Word()}, password");
        await ChangeAsync(name, by, action, detail, async (accounts, account) =>
        {
            if (role is not null and not Role.Admin) await RequireAnotherAdminAsync(accounts, account, cancellation).ConfigureAwait(false);
            account.Role = role?.Word() ?? account.Role;
            account.PasswordHash = hash ?? account.PasswordHash;
            account.SecurityStamp = NewStamp();
        }, cancellation).ConfigureAwait(false);
    }

    /// <summary>Ends all sessions of an account.</summary>
    /// <exception cref="RefusedException">There is no such account.</exception>
    public Task SignOutEverywhereAsync(string name, Actor by, CancellationToken cancellation = default) =>
        ChangeAsync(name, by, "account signed out everywhere", null, (_, account) =>
        {
            account.SecurityStamp = NewStamp();
            return Task.CompletedTask;
        }, cancellation);

    /// <summary>Removes an account; its sessions end.</summary>
    /// <exception cref="RefusedException">There is no such account, or it is the last admin.</exception>
    public Task RemoveAsync(string name, Actor by, CancellationToken cancellation = default) =>
        ChangeAsync(name, by, "account removed", null, async (accounts, account) =>
        {
            await RequireAnotherAdminAsync(accounts, account, cancellation).ConfigureAwait(false);
            accounts.Remove(account);
        }, cancellation);

    /// <summary>Notes that somebody signed in.</summary>
    public Task NoteSignInAsync(string name, Actor by, CancellationToken cancellation = default) =>
        ChangeAsync(name, by, "signed in", null, (_, account) =>
        {
            account.LastSignInAt = administration.Now;
            return Task.CompletedTask;
        }, cancellation);

    private async Task AddAsync(string name, string password, Role role, bool onlyIfFirst, Actor by, CancellationToken cancellation)
    {
        name = Normalize(name);
        if (!Name().IsMatch(name)) throw new RefusedException(RefusalKind.Invalid, "name", "a name has 1 to 64 letters, digits and . _ - @ +, and begins with a letter or a digit");
        var row = new AdministratorRow
        {
            Name = name,
            PasswordHash = await passwords.HashAsync(password, cancellation).ConfigureAwait(false),
            Role = role.Word(),
            SecurityStamp = NewStamp(),
            CreatedAt = administration.Now,
        };
        await administration.ChangeAsync(by, "account added", name, row.Role, async context =>
        {
            var count = await context.Administrators.CountAsync(cancellation).ConfigureAwait(false);
            if (onlyIfFirst && count > 0) throw new RefusedException(RefusalKind.Conflict, "", "there is an administrator already");
            if (count >= Most) throw new RefusedException(RefusalKind.Conflict, "", $"there are {Most} accounts already");
            if (await context.Administrators.AnyAsync(one => one.Name == name, cancellation).ConfigureAwait(false))
                throw new RefusedException(RefusalKind.Conflict, "name", $"there is an account {name} already");
            context.Administrators.Add(row);
        }, cancellation).ConfigureAwait(false);
    }

    private Task ChangeAsync(string name, Actor by, string action, string? detail, Func<DbSet<AdministratorRow>, AdministratorRow, Task> change, CancellationToken cancellation)
    {
        name = Normalize(name);
        return administration.ChangeAsync(by, action, name, detail, async context =>
        {
            var account = await context.Administrators.FindAsync([name], cancellation).ConfigureAwait(false)
                ?? throw new RefusedException(RefusalKind.Unknown, "name", $"there is no account {name}");
            await change(context.Administrators, account).ConfigureAwait(false);
        }, cancellation);
    }

    private static async Task RequireAnotherAdminAsync(DbSet<AdministratorRow> accounts, AdministratorRow than, CancellationToken cancellation)
    {
        if (than.Role == AdminWord && !await accounts.AnyAsync(one => one.Role == AdminWord && one.Name != than.Name, cancellation).ConfigureAwait(false))
            throw new RefusedException(RefusalKind.Conflict, "name", $"{than.Name} is the last admin");
    }

    private static string NewStamp() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    [GeneratedRegex(@"^[\p{L}\p{Nd}][\p{L}\p{Nd}._@+-]{0,63}\z")]
    private static partial Regex Name();
}

using System.Security.Cryptography;
using System.Text;
using Broker.Web.Persistence;
using Broker.Web.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Security.Users;

/// <summary>
/// The salts that SCRAM shows to clients whose user there is not. Each name has its own for ever, as a user has: the key that they are made with lies in the store. One that
/// was another after a restart would tell that there is no such user.
/// </summary>
internal sealed class UnknownSalts(IDbContextFactory<BrokerDbContext> tables)
{
    /// <summary>The setting that holds the key, in base64.</summary>
    public const string Setting = "Mqtt:Scram:UnknownSaltKey";

    private volatile byte[]? key;

    /// <summary>The seed of a name's salt.</summary>
    public async ValueTask<byte[]> SeedAsync(string name, CancellationToken cancellation) =>
        HMACSHA256.HashData(key ??= await ReadAsync(cancellation).ConfigureAwait(false), Encoding.UTF8.GetBytes(name));

    private async Task<byte[]> ReadAsync(CancellationToken cancellation)
    {
        if (await FindAsync(cancellation).ConfigureAwait(false) is { } found) return found;
        await using var context = tables.CreateDbContext();
        byte[] made = RandomNumberGenerator.GetBytes(32);
        context.Settings.Add(new SettingRow { Name = Setting, Value = Convert.ToBase64String(made) });
        try
        {
            await context.SaveChangesAsync(cancellation).ConfigureAwait(false);
            return made;
        }
        catch (DbUpdateException)
        {
            if (await FindAsync(cancellation).ConfigureAwait(false) is { } theirs) return theirs; // somebody else was quicker
            throw;
        }
    }

    private async Task<byte[]?> FindAsync(CancellationToken cancellation)
    {
        await using var context = tables.CreateDbContext();
        return await context.SettingAsync(Setting, cancellation).ConfigureAwait(false) is { } value ? Convert.FromBase64String(value) : null;
    }
}

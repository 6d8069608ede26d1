using System.Security.Cryptography;
using System.Text;
using Broker.Web.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Security.SignIn;

/// <summary>
/// What is kept of tokens and API keys: HMAC-SHA-256 (RFC 2104) over the SHA-256 of the whole, with a key that each store has for itself. The key lies in the settings
/// from the migration on that made it; without them no row of either is worth anything.
/// </summary>
internal sealed class KeyedHashes(IDbContextFactory<BrokerDbContext> tables)
{
    /// <summary>The setting that holds the key, 256 random bits in base64.</summary>
    public const string Setting = "Security:HashKey";

    private volatile byte[]? key;

    /// <summary>Reads the key, unless it is known: from then on no hash needs the store.</summary>
    /// <exception cref="InvalidOperationException">The store has lost its key.</exception>
    public async ValueTask ReadAsync(CancellationToken cancellation) => await KeyAsync(cancellation).ConfigureAwait(false);

    /// <summary>What is kept of a text.</summary>
    /// <exception cref="InvalidOperationException">The store has lost its key.</exception>
    public async ValueTask<byte[]> OfAsync(string text, CancellationToken cancellation) =>
        HMACSHA256.HashData(await KeyAsync(cancellation).ConfigureAwait(false), SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Whether a text is the one of which a hash was kept; takes as long whatever the answer.</summary>
    /// <exception cref="InvalidOperationException">The store has lost its key.</exception>
    public async ValueTask<bool> FitsAsync(string text, byte[] hash, CancellationToken cancellation)
    {
        byte[] own = await OfAsync(text, cancellation).ConfigureAwait(false);
        return CryptographicOperations.FixedTimeEquals(hash, own);
    }

    private async ValueTask<byte[]> KeyAsync(CancellationToken cancellation)
    {
        if (key is { } known) return known;
        await using var context = tables.CreateDbContext();
        var stored = await context.SettingAsync(Setting, cancellation).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"the settings have lost {Setting}, without which no token and no API key can be checked; restore the store from a backup");
        return key = Convert.FromBase64String(stored);
    }
}

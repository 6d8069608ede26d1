using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Broker.Web.Security.SignIn;

/// <summary>
/// Passwords that were found right a while ago, so that a program that sends one with each request costs a hash now and then and not each time. Kept is a hash with a key
/// of this process, for one password an account, until the account changes.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="kept">How long.</param>
internal sealed class RecentPasswords(TimeProvider time, TimeSpan kept)
{
    private const int Most = 200_000;

    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, (byte[] Hash, DateTimeOffset Until)> known = new();

    /// <summary>Remembers the right password of an account.</summary>
    /// <param name="account">Its name.</param>
    /// <param name="stamp">Its security stamp, which changes with the password.</param>
    /// <param name="password">The password.</param>
    public void Remember(string account, string stamp, string password)
    {
        if (known.Count >= Most) Forget();
        known[account] = (HashOf(stamp, password), time.GetUtcNow() + kept);
    }

    /// <summary>Whether it was the right one a while ago.</summary>
    public bool Holds(string account, string stamp, string password) =>
        known.TryGetValue(account, out var one) && one.Until > time.GetUtcNow() && CryptographicOperations.FixedTimeEquals(one.Hash, HashOf(stamp, password));

    /// <summary>A hash that nobody else can make: it tells whether two attempts present the same.</summary>
    public byte[] HashOf(string stamp, string password) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{stamp}:{password}"));

    // Those whose time is over, or all where that is not enough: each costs one comparison more.
    private void Forget()
    {
        var now = time.GetUtcNow();
        foreach (var one in known)
            if (one.Value.Until <= now) known.TryRemove(one);
        if (known.Count >= Most) known.Clear();
    }
}

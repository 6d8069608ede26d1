using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Broker.Web.Persistence.Model;

namespace Broker.Web.Security.SignIn;

/// <summary>
/// Passwords that were found right a moment ago, so that a program that sends one with each request costs a hash now and then and not each time. Kept is a hash with a key
/// of this process, for one password an account, until the account changes.
/// </summary>
internal sealed class RecentPasswords(TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, (byte[] Hash, DateTimeOffset Until)> known = new();

    /// <summary>Remembers the right password of an account.</summary>
    public void Remember(AdministratorRow account, string password) => known[account.Name] = (HashOf(account, password), time.GetUtcNow() + Kept);

    /// <summary>Whether it was the right one a moment ago.</summary>
    public bool Holds(AdministratorRow account, string password) =>
        known.TryGetValue(account.Name, out var one) && one.Until > time.GetUtcNow() && CryptographicOperations.FixedTimeEquals(one.Hash, HashOf(account, password));

    // With the stamp, which changes with the password and the role.
    private byte[] HashOf(AdministratorRow account, string password) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{account.SecurityStamp}:{password}"));
}

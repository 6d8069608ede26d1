using Broker.Web.Persistence.Model;
using Microsoft.AspNetCore.Identity;

namespace Broker.Tests.Security;

/// <summary>Counts what takes time: hashes that are compared.</summary>
internal sealed class CountingHasher : IPasswordHasher<AdministratorRow>
{
    private readonly PasswordHasher<AdministratorRow> hasher = new();
    private int compared;

    public int Compared => Volatile.Read(ref compared);

    public string HashPassword(AdministratorRow user, string password) => hasher.HashPassword(user, password);

    public PasswordVerificationResult VerifyHashedPassword(AdministratorRow user, string hashedPassword, string providedPassword)
    {
        Interlocked.Increment(ref compared);
        return hasher.VerifyHashedPassword(user, hashedPassword, providedPassword);
    }
}

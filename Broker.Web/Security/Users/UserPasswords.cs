using System.Security.Cryptography;
using Broker.Core.Access;
using Broker.Web.Persistence.Model;
using Broker.Web.Persistence.Model.Identity;
using Microsoft.AspNetCore.Identity;

namespace Broker.Web.Security.Users;

/// <summary>What a comparison with a user's password came to.</summary>
internal enum PasswordMatch
{
    /// <summary>It is another, or there is none.</summary>
    Wrong,

    /// <summary>It is the user's.</summary>
    Right,

    /// <summary>It is the user's, and its hash is of a kind that is made no more.</summary>
    RightButOld,
}

/// <summary>Compares passwords of MQTT users, and makes what is kept of them. Each call takes a tenth of a second of a processor.</summary>
internal sealed class UserPasswords(IPasswordHasher<AdministratorRow> hasher)
{
    private readonly Lazy<string> nobodys = new(() => hasher.HashPassword(null!, Guid.NewGuid().ToString()));

    /// <summary>Compares a password. Without a user, or without a password of the user's, it takes as long, and never fits.</summary>
    public PasswordMatch Compare(UserRow? user, string password)
    {
        bool isForeign = user?.PasswordHash is { } stored && MosquittoHash.IsOne(stored);
        if (isForeign && MosquittoHash.Fits(user!.PasswordHash!, password)) return PasswordMatch.RightButOld;
        bool isOurs = user?.PasswordHash is not null && !isForeign;
        var result = hasher.VerifyHashedPassword(null!, isOurs ? user!.PasswordHash! : nobodys.Value, password);
        return !isOurs || result == PasswordVerificationResult.Failed ? PasswordMatch.Wrong : result == PasswordVerificationResult.SuccessRehashNeeded ? PasswordMatch.RightButOld : PasswordMatch.Right;
    }

    /// <summary>Puts what is kept of a password into a row.</summary>
    public void Set(UserRow user, string password)
    {
        user.PasswordHash = hasher.HashPassword(null!, password);
        var scram = ScramCredential.Of(password);
        (user.ScramSalt, user.ScramIterations, user.ScramStoredKey, user.ScramServerKey) = (scram.Salt, scram.Iterations, scram.StoredKey, scram.ServerKey);
    }

    /// <summary>Puts into a row what is kept of the password of another.</summary>
    public static void Copy(UserRow from, UserRow to) => (to.PasswordHash, to.ScramSalt, to.ScramIterations, to.ScramStoredKey, to.ScramServerKey) =
        (from.PasswordHash, from.ScramSalt, from.ScramIterations, from.ScramStoredKey, from.ScramServerKey);

    /// <summary>Takes the password out of a row.</summary>
    public static void Clear(UserRow user) => (user.PasswordHash, user.ScramSalt, user.ScramIterations, user.ScramStoredKey, user.ScramServerKey) = (null, null, null, null, null);

    /// <summary>A new stamp.</summary>
    public static string NewStamp() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}

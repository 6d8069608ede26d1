using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Broker.Web.Security.Users;

/// <summary>
/// Password hashes as <c>mosquitto_passwd</c> writes them: <c>$6$salt$hash</c> is SHA-512 of password and salt, <c>$7$iterations$salt$hash</c> is PBKDF2 with
/// HMAC-SHA-512; salt and hash in base64.
/// </summary>
internal static class MosquittoHash
{
    private const int MostIterations = 10_000_000, LongestText = 1_000;

    /// <summary>Whether a stored hash is one of these, and not one of ours.</summary>
    public static bool IsOne(string hash) => hash.StartsWith('$');

    /// <summary>Whether a text is a hash that <see cref="Fits"/> can compare.</summary>
    public static bool IsReadable(string text) => Read(text) is not null;

    /// <summary>Whether it is the hash of a password; takes as long whatever the answer.</summary>
    public static bool Fits(string hash, string password)
    {
        if (Read(hash) is not var (iterations, salt, expected)) return false;
        byte[] bytes = Encoding.UTF8.GetBytes(password);
        byte[] found = iterations == 0 ? SHA512.HashData([.. bytes, .. salt]) : Rfc2898DeriveBytes.Pbkdf2(bytes, salt, iterations, HashAlgorithmName.SHA512, expected.Length);
        return CryptographicOperations.FixedTimeEquals(found, expected);
    }

    private static (int Iterations, byte[] Salt, byte[] Hash)? Read(string text)
    {
        if (text.Length > LongestText) return null;
        int iterations = 0;
        string[] parts = text.Split('$');
        switch (parts)
        {
            case ["", "6", _, _]: break;
            case ["", "7", var count, _, _] when int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out iterations) && iterations is > 0 and <= MostIterations: break;
            default: return null;
        }
        byte[] salt = new byte[LongestText], hash = new byte[LongestText];
        if (!Convert.TryFromBase64String(parts[^2], salt, out int saltLength) || !Convert.TryFromBase64String(parts[^1], hash, out int hashLength)) return null;
        return saltLength > 0 && hashLength == SHA512.HashSizeInBytes ? (iterations, salt[..saltLength], hash[..hashLength]) : null;
    }
}

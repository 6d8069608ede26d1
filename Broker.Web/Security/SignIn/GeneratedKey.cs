using System.Buffers.Text;
using System.Security.Cryptography;

namespace Broker.Web.Security.SignIn;

/// <summary>
/// Keys that the broker makes: a prefix by which people and scanners recognise them, an id of 8 characters that is no secret, <c>_</c>, and a secret of 256 random
/// bits, too many to be guessed however fast: so a fast hash of the whole key is enough to be kept, see <see cref="KeyedHashes"/>.
/// </summary>
/// <param name="prefix">How every key of this kind begins, with a <c>_</c> at its end.</param>
internal sealed class GeneratedKey(string prefix)
{
    private const string IdLetters = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int IdLength = 8, SecretBytes = 32;

    private readonly int length = prefix.Length + IdLength + 1 + Base64Url.GetEncodedLength(SecretBytes);

    /// <summary>Makes one.</summary>
    public (string Id, string Key) Make()
    {
        var id = RandomNumberGenerator.GetString(IdLetters, IdLength);
        return (id, $"{prefix}{id}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}");
    }

    /// <summary>The id in a text that looks like a key of this kind, else null.</summary>
    public string? IdIn(string text) =>
        text.Length == length && text.StartsWith(prefix, StringComparison.Ordinal) && text.IndexOf('_', prefix.Length) == prefix.Length + IdLength
            ? text.Substring(prefix.Length, IdLength) : null;
}

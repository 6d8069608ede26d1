using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Broker.Web.Security.SignIn;

/// <summary>The right to make the first administrator: a random token that is printed at start, and counts until it was used or the process ends.</summary>
internal sealed class SetupLink
{
    /// <summary>The page.</summary>
    public const string Path = "/setup";

    private volatile byte[]? hash;

    /// <summary>Whether there is an administrator to be made.</summary>
    public bool IsOpen => hash is not null;

    /// <summary>Makes the token; one that was made before counts no more.</summary>
    public string Open()
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        hash = HashOf(token);
        return token;
    }

    /// <summary>Whether a token is the right one. The time that it takes tells nothing about it.</summary>
    public bool Admits(string? token) => hash is { } right && token is not null && CryptographicOperations.FixedTimeEquals(right, HashOf(token));

    /// <summary>There is an administrator now.</summary>
    public void Close() => hash = null;

    private static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}

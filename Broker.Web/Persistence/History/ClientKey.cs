using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Broker.Web.Persistence.History;

/// <summary>
/// A number that stands for a client identifier in keys: those can have 65,535 bytes, more than PostgreSQL takes into an index. The first eight bytes of
/// its SHA-256; two clients that share one, which chance does not bring about, would share a row of presence, so readers compare the identifier too.
/// </summary>
internal static class ClientKey
{
    /// <summary>The number of a client identifier.</summary>
    public static long Of(string clientIdentifier)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(clientIdentifier), hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }
}

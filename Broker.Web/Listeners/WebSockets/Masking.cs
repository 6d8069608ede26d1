using System.Numerics;
using System.Runtime.InteropServices;

namespace Broker.Web.Listeners.WebSockets;

/// <summary>Client-to-server masking: byte i of the payload is XORed with byte i mod 4 of the key (RFC 6455 section 5.3).</summary>
internal static class Masking
{
    /// <summary>Copies <paramref name="from"/> to <paramref name="to"/> unmasked; gives back the key turned to where the next byte stands.</summary>
    public static uint Unmask(ReadOnlySpan<byte> from, Span<byte> to, uint key)
    {
        var length = from.Length;
        var i = 0;
        var wide = Vector.AsVectorByte(new Vector<uint>(key));
        for (; i <= length - Vector<byte>.Count; i += Vector<byte>.Count) (new Vector<byte>(from[i..]) ^ wide).CopyTo(to[i..]);
        var twice = key | ((ulong)key << 32);
        for (; i <= length - sizeof(ulong); i += sizeof(ulong))
        {
            var word = MemoryMarshal.Read<ulong>(from[i..]) ^ twice;
            MemoryMarshal.Write(to[i..], in word);
        }
        for (; i < length; i++)
        {
            to[i] = (byte)(from[i] ^ First(key));
            key = Turn(key, 1);
        }
        return key; // Everything before the single bytes was a multiple of four.
    }

    private static byte First(uint key) => (byte)(BitConverter.IsLittleEndian ? key : key >> 24);

    private static uint Turn(uint key, int bytes) => BitConverter.IsLittleEndian ? BitOperations.RotateRight(key, 8 * bytes) : BitOperations.RotateLeft(key, 8 * bytes);
}

using System.Buffers.Binary;

namespace Broker.Web.Listeners.WebSockets;

/// <summary>Frame types (RFC 6455 section 11.8).</summary>
internal static class Opcodes
{
    public const byte Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10;
}

/// <summary>Close codes (RFC 6455 section 7.4 and the IANA registry).</summary>
internal static class CloseCodes
{
    public const ushort Normal = 1000, ProtocolError = 1002, UnsupportedData = 1003, InvalidPayload = 1007;

    /// <summary>Whether a close frame may carry the code: 1004 to 1006 and 1015 stand for what is never sent, the rest up to 2999 is reserved.</summary>
    public static bool MayBeSent(ushort code) => code is >= 1000 and <= 1003 or >= 1007 and <= 1014 or >= 3000 and <= 4999;
}

/// <summary>Frames that the broker sends: final and not masked.</summary>
internal static class Frames
{
    /// <summary>Longest header of a frame that is not masked.</summary>
    public const int LongestHeader = 10;

    private const byte Final = 0x80;

    /// <summary>Writes the header of a binary frame so that it ends at <paramref name="end"/>; gives back where it begins.</summary>
    public static int WriteHeaderBefore(byte[] bytes, int end, int length)
    {
        if (length <= 125)
        {
            bytes[end - 1] = (byte)length;
            bytes[end - 2] = Final | Opcodes.Binary;
            return end - 2;
        }
        if (length <= ushort.MaxValue)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(end - 2), (ushort)length);
            bytes[end - 3] = 126;
            bytes[end - 4] = Final | Opcodes.Binary;
            return end - 4;
        }
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(end - 8), length);
        bytes[end - 9] = 127;
        bytes[end - 10] = Final | Opcodes.Binary;
        return end - 10;
    }

    /// <summary>A pong that answers a ping.</summary>
    public static byte[] Pong(ReadOnlySpan<byte> payload) => [Final | Opcodes.Pong, (byte)payload.Length, .. payload];

    /// <summary>A close frame, empty without a code.</summary>
    public static byte[] Close(ushort? code) => code is { } value ? [Final | Opcodes.Close, 2, (byte)(value >> 8), (byte)value] : [Final | Opcodes.Close, 0];
}

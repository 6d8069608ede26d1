using System.Buffers.Binary;
using System.Numerics;

namespace Broker.Tests.Crash.Accounts;

/// <summary>
/// What the messages hold: the run, the stream, the number, filling that follows from them, and a checksum. So nothing can be altered, cut, mixed up or made up
/// without being seen. Most are 64 bytes long, some much longer.
/// </summary>
internal static class Payload
{
    public const int Longest = 20_000;
    private const int Head = 24, Usual = 64, Long = 1_000;

    /// <summary>Writes the payload; gives back its length.</summary>
    public static int Write(Span<byte> into, long run, int stream, long number)
    {
        int length = LengthOf(number);
        BinaryPrimitives.WriteInt64LittleEndian(into, run);
        BinaryPrimitives.WriteInt64LittleEndian(into[8..], stream);
        BinaryPrimitives.WriteInt64LittleEndian(into[16..], number);
        ulong word = unchecked((ulong)(run + stream * 1_000_003 + number) * 0x9E3779B97F4A7C15);
        for (int at = Head; at < length - 8; at += 8)
        {
            word = unchecked(BitOperations.RotateLeft(word, 23) * 0xD1342543DE82EF95 + 1);
            BinaryPrimitives.WriteUInt64LittleEndian(into[at..], word);
        }
        BinaryPrimitives.WriteUInt64LittleEndian(into[(length - 8)..], Checksum(into[..(length - 8)]));
        return length;
    }

    /// <summary>Reads a payload back; false if it is not exactly one that was written for this run.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, long run, out int stream, out long number)
    {
        (stream, number) = (0, 0);
        if (payload.Length < Head + 8 || BinaryPrimitives.ReadInt64LittleEndian(payload) != run) return false;
        stream = (int)BinaryPrimitives.ReadInt64LittleEndian(payload[8..]);
        number = BinaryPrimitives.ReadInt64LittleEndian(payload[16..]);
        return number > 0 && payload.Length == LengthOf(number)
            && BinaryPrimitives.ReadUInt64LittleEndian(payload[^8..]) == Checksum(payload[..^8]);
    }

    private static int LengthOf(long number) => number % 1_000 == 500 ? Longest : number % 50 == 25 ? Long : Usual;

    private static ulong Checksum(ReadOnlySpan<byte> bytes)
    {
        uint low = 0, high = 0x5EED;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            low = BitOperations.Crc32C(low, word);
            high = BitOperations.Crc32C(high, BitOperations.RotateLeft(word, 13));
        }
        return (ulong)high << 32 | low;
    }
}

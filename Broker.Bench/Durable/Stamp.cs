using System.Buffers.Binary;

namespace Broker.Bench.Durable;

/// <summary>What a payload begins with: which publisher sent it, and as its how manieth.</summary>
internal readonly record struct Stamp(int Publisher, int Number)
{
    public const int Length = 8;

    public static Stamp Read(ReadOnlySpan<byte> payload) => payload.Length < Length ? throw new InvalidDataException($"a payload of {payload.Length} bytes came back")
        : new(BinaryPrimitives.ReadInt32LittleEndian(payload), BinaryPrimitives.ReadInt32LittleEndian(payload[4..]));

    public void Write(Span<byte> payload)
    {
        BinaryPrimitives.WriteInt32LittleEndian(payload, Publisher);
        BinaryPrimitives.WriteInt32LittleEndian(payload[4..], Number);
    }
}

using System.Buffers.Binary;
using System.Text;

namespace Broker.Core.Protocol;

/// <summary>Writes fields one after the other into memory that is large enough (MQTT 5, section 1.5).</summary>
public ref struct PacketWriter(Span<byte> span)
{
    private readonly Span<byte> span = span;

    /// <summary>Bytes written so far.</summary>
    public int Position { get; private set; }

    /// <summary>One byte.</summary>
    public void WriteByte(byte value) => span[Position++] = value;

    /// <summary>A two byte integer.</summary>
    public void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(span[Position..], value);
        Position += 2;
    }

    /// <summary>A four byte integer.</summary>
    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(span[Position..], value);
        Position += 4;
    }

    /// <summary>A variable byte integer, 0 to 268,435,455.</summary>
    public void WriteVariableByteInteger(int value)
    {
        while (value > 0x7F)
        {
            WriteByte((byte)(value | 0x80));
            value >>= 7;
        }
        WriteByte((byte)value);
    }

    /// <summary>Bytes as they are.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(span[Position..]);
        Position += bytes.Length;
    }

    /// <summary>Binary data, or a string that is UTF-8 already: a length and the bytes.</summary>
    public void WriteBinary(ReadOnlySpan<byte> bytes)
    {
        WriteUInt16((ushort)bytes.Length);
        WriteBytes(bytes);
    }

    /// <summary>A UTF-8 string.</summary>
    public void WriteString(string text)
    {
        int length = Encoding.UTF8.GetBytes(text, span[(Position + 2)..]);
        WriteUInt16((ushort)length);
        Position += length;
    }

    /// <summary>Properties with their length in front.</summary>
    public void WriteProperties(Properties properties)
    {
        WriteVariableByteInteger(properties.Encoded.Length);
        WriteBytes(properties.Encoded.Span);
    }

    /// <summary>How many bytes a variable byte integer takes.</summary>
    public static int LengthOf(int value) => value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4;
}

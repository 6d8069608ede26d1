using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Broker.Core.Protocol;

/// <summary>Reads the fields of one packet in turn (MQTT 5, section 1.5). Nothing is copied; what it returns lies in the packet's own bytes.</summary>
public ref struct PacketReader(ReadOnlyMemory<byte> memory)
{
    private readonly ReadOnlyMemory<byte> memory = memory;
    private readonly ReadOnlySpan<byte> span = memory.Span;
    private int position;

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => position;

    /// <summary>Whether everything has been read.</summary>
    public readonly bool AtEnd => position == span.Length;

    /// <summary>One byte.</summary>
    public byte ReadByte()
    {
        Require(1);
        return span[position++];
    }

    /// <summary>A two byte integer.</summary>
    public ushort ReadUInt16()
    {
        Require(2);
        ushort value = BinaryPrimitives.ReadUInt16BigEndian(span[position..]);
        position += 2;
        return value;
    }

    /// <summary>A four byte integer.</summary>
    public uint ReadUInt32()
    {
        Require(4);
        uint value = BinaryPrimitives.ReadUInt32BigEndian(span[position..]);
        position += 4;
        return value;
    }

    /// <summary>A variable byte integer in its shortest form [MQTT-1.5.5-1], 0 to 268,435,455.</summary>
    public int ReadVariableByteInteger()
    {
        int value = 0;
        for (int shift = 0; shift < 28; shift += 7)
        {
            byte part = ReadByte();
            value |= (part & 0x7F) << shift;
            if ((part & 0x80) != 0) continue;
            if (part == 0 && shift > 0) ProtocolViolation.Throw(ReasonCode.MalformedPacket, "a variable byte integer is longer than it needs to be");
            return value;
        }
        ProtocolViolation.Throw(ReasonCode.MalformedPacket, "a variable byte integer runs over four bytes");
        return 0;
    }

    /// <summary>The next bytes.</summary>
    public ReadOnlyMemory<byte> ReadBytes(int length)
    {
        Require(length);
        var bytes = memory.Slice(position, length);
        position += length;
        return bytes;
    }

    /// <summary>Binary data: a length and that many bytes.</summary>
    public ReadOnlyMemory<byte> ReadBinary() => ReadBytes(ReadUInt16());

    /// <summary>A UTF-8 string, checked: well-formed, no surrogates, no U+0000 [MQTT-1.5.4-1] [MQTT-1.5.4-2]; a byte order mark is kept [MQTT-1.5.4-3].</summary>
    public ReadOnlyMemory<byte> ReadUtf8()
    {
        var bytes = ReadBinary();
        if (!Utf8.IsValid(bytes.Span)) ProtocolViolation.Throw(ReasonCode.MalformedPacket, "a string is not well-formed UTF-8");
        if (bytes.Span.Contains((byte)0)) ProtocolViolation.Throw(ReasonCode.MalformedPacket, "a string holds U+0000");
        return bytes;
    }

    /// <summary>A UTF-8 string as text.</summary>
    public string ReadString() => Encoding.UTF8.GetString(ReadUtf8().Span);

    /// <summary>A packet identifier, which is never 0 [MQTT-2.2.1-3].</summary>
    public ushort ReadPacketIdentifier()
    {
        ushort identifier = ReadUInt16();
        if (identifier == 0) ProtocolViolation.Throw(ReasonCode.ProtocolError, "packet identifier 0");
        return identifier;
    }

    /// <summary>Everything that has not been read yet.</summary>
    public ReadOnlyMemory<byte> ReadRest() => ReadBytes(span.Length - position);

    /// <summary>The packet must end here.</summary>
    public readonly void RequireEnd()
    {
        if (!AtEnd) ProtocolViolation.Throw(ReasonCode.MalformedPacket, $"{span.Length - position} bytes are left over at the end of the packet");
    }

    private readonly void Require(int length)
    {
        if (span.Length - position < length) ProtocolViolation.Throw(ReasonCode.MalformedPacket, "a field runs past the end of its packet");
    }
}

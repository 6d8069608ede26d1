using System.Buffers;

namespace Broker.Core.Protocol;

/// <summary>Finds packets in a stream of bytes, and writes them (MQTT 5, section 2.1).</summary>
public static class PacketCodec
{
    /// <summary>The largest Remaining Length that can be written.</summary>
    public const int MaximumRemainingLength = 268_435_455;

    /// <summary>
    /// Takes the first packet off <paramref name="bytes"/> if it is there as a whole.
    /// </summary>
    /// <param name="bytes">Bytes as they arrived.</param>
    /// <param name="maximumPacketSize">The largest packet allowed, in bytes with its fixed header.</param>
    /// <param name="first">The packet's first byte: type and flags.</param>
    /// <param name="headerLength">The length of the fixed header.</param>
    /// <param name="packetLength">The length of the whole packet, known once the fixed header is there; 0 before.</param>
    /// <returns>Whether the whole packet is there.</returns>
    /// <exception cref="ProtocolViolation">0x81 for a malformed length, 0x95 for a packet that announces more than is allowed.</exception>
    public static bool TryFindPacket(ReadOnlySpan<byte> bytes, int maximumPacketSize, out byte first, out int headerLength, out int packetLength)
    {
        first = bytes.IsEmpty ? (byte)0 : bytes[0];
        int remaining = 0;
        packetLength = 0;
        for (headerLength = 1; headerLength < bytes.Length;)
        {
            byte part = bytes[headerLength];
            remaining |= (part & 0x7F) << (7 * (headerLength - 1));
            headerLength++;
            if ((part & 0x80) == 0)
            {
                if (part == 0 && headerLength > 2) ProtocolViolation.Throw(ReasonCode.MalformedPacket, "Remaining Length is longer than it needs to be");
                packetLength = headerLength + remaining;
                if (packetLength > maximumPacketSize)
                    ProtocolViolation.Throw(ReasonCode.PacketTooLarge, $"a packet of {packetLength} bytes is larger than the {maximumPacketSize} allowed");
                return bytes.Length >= packetLength;
            }
            if (headerLength == 5) ProtocolViolation.Throw(ReasonCode.MalformedPacket, "Remaining Length runs over four bytes");
        }
        return false;
    }

    /// <summary>Reads a packet of any type.</summary>
    /// <param name="first">Its first byte.</param>
    /// <param name="body">What stands behind the fixed header; the packet keeps pieces of it.</param>
    /// <param name="version">The connection's protocol version; CONNECT carries its own.</param>
    /// <param name="sender">Who sent it.</param>
    /// <exception cref="ProtocolViolation">What is wrong with the packet.</exception>
    public static IControlPacket Read(byte first, ReadOnlyMemory<byte> body, ProtocolVersion version, Sender sender)
    {
        var type = RequireHeader(first, version, sender);
        return type switch
        {
            ControlPacketType.Connect => Connect.Read(body),
            ControlPacketType.ConnAck => ConnAck.Read(body, version),
            ControlPacketType.Publish => Publish.Read(first, body, version, sender),
            ControlPacketType.PubAck => PubAck.Read(body, version, sender),
            ControlPacketType.PubRec => PubRec.Read(body, version, sender),
            ControlPacketType.PubRel => PubRel.Read(body, version, sender),
            ControlPacketType.PubComp => PubComp.Read(body, version, sender),
            ControlPacketType.Subscribe => Subscribe.Read(body, version),
            ControlPacketType.SubAck => SubAck.Read(body, version),
            ControlPacketType.Unsubscribe => Unsubscribe.Read(body, version),
            ControlPacketType.UnsubAck => UnsubAck.Read(body, version),
            ControlPacketType.PingReq => PingReq.Read(body),
            ControlPacketType.PingResp => PingResp.Read(body),
            ControlPacketType.Disconnect => Disconnect.Read(body, version, sender),
            _ => Auth.Read(body, sender),
        };
    }

    /// <summary>Checks the first byte: a type that this side may send, with the flags that the type demands [MQTT-2.1.3-1].</summary>
    /// <exception cref="ProtocolViolation">0x81 for wrong flags or an undefined type, 0x82 for a type that the other side sends.</exception>
    public static ControlPacketType RequireHeader(byte first, ProtocolVersion version, Sender sender)
    {
        var type = (ControlPacketType)(first >> 4);
        int flags = first & 0x0F;
        switch (type)
        {
            case ControlPacketType.Publish: return type;
            case ControlPacketType.PubRel or ControlPacketType.Subscribe or ControlPacketType.Unsubscribe:
                // MQTT 3.1 sends these as QoS 1 packets that may be repeated with DUP.
                if (flags != 0b0010 && !(version == ProtocolVersion.V31 && flags == 0b1010)) BadFlags(type, flags);
                break;
            case 0: ProtocolViolation.Throw(ReasonCode.MalformedPacket, "packet type 0"); break;
            case ControlPacketType.Auth when version != ProtocolVersion.V5: ProtocolViolation.Throw(ReasonCode.MalformedPacket, "packet type 15"); break;
            default:
                if (flags != 0) BadFlags(type, flags);
                break;
        }
        bool fromServer = type is ControlPacketType.ConnAck or ControlPacketType.SubAck or ControlPacketType.UnsubAck or ControlPacketType.PingResp;
        bool fromClient = type is ControlPacketType.Connect or ControlPacketType.Subscribe or ControlPacketType.Unsubscribe or ControlPacketType.PingReq
            || (type == ControlPacketType.Disconnect && version != ProtocolVersion.V5);
        if (sender == Sender.Client ? fromServer : fromClient) ProtocolViolation.Throw(ReasonCode.ProtocolError, $"{type} is not for the {sender} to send");
        return type;
    }

    /// <summary>Writes a packet.</summary>
    /// <returns>The number of bytes written.</returns>
    public static int Write<TPacket>(in TPacket packet, ProtocolVersion version, IBufferWriter<byte> output) where TPacket : IControlPacket
    {
        int most = packet.MaximumBodyLength;
        int room = 1 + PacketWriter.LengthOf(most);
        var span = output.GetSpan(room + most);
        var body = new PacketWriter(span[room..]);
        packet.WriteBody(ref body, version);
        int length = body.Position;
        var header = new PacketWriter(span);
        header.WriteByte((byte)((int)packet.Type << 4 | packet.Flags));
        header.WriteVariableByteInteger(length);
        if (header.Position < room) span.Slice(room, length).CopyTo(span[header.Position..]);
        output.Advance(header.Position + length);
        return header.Position + length;
    }

    /// <summary>Writes a packet into an array of its own.</summary>
    public static byte[] ToArray<TPacket>(in TPacket packet, ProtocolVersion version) where TPacket : IControlPacket
    {
        var output = new ArrayBufferWriter<byte>(packet.MaximumBodyLength + 5);
        Write(packet, version, output);
        return output.WrittenSpan.ToArray();
    }

    private static void BadFlags(ControlPacketType type, int flags) =>
        ProtocolViolation.Throw(ReasonCode.MalformedPacket, $"{type} with fixed header flags 0x{flags:X}");
}

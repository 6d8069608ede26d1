namespace Broker.Core.Protocol;

/// <summary>What PUBACK, PUBREC, PUBREL and PUBCOMP have in common: packet identifier, reason code, properties (MQTT 5, sections 3.4 to 3.7).</summary>
internal static class Acknowledgement
{
    public const int Length = 2 + 1 + 4;

    public static void Write(ref PacketWriter writer, ProtocolVersion version, ushort packetIdentifier, ReasonCode reason, Properties properties)
    {
        writer.WriteUInt16(packetIdentifier);
        if (version != ProtocolVersion.V5 || (reason == ReasonCode.Success && properties.IsEmpty)) return;
        writer.WriteByte((byte)reason);
        if (!properties.IsEmpty) writer.WriteProperties(properties);
    }

    public static (ushort PacketIdentifier, ReasonCode Reason, Properties Properties) Read(
        ReadOnlyMemory<byte> body, ProtocolVersion version, ControlPacketType type, Sender sender)
    {
        var reader = new PacketReader(body);
        ushort packetIdentifier = reader.ReadPacketIdentifier();
        if (version != ProtocolVersion.V5 || reader.AtEnd)
        {
            reader.RequireEnd();
            return (packetIdentifier, ReasonCode.Success, Properties.None);
        }
        var reason = (ReasonCode)reader.ReadByte();
        if (!ReasonCodes.IsAllowed(reason, type, sender)) ProtocolViolation.Throw(ReasonCode.ProtocolError, $"{type} with reason code 0x{(byte)reason:X2}");
        var properties = reader.AtEnd ? Properties.None : Properties.Read(ref reader, (PropertyScope)(1 << (int)type), sender);
        reader.RequireEnd();
        return (packetIdentifier, reason, properties);
    }
}

/// <summary>PUBACK: the answer to a QoS 1 PUBLISH (MQTT 5, section 3.4).</summary>
public readonly record struct PubAck(ushort PacketIdentifier, ReasonCode Reason = ReasonCode.Success) : IControlPacket
{
    /// <summary>Properties; none before MQTT 5.</summary>
    public Properties Properties { get; init; }

    /// <inheritdoc/>
    public ControlPacketType Type => ControlPacketType.PubAck;

    /// <inheritdoc/>
    public byte Flags => 0;

    /// <inheritdoc/>
    public int MaximumBodyLength => Acknowledgement.Length + Properties.Encoded.Length;

    /// <inheritdoc/>
    public void WriteBody(ref PacketWriter writer, ProtocolVersion version) =>
        Acknowledgement.Write(ref writer, version, PacketIdentifier, Reason, Properties);

    /// <summary>Reads the packet.</summary>
    /// <exception cref="ProtocolViolation">0x81 or 0x82 for a malformed packet.</exception>
    public static PubAck Read(ReadOnlyMemory<byte> body, ProtocolVersion version, Sender sender)
    {
        var (packetIdentifier, reason, properties) = Acknowledgement.Read(body, version, ControlPacketType.PubAck, sender);
        return new PubAck(packetIdentifier, reason) { Properties = properties };
    }
}

/// <summary>PUBREC: the first answer to a QoS 2 PUBLISH (MQTT 5, section 3.5).</summary>
public readonly record struct PubRec(ushort PacketIdentifier, ReasonCode Reason = ReasonCode.Success) : IControlPacket
{
    /// <summary>Properties; none before MQTT 5.</summary>
    public Properties Properties { get; init; }

    /// <inheritdoc/>
    public ControlPacketType Type => ControlPacketType.PubRec;

    /// <inheritdoc/>
    public byte Flags => 0;

    /// <inheritdoc/>
    public int MaximumBodyLength => Acknowledgement.Length + Properties.Encoded.Length;

    /// <inheritdoc/>
    public void WriteBody(ref PacketWriter writer, ProtocolVersion version) =>
        Acknowledgement.Write(ref writer, version, PacketIdentifier, Reason, Properties);

    /// <summary>Reads the packet.</summary>
    /// <exception cref="ProtocolViolation">0x81 or 0x82 for a malformed packet.</exception>
    public static PubRec Read(ReadOnlyMemory<byte> body, ProtocolVersion version, Sender sender)
    {
        var (packetIdentifier, reason, properties) = Acknowledgement.Read(body, version, ControlPacketType.PubRec, sender);
        return new PubRec(packetIdentifier, reason) { Properties = properties };
    }
}

/// <summary>PUBREL: the sender lets go of a QoS 2 message (MQTT 5, section 3.6).</summary>
public readonly record struct PubRel(ushort PacketIdentifier, ReasonCode Reason = ReasonCode.Success) : IControlPacket
{
    /// <summary>Properties; none before MQTT 5.</summary>
    public Properties Properties { get; init; }

    /// <inheritdoc/>
    public ControlPacketType Type => ControlPacketType.PubRel;

    /// <inheritdoc/>
    public byte Flags => 2;

    /// <inheritdoc/>
    public int MaximumBodyLength => Acknowledgement.Length + Properties.Encoded.Length;

    /// <inheritdoc/>
    public void WriteBody(ref PacketWriter writer, ProtocolVersion version) =>
        Acknowledgement.Write(ref writer, version, PacketIdentifier, Reason, Properties);

    /// <summary>Reads the packet.</summary>
    /// <exception cref="ProtocolViolation">0x81 or 0x82 for a malformed packet.</exception>
    public static PubRel Read(ReadOnlyMemory<byte> body, ProtocolVersion version, Sender sender)
    {
        var (packetIdentifier, reason, properties) = Acknowledgement.Read(body, version, ControlPacketType.PubRel, sender);
        return new PubRel(packetIdentifier, reason) { Properties = properties };
    }
}

/// <summary>PUBCOMP: the end of a QoS 2 exchange (MQTT 5, section 3.7).</summary>
public readonly record struct PubComp(ushort PacketIdentifier, ReasonCode Reason = ReasonCode.Success) : IControlPacket
{
    /// <summary>Properties; none before MQTT 5.</summary>
    public Properties Properties { get; init; }

    /// <inheritdoc/>
    public ControlPacketType Type => ControlPacketType.PubComp;

    /// <inheritdoc/>
    public byte Flags => 0;

    /// <inheritdoc/>
    public int MaximumBodyLength => Acknowledgement.Length + Properties.Encoded.Length;

    /// <inheritdoc/>
    public void WriteBody(ref PacketWriter writer, ProtocolVersion version) =>
        Acknowledgement.Write(ref writer, version, PacketIdentifier, Reason, Properties);

    /// <summary>Reads the packet.</summary>
    /// <exception cref="ProtocolViolation">0x81 or 0x82 for a malformed packet.</exception>
    public static PubComp Read(ReadOnlyMemory<byte> body, ProtocolVersion version, Sender sender)
    {
        var (packetIdentifier, reason, properties) = Acknowledgement.Read(body, version, ControlPacketType.PubComp, sender);
        return new PubComp(packetIdentifier, reason) { Properties = properties };
    }
}

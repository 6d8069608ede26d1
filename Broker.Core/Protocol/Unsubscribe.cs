namespace Broker.Core.Protocol;

/// <summary>UNSUBSCRIBE: the client takes subscriptions back (MQTT 5, section 3.10; MQTT 3.1.1, section 3.10).</summary>
public sealed record Unsubscribe(ushort PacketIdentifier, IReadOnlyList<string> Filters) : IControlPacket
{
    /// <summary>Properties; none before MQTT 5.</summary>
    public Properties Properties { get; init; }

    /// <inheritdoc/>
    public ControlPacketType Type => ControlPacketType.Unsubscribe;

    /// <inheritdoc/>
    public byte Flags => 2;

    /// <inheritdoc/>
    public int MaximumBodyLength => 6 + Properties.Encoded.Length + Filters.Sum(filter => 2 + filter.Length * 3);

    /// <inheritdoc/>
    public void WriteBody(ref PacketWriter writer, ProtocolVersion version)
    {
        writer.WriteUInt16(PacketIdentifier);
        if (version == ProtocolVersion.V5) writer.WriteProperties(Properties);
        foreach (string filter in Filters) writer.WriteString(filter);
    }

    /// <summary>Reads an UNSUBSCRIBE.</summary>
    /// <exception cref="ProtocolViolation">0x81 or 0x82 for a malformed packet.</exception>
    public static Unsubscribe Read(ReadOnlyMemory<byte> body, ProtocolVersion version)
    {
        var reader = new PacketReader(body);
        ushort packetIdentifier = reader.ReadPacketIdentifier();
        var properties = version == ProtocolVersion.V5 ? Properties.Read(ref reader, PropertyScope.Unsubscribe, Sender.Client) : Properties.None;
        if (reader.AtEnd) ProtocolViolation.Throw(ReasonCode.ProtocolError, "UNSUBSCRIBE without a topic filter"); // [MQTT-3.10.3-2]
        var filters = new List<string>();
        while (!reader.AtEnd) filters.Add(reader.ReadString());
        return new Unsubscribe(packetIdentifier, filters) { Properties = properties };
    }
}

/// <summary>UNSUBACK: the answer to UNSUBSCRIBE; a reason code for each filter in MQTT 5 (section 3.11), nothing but the identifier before.</summary>
public sealed record UnsubAck(ushort PacketIdentifier, IReadOnlyList<ReasonCode> Reasons) : IControlPacket
{
    /// <summary>Properties; none before MQTT 5.</summary>
    public Properties Properties { get; init; }

    /// <inheritdoc/>
    public ControlPacketType Type => ControlPacketType.UnsubAck;

    /// <inheritdoc/>
    public byte Flags => 0;

    /// <inheritdoc/>
    public int MaximumBodyLength => 6 + Properties.Encoded.Length + Reasons.Count;

    /// <inheritdoc/>
    public void WriteBody(ref PacketWriter writer, ProtocolVersion version)
    {
        writer.WriteUInt16(PacketIdentifier);
        if (version != ProtocolVersion.V5) return;
        writer.WriteProperties(Properties);
        foreach (var reason in Reasons) writer.WriteByte((byte)reason);
    }

    /// <summary>Reads an UNSUBACK.</summary>
    public static UnsubAck Read(ReadOnlyMemory<byte> body, ProtocolVersion version)
    {
        var reader = new PacketReader(body);
        ushort packetIdentifier = reader.ReadPacketIdentifier();
        if (version != ProtocolVersion.V5)
        {
            reader.RequireEnd();
            return new UnsubAck(packetIdentifier, []);
        }
        var properties = Properties.Read(ref reader, PropertyScope.UnsubAck, Sender.Server);
        return new UnsubAck(packetIdentifier, ReasonCodes.Read(ref reader, ControlPacketType.UnsubAck)) { Properties = properties };
    }
}

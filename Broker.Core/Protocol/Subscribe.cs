namespace Broker.Core.Protocol;

/// <summary>What a client wants of a subscription (MQTT 5, section 3.8.3.1); before MQTT 5 only the QoS.</summary>
/// <param name="QoS">The highest QoS to deliver with.</param>
/// <param name="NoLocal">Whether the client's own messages stay away.</param>
/// <param name="RetainAsPublished">Whether RETAIN is forwarded as it was published.</param>
/// <param name="RetainHandling">When retained messages are sent: 0 at each subscribe, 1 at a new subscription only, 2 never.</param>
public readonly record struct SubscriptionOptions(
    QualityOfService QoS, bool NoLocal = false, bool RetainAsPublished = false, byte RetainHandling = 0)
{
    internal byte ToByte() => (byte)((int)QoS | (NoLocal ? 4 : 0) | (RetainAsPublished ? 8 : 0) | RetainHandling << 4);

    internal static SubscriptionOptions Read(byte options, ProtocolVersion version)
    {
        if ((options & (version == ProtocolVersion.V5 ? 0xC0 : 0xFC)) != 0)
            ProtocolViolation.Throw(ReasonCode.MalformedPacket, $"subscription options 0x{options:X2} have reserved bits set"); // [MQTT-3.8.3-5]
        if ((options & 3) == 3) ProtocolViolation.Throw(ReasonCode.ProtocolError, "SUBSCRIBE with QoS 3");
        if ((options & 0x30) == 0x30) ProtocolViolation.Throw(ReasonCode.ProtocolError, "SUBSCRIBE with Retain Handling 3");
        return new SubscriptionOptions((QualityOfService)(options & 3), (options & 4) != 0, (options & 8) != 0, (byte)(options >> 4));
    }
}

/// <summary>One topic filter of a SUBSCRIBE with its options.</summary>
public readonly record struct SubscriptionRequest(string Filter, SubscriptionOptions Options);

/// <summary>SUBSCRIBE: the client asks for messages (MQTT 5, section 3.8; MQTT 3.1.1, section 3.8).</summary>
public sealed record Subscribe(ushort PacketIdentifier, IReadOnlyList<SubscriptionRequest> Requests) : IControlPacket
{
    /// <summary>Properties; none before MQTT 5.</summary>
    public Properties Properties { get; init; }

    /// <inheritdoc/>
    public ControlPacketType Type => ControlPacketType.Subscribe;

    /// <inheritdoc/>
    public byte Flags => 2;

    /// <inheritdoc/>
    public int MaximumBodyLength => 6 + Properties.Encoded.Length + Requests.Sum(request => 3 + request.Filter.Length * 3);

    /// <inheritdoc/>
    public void WriteBody(ref PacketWriter writer, ProtocolVersion version)
    {
        writer.WriteUInt16(PacketIdentifier);
        if (version == ProtocolVersion.V5) writer.WriteProperties(Properties);
        foreach (var request in Requests)
        {
            writer.WriteString(request.Filter);
            writer.WriteByte(request.Options.ToByte());
        }
    }

    /// <summary>Reads a SUBSCRIBE. Whether a filter is valid is not checked here, as a bad one fails alone [MQTT-3.8.4-6].</summary>
    /// <exception cref="ProtocolViolation">0x81 or 0x82 for a malformed packet.</exception>
    public static Subscribe Read(ReadOnlyMemory<byte> body, ProtocolVersion version)
    {
        var reader = new PacketReader(body);
        ushort packetIdentifier = reader.ReadPacketIdentifier();
        var properties = version == ProtocolVersion.V5 ? Properties.Read(ref reader, PropertyScope.Subscribe, Sender.Client) : Properties.None;
        if (reader.AtEnd) ProtocolViolation.Throw(ReasonCode.ProtocolError, "SUBSCRIBE without a topic filter"); // [MQTT-3.8.3-2]
        var requests = new List<SubscriptionRequest>();
        while (!reader.AtEnd) requests.Add(new(reader.ReadString(), SubscriptionOptions.Read(reader.ReadByte(), version)));
        return new Subscribe(packetIdentifier, requests) { Properties = properties };
    }
}

/// <summary>SUBACK: the answer to SUBSCRIBE, a reason code for each filter in their order (MQTT 5, section 3.9).</summary>
public sealed record SubAck(ushort PacketIdentifier, IReadOnlyList<ReasonCode> Reasons) : IControlPacket
{
    /// <summary>Properties; none before MQTT 5.</summary>
    public Properties Properties { get; init; }

    /// <inheritdoc/>
    public ControlPacketType Type => ControlPacketType.SubAck;

    /// <inheritdoc/>
    public byte Flags => 0;

    /// <inheritdoc/>
    public int MaximumBodyLength => 6 + Properties.Encoded.Length + Reasons.Count;

    /// <inheritdoc/>
    public void WriteBody(ref PacketWriter writer, ProtocolVersion version)
    {
        writer.WriteUInt16(PacketIdentifier);
        if (version == ProtocolVersion.V5) writer.WriteProperties(Properties);
        foreach (var reason in Reasons) writer.WriteByte(reason.IsError() && version != ProtocolVersion.V5 ? (byte)0x80 : (byte)reason);
    }

    /// <summary>Reads a SUBACK.</summary>
    public static SubAck Read(ReadOnlyMemory<byte> body, ProtocolVersion version)
    {
        var reader = new PacketReader(body);
        ushort packetIdentifier = reader.ReadPacketIdentifier();
        var properties = version == ProtocolVersion.V5 ? Properties.Read(ref reader, PropertyScope.SubAck, Sender.Server) : Properties.None;
        var reasons = ReasonCodes.Read(ref reader, ControlPacketType.SubAck);
        if (version != ProtocolVersion.V5 && reasons.Any(reason => reason > ReasonCode.UnspecifiedError))
            ProtocolViolation.Throw(ReasonCode.ProtocolError, "SUBACK with a return code that is not defined before MQTT 5"); // 3.1.1: [MQTT-3.9.3-2]
        return new SubAck(packetIdentifier, reasons) { Properties = properties };
    }
}

namespace Broker.Core.Protocol;

/// <summary>PUBLISH: an application message on its way (MQTT 5, section 3.3; MQTT 3.1.1, section 3.3). What was read lies in the received bytes.</summary>
public readonly record struct Publish : IControlPacket
{
    /// <summary>Topic Name in UTF-8; empty where a topic alias stands for it.</summary>
    public ReadOnlyMemory<byte> Topic { get; init; }

    /// <summary>The application message's payload.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Packet Identifier; 0 at QoS 0.</summary>
    public ushort PacketIdentifier { get; init; }

    /// <summary>The QoS of this packet.</summary>
    public QualityOfService QoS { get; init; }

    /// <summary>RETAIN.</summary>
    public bool Retain { get; init; }

    /// <summary>DUP: sent before.</summary>
    public bool Duplicate { get; init; }

    /// <summary>Properties; none before MQTT 5.</summary>
    public Properties Properties { get; init; }

    /// <inheritdoc/>
    public ControlPacketType Type => ControlPacketType.Publish;

    /// <inheritdoc/>
    public byte Flags => FlagsOf(QoS, Retain, Duplicate);

    /// <inheritdoc/>
    public int MaximumBodyLength => 2 + Topic.Length + 2 + 4 + Properties.Encoded.Length + Payload.Length;

    /// <summary>The fixed header flags (MQTT 5, section 3.3.1).</summary>
    public static byte FlagsOf(QualityOfService qos, bool retain, bool duplicate) => (byte)((int)qos << 1 | (retain ? 1 : 0) | (duplicate ? 8 : 0));

    /// <inheritdoc/>
    public void WriteBody(ref PacketWriter writer, ProtocolVersion version)
    {
        writer.WriteBinary(Topic.Span);
        if (QoS != QualityOfService.AtMostOnce) writer.WriteUInt16(PacketIdentifier);
        if (version == ProtocolVersion.V5) writer.WriteProperties(Properties);
        writer.WriteBytes(Payload.Span);
    }

    /// <summary>Reads a PUBLISH.</summary>
    /// <exception cref="ProtocolViolation">0x81 or 0x82 for a malformed packet, 0x90 for a topic with wildcards, 0x94 for topic alias 0.</exception>
    public static Publish Read(byte first, ReadOnlyMemory<byte> body, ProtocolVersion version, Sender sender)
    {
        var qos = (QualityOfService)(first >> 1 & 3);
        bool duplicate = (first & 8) != 0;
        if ((int)qos == 3) ProtocolViolation.Throw(ReasonCode.MalformedPacket, "QoS 3"); // [MQTT-3.3.1-4]
        if (duplicate && qos == QualityOfService.AtMostOnce) ProtocolViolation.Throw(ReasonCode.MalformedPacket, "DUP at QoS 0"); // [MQTT-3.3.1-2]
        var reader = new PacketReader(body);
        var topic = reader.ReadUtf8();
        ushort identifier = qos == QualityOfService.AtMostOnce ? (ushort)0 : reader.ReadPacketIdentifier();
        var properties = version == ProtocolVersion.V5 ? Properties.Read(ref reader, PropertyScope.Publish, sender) : Properties.None;
        if (topic.IsEmpty)
        {
            if (properties.Number(PropertyId.TopicAlias) is null) ProtocolViolation.Throw(ReasonCode.ProtocolError, "PUBLISH without topic name and topic alias");
        }
        else if (TopicName.HoldsWildcards(topic.Span))
        {
            ProtocolViolation.Throw(ReasonCode.TopicNameInvalid, "the topic name holds a wildcard"); // [MQTT-3.3.2-2]
        }
        return new Publish
        {
            Topic = topic,
            Payload = reader.ReadRest(),
            PacketIdentifier = identifier,
            QoS = qos,
            Retain = (first & 1) != 0,
            Duplicate = duplicate,
            Properties = properties,
        };
    }
}

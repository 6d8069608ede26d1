using System.Text;

namespace Broker.Core.Protocol;

/// <summary>The Will Message that CONNECT leaves with the server (MQTT 5, section 3.1.2.5).</summary>
public sealed record Will
{
    /// <summary>Will Topic, a valid topic name.</summary>
    public required string Topic { get; init; }

    /// <summary>Will Payload.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Will QoS.</summary>
    public QualityOfService QoS { get; init; }

    /// <summary>Will Retain.</summary>
    public bool Retain { get; init; }

    /// <summary>Will Properties.</summary>
    public Properties Properties { get; init; }
}

/// <summary>CONNECT: the client asks to be connected (MQTT 5, section 3.1; MQTT 3.1.1, section 3.1).</summary>
public sealed record Connect : IControlPacket
{
    private const int ReservedFlag = 1, CleanStartFlag = 2, WillFlag = 4, WillRetainFlag = 32, PasswordFlag = 64, UserNameFlag = 128;

    /// <summary>The version that the client speaks.</summary>
    public ProtocolVersion Version { get; init; } = ProtocolVersion.V5;

    /// <summary>Clean Start; before MQTT 5, Clean Session.</summary>
    public bool CleanStart { get; init; }

    /// <summary>Keep Alive in seconds; 0 is off.</summary>
    public ushort KeepAlive { get; init; }

    /// <summary>The client's name; empty if the server shall make one.</summary>
    public string ClientIdentifier { get; init; } = "";

    /// <summary>The Will Message, if there is one.</summary>
    public Will? Will { get; init; }

    /// <summary>User Name, if there is one.</summary>
    public string? UserName { get; init; }

    /// <summary>Password, if there is one.</summary>
    public ReadOnlyMemory<byte>? Password { get; init; }

    /// <summary>Properties; none before MQTT 5.</summary>
    public Properties Properties { get; init; }

    /// <inheritdoc/>
    public ControlPacketType Type => ControlPacketType.Connect;

    /// <inheritdoc/>
    public byte Flags => 0;

    /// <inheritdoc/>
    public int MaximumBodyLength => 32 + Properties.Encoded.Length + ClientIdentifier.Length * 3 + (UserName?.Length ?? 0) * 3 + (Password?.Length ?? 0)
        + (Will is { } will ? will.Topic.Length * 3 + will.Payload.Length + will.Properties.Encoded.Length : 0);

    /// <inheritdoc/>
    public void WriteBody(ref PacketWriter writer, ProtocolVersion version)
    {
        bool v5 = Version == ProtocolVersion.V5;
        writer.WriteString(Version == ProtocolVersion.V31 ? "MQIsdp" : "MQTT");
        writer.WriteByte((byte)Version);
        writer.WriteByte((byte)((CleanStart ? CleanStartFlag : 0) | (Will is null ? 0 : WillFlag | (int)Will.QoS << 3 | (Will.Retain ? WillRetainFlag : 0))
            | (Password is null ? 0 : PasswordFlag) | (UserName is null ? 0 : UserNameFlag)));
        writer.WriteUInt16(KeepAlive);
        if (v5) writer.WriteProperties(Properties);
        writer.WriteString(ClientIdentifier);
        if (Will is not null)
        {
            if (v5) writer.WriteProperties(Will.Properties);
            writer.WriteString(Will.Topic);
            writer.WriteBinary(Will.Payload.Span);
        }
        if (UserName is not null) writer.WriteString(UserName);
        if (Password is { } password) writer.WriteBinary(password.Span);
    }

    /// <summary>Reads a CONNECT from what stands behind its fixed header.</summary>
    /// <exception cref="ProtocolViolation">0x84 for a name or version that is not served, 0x81, 0x82 or 0x90 for what else is wrong.</exception>
    public static Connect Read(ReadOnlyMemory<byte> body)
    {
        var reader = new PacketReader(body);
        var name = reader.ReadUtf8();
        byte level = reader.ReadByte();
        bool known = name.Span.SequenceEqual("MQTT"u8) ? level is 4 or 5 : name.Span.SequenceEqual("MQIsdp"u8) && level == 3;
        if (!known) ProtocolViolation.Throw(ReasonCode.UnsupportedProtocolVersion, $"protocol '{Encoding.UTF8.GetString(name.Span)}' level {level} is not served");
        return ReadAs((ProtocolVersion)level, ref reader);
    }

    /// <summary>
    /// The version in whose form a refusal of this CONNECT is written: the client's own if it can be told. A level that nobody defined yet is answered
    /// in the form of 3.1.1 if the packet is laid out like that [MQTT 3.1.1: MQTT-3.1.2-2], else in the form of MQTT 5 [MQTT-3.1.2-2]. Null if it is no
    /// MQTT at all.
    /// </summary>
    public static ProtocolVersion? ReplyVersion(ReadOnlyMemory<byte> body)
    {
        try
        {
            var reader = new PacketReader(body);
            var name = reader.ReadUtf8();
            byte level = reader.ReadByte();
            if (name.Span.SequenceEqual("MQIsdp"u8)) return ProtocolVersion.V31;
            if (!name.Span.SequenceEqual("MQTT"u8)) return null;
            if (level <= 4) return ProtocolVersion.V311;
            if (level > 5) ReadAs(ProtocolVersion.V311, ref reader);
            return level == 5 ? ProtocolVersion.V5 : ProtocolVersion.V311;
        }
        catch (ProtocolViolation)
        {
            return ProtocolVersion.V5;
        }
    }

    private static Connect ReadAs(ProtocolVersion version, ref PacketReader reader)
    {
        bool v5 = version == ProtocolVersion.V5;
        byte flags = reader.ReadByte();
        RequireFlags(flags, v5);
        ushort keepAlive = reader.ReadUInt16();
        var properties = v5 ? Properties.Read(ref reader, PropertyScope.Connect, Sender.Client) : Properties.None;
        if (properties.Data(PropertyId.AuthenticationData) is not null && properties.Data(PropertyId.AuthenticationMethod) is null)
            ProtocolViolation.Throw(ReasonCode.ProtocolError, "Authentication Data without Authentication Method");
        string clientIdentifier = reader.ReadString();
        var will = (flags & WillFlag) != 0 ? ReadWill(ref reader, flags, v5) : null;
        string? userName = (flags & UserNameFlag) != 0 ? reader.ReadString() : null;
        ReadOnlyMemory<byte>? password = (flags & PasswordFlag) != 0 ? reader.ReadBinary() : (ReadOnlyMemory<byte>?)null;
        reader.RequireEnd();
        return new Connect
        {
            Version = version,
            CleanStart = (flags & CleanStartFlag) != 0,
            KeepAlive = keepAlive,
            ClientIdentifier = clientIdentifier,
            Will = will,
            UserName = userName,
            Password = password,
            Properties = properties,
        };
    }

    private static void RequireFlags(byte flags, bool v5)
    {
        if ((flags & ReservedFlag) != 0) ProtocolViolation.Throw(ReasonCode.MalformedPacket, "the reserved connect flag is set"); // [MQTT-3.1.2-3]
        int willQoS = flags >> 3 & 3;
        if (willQoS == 3) ProtocolViolation.Throw(ReasonCode.MalformedPacket, "Will QoS 3"); // [MQTT-3.1.2-12]
        if ((flags & WillFlag) == 0 && (willQoS != 0 || (flags & WillRetainFlag) != 0))
            ProtocolViolation.Throw(ReasonCode.MalformedPacket, "Will QoS or Will Retain without a will"); // [MQTT-3.1.2-11] [MQTT-3.1.2-13]
        if (!v5 && (flags & PasswordFlag) != 0 && (flags & UserNameFlag) == 0)
            ProtocolViolation.Throw(ReasonCode.MalformedPacket, "a password without a user name"); // 3.1.1: [MQTT-3.1.2-22]
    }

    private static Will ReadWill(ref PacketReader reader, byte flags, bool v5)
    {
        var properties = v5 ? Properties.Read(ref reader, PropertyScope.Will, Sender.Client) : Properties.None;
        var topic = reader.ReadUtf8();
        if (!TopicName.IsValid(topic.Span)) ProtocolViolation.Throw(ReasonCode.TopicNameInvalid, "the Will Topic is no topic name");
        return new Will
        {
            Topic = Encoding.UTF8.GetString(topic.Span),
            Payload = reader.ReadBinary(),
            QoS = (QualityOfService)(flags >> 3 & 3),
            Retain = (flags & WillRetainFlag) != 0,
            Properties = properties,
        };
    }
}

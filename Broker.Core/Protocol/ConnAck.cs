namespace Broker.Core.Protocol;

/// <summary>CONNACK: the server's answer to CONNECT (MQTT 5, section 3.2; MQTT 3.1.1, section 3.2).</summary>
public sealed record ConnAck(bool SessionPresent, ReasonCode Reason) : IControlPacket
{
    /// <summary>Properties; none before MQTT 5.</summary>
    public Properties Properties { get; init; }

    /// <inheritdoc/>
    public ControlPacketType Type => ControlPacketType.ConnAck;

    /// <inheritdoc/>
    public byte Flags => 0;

    /// <inheritdoc/>
    public int MaximumBodyLength => 6 + Properties.Encoded.Length;

    /// <inheritdoc/>
    public void WriteBody(ref PacketWriter writer, ProtocolVersion version)
    {
        // MQTT 3.1 has no Session Present; the byte is reserved there.
        writer.WriteByte((byte)(SessionPresent && version != ProtocolVersion.V31 ? 1 : 0));
        if (version == ProtocolVersion.V5)
        {
            writer.WriteByte((byte)Reason);
            writer.WriteProperties(Properties);
        }
        else
        {
            writer.WriteByte(Reason.ToReturnCode() ?? throw new InvalidOperationException($"{Reason} has no return code before MQTT 5"));
        }
    }

    /// <summary>Reads a CONNACK. Return codes before MQTT 5 become the reason codes that say the same.</summary>
    public static ConnAck Read(ReadOnlyMemory<byte> body, ProtocolVersion version)
    {
        var reader = new PacketReader(body);
        byte flags = reader.ReadByte();
        if (flags > 1) ProtocolViolation.Throw(ReasonCode.MalformedPacket, "reserved Connect Acknowledge Flags are set"); // [MQTT-3.2.2-1]
        byte code = reader.ReadByte();
        bool sessionPresent = flags == 1 && version != ProtocolVersion.V31;
        var reason = version == ProtocolVersion.V5 ? (ReasonCode)code : FromReturnCode(code);
        if (!ReasonCodes.IsAllowed(reason, ControlPacketType.ConnAck, Sender.Server)) // [MQTT-3.2.2-8]
            ProtocolViolation.Throw(ReasonCode.ProtocolError, $"CONNACK with reason code 0x{code:X2}");
        if (sessionPresent && reason.IsError()) ProtocolViolation.Throw(ReasonCode.ProtocolError, "CONNACK with Session Present and an error"); // [MQTT-3.2.2-6]
        var properties = version == ProtocolVersion.V5 ? Properties.Read(ref reader, PropertyScope.ConnAck, Sender.Server) : Properties.None;
        reader.RequireEnd();
        return new ConnAck(sessionPresent, reason) { Properties = properties };
    }

    private static ReasonCode FromReturnCode(byte code) => code switch
    {
        0 => ReasonCode.Success,
        1 => ReasonCode.UnsupportedProtocolVersion,
        2 => ReasonCode.ClientIdentifierNotValid,
        3 => ReasonCode.ServerUnavailable,
        4 => ReasonCode.BadUserNameOrPassword,
        5 => ReasonCode.NotAuthorized,
        _ => throw new ProtocolViolation(ReasonCode.MalformedPacket, $"{code} is no return code"),
    };
}

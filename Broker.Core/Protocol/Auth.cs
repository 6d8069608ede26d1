namespace Broker.Core.Protocol;

/// <summary>AUTH: a step of enhanced authentication (MQTT 5, section 3.15).</summary>
public sealed record Auth(ReasonCode Reason) : IControlPacket
{
    /// <summary>Properties, with the Authentication Method among them.</summary>
    public Properties Properties { get; init; }

    /// <inheritdoc/>
    public ControlPacketType Type => ControlPacketType.Auth;

    /// <inheritdoc/>
    public byte Flags => 0;

    /// <inheritdoc/>
    public int MaximumBodyLength => 5 + Properties.Encoded.Length;

    /// <inheritdoc/>
    public void WriteBody(ref PacketWriter writer, ProtocolVersion version)
    {
        if (Reason == ReasonCode.Success && Properties.IsEmpty) return;
        writer.WriteByte((byte)Reason);
        writer.WriteProperties(Properties);
    }

    /// <summary>Reads an AUTH.</summary>
    /// <exception cref="ProtocolViolation">0x81 or 0x82 for a malformed packet.</exception>
    public static Auth Read(ReadOnlyMemory<byte> body, Sender sender)
    {
        var reader = new PacketReader(body);
        var reason = reader.AtEnd ? ReasonCode.Success : (ReasonCode)reader.ReadByte();
        if (!ReasonCodes.IsAllowed(reason, ControlPacketType.Auth, sender))
            ProtocolViolation.Throw(ReasonCode.ProtocolError, $"AUTH with reason code 0x{(byte)reason:X2}"); // [MQTT-3.15.2-1]
        var properties = reader.AtEnd ? Properties.None : Properties.Read(ref reader, PropertyScope.Auth, sender);
        reader.RequireEnd();
        if (body.Length > 0 && properties.Data(PropertyId.AuthenticationMethod) is null)
            ProtocolViolation.Throw(ReasonCode.ProtocolError, "AUTH without Authentication Method");
        return new Auth(reason) { Properties = properties };
    }
}

namespace Broker.Core.Protocol;

/// <summary>DISCONNECT: the last packet of a connection (MQTT 5, section 3.14). Before MQTT 5 only the client sends it, and it is empty.</summary>
public sealed record Disconnect(ReasonCode Reason = ReasonCode.Success) : IControlPacket
{
    /// <summary>Properties; none before MQTT 5.</summary>
    public Properties Properties { get; init; }

    /// <inheritdoc/>
    public ControlPacketType Type => ControlPacketType.Disconnect;

    /// <inheritdoc/>
    public byte Flags => 0;

    /// <inheritdoc/>
    public int MaximumBodyLength => 5 + Properties.Encoded.Length;

    /// <inheritdoc/>
    public void WriteBody(ref PacketWriter writer, ProtocolVersion version)
    {
        if (version != ProtocolVersion.V5 || (Reason == ReasonCode.Success && Properties.IsEmpty)) return;
        writer.WriteByte((byte)Reason);
        if (!Properties.IsEmpty) writer.WriteProperties(Properties);
    }

    /// <summary>Reads a DISCONNECT.</summary>
    /// <exception cref="ProtocolViolation">0x81 or 0x82 for a malformed packet.</exception>
    public static Disconnect Read(ReadOnlyMemory<byte> body, ProtocolVersion version, Sender sender)
    {
        var reader = new PacketReader(body);
        if (version != ProtocolVersion.V5 || reader.AtEnd)
        {
            reader.RequireEnd();
            return new Disconnect();
        }
        var reason = (ReasonCode)reader.ReadByte();
        if (!ReasonCodes.IsAllowed(reason, ControlPacketType.Disconnect, sender))
            ProtocolViolation.Throw(ReasonCode.ProtocolError, $"DISCONNECT with reason code 0x{(byte)reason:X2}"); // [MQTT-3.14.2-1]
        var properties = reader.AtEnd ? Properties.None : Properties.Read(ref reader, PropertyScope.Disconnect, sender);
        reader.RequireEnd();
        return new Disconnect(reason) { Properties = properties };
    }
}

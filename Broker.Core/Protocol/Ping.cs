namespace Broker.Core.Protocol;

/// <summary>PINGREQ: the client is alive and asks whether the server is (MQTT 5, section 3.12).</summary>
public readonly record struct PingReq : IControlPacket
{
    /// <inheritdoc/>
    public ControlPacketType Type => ControlPacketType.PingReq;

    /// <inheritdoc/>
    public byte Flags => 0;

    /// <inheritdoc/>
    public int MaximumBodyLength => 0;

    /// <inheritdoc/>
    public void WriteBody(ref PacketWriter writer, ProtocolVersion version)
    {
    }

    /// <summary>Reads a PINGREQ: its body must be empty.</summary>
    public static PingReq Read(ReadOnlyMemory<byte> body)
    {
        new PacketReader(body).RequireEnd();
        return default;
    }
}

/// <summary>PINGRESP: the answer to PINGREQ (MQTT 5, section 3.13).</summary>
public readonly record struct PingResp : IControlPacket
{
    /// <inheritdoc/>
    public ControlPacketType Type => ControlPacketType.PingResp;

    /// <inheritdoc/>
    public byte Flags => 0;

    /// <inheritdoc/>
    public int MaximumBodyLength => 0;

    /// <inheritdoc/>
    public void WriteBody(ref PacketWriter writer, ProtocolVersion version)
    {
    }

    /// <summary>Reads a PINGRESP: its body must be empty.</summary>
    public static PingResp Read(ReadOnlyMemory<byte> body)
    {
        new PacketReader(body).RequireEnd();
        return default;
    }
}

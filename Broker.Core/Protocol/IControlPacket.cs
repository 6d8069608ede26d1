namespace Broker.Core.Protocol;

/// <summary>A control packet that can be written. One record serves every protocol version: before MQTT 5 properties and most reason codes are left out.</summary>
public interface IControlPacket
{
    /// <summary>The kind of packet.</summary>
    ControlPacketType Type { get; }

    /// <summary>The lower four bits of the first byte (MQTT 5, section 2.1.3).</summary>
    byte Flags { get; }

    /// <summary>The most bytes that <see cref="WriteBody"/> can write.</summary>
    int MaximumBodyLength { get; }

    /// <summary>Writes what stands behind the fixed header.</summary>
    void WriteBody(ref PacketWriter writer, ProtocolVersion version);
}

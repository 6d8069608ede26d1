using System.Buffers.Binary;
using System.Text;
using Broker.Core.Protocol;

namespace Broker.Bench.Clients;

/// <summary>A PUBLISH that is encoded once: where it is sent, only its packet identifier is written anew, and perhaps a piece of its payload.</summary>
internal sealed class EncodedPublish
{
    private readonly byte[] bytes;
    private readonly int identifierAt;

    /// <summary>Encodes it.</summary>
    /// <param name="version">The protocol version that is spoken.</param>
    /// <param name="topic">Topic Name.</param>
    /// <param name="size">Bytes of the payload; none clear a retained message.</param>
    /// <param name="qos">QoS, 0 or 1.</param>
    /// <param name="retain">RETAIN.</param>
    public EncodedPublish(ProtocolVersion version, string topic, int size, QualityOfService qos, bool retain = false)
    {
        var payload = new byte[size];
        Array.Fill(payload, (byte)'x');
        ushort identifier = (ushort)(qos == QualityOfService.AtMostOnce ? 0 : 1);
        bytes = PacketCodec.ToArray(
            new Publish { Topic = Encoding.UTF8.GetBytes(topic), Payload = payload, PacketIdentifier = identifier, QoS = qos, Retain = retain }, version);
        PayloadAt = bytes.Length - size;
        identifierAt = qos == QualityOfService.AtMostOnce ? 0 : PayloadAt - (version == ProtocolVersion.V5 ? 3 : 2);
    }

    public int Length => bytes.Length;

    /// <summary>Where the payload begins.</summary>
    public int PayloadAt { get; }

    /// <summary>Writes it.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="number">Its how manieth message of its connection it is, from 0, which makes its packet identifier.</param>
    /// <returns>The packet identifier, also of QoS 0, which carries none.</returns>
    public int CopyTo(Span<byte> target, long number)
    {
        int identifier = 1 + (int)(number % ushort.MaxValue);
        bytes.CopyTo(target);
        if (identifierAt > 0) BinaryPrimitives.WriteUInt16BigEndian(target[identifierAt..], (ushort)identifier);
        return identifier;
    }
}

using Broker.Core.Protocol;

namespace Broker.Core.Sessions;

/// <summary>
/// Writes what stands before the payload of an outgoing PUBLISH. Subscribers in turn that get identical bytes share one encoding, in which only the packet
/// identifier is patched.
/// </summary>
internal sealed class PublishEncoder
{
    private byte[] head = new byte[256];
    private int length;
    private int identifierAt;
    private (ProtocolVersion Version, QualityOfService QoS, bool Retain, bool Duplicate) encoded;
    private bool reusable;

    /// <summary>Forgets the last encoding: another message follows.</summary>
    public void Reset() => reusable = false;

    /// <summary>Encodes a message for a subscriber.</summary>
    /// <param name="message">The message.</param>
    /// <param name="version">The subscriber's protocol version.</param>
    /// <param name="copy">What this copy is like.</param>
    /// <param name="alias">The topic alias to send, or 0 for none.</param>
    /// <param name="withTopic">Whether the topic is sent: not where the alias stands for it.</param>
    /// <param name="now">The time in milliseconds since 1970.</param>
    /// <returns>The bytes up to the payload, valid until the next call.</returns>
    public ReadOnlySpan<byte> Encode(in Publication message, ProtocolVersion version, in PublishCopy copy, ushort alias, bool withTopic, long now)
    {
        bool plain = alias == 0 && copy.Identifiers.Length == 0;
        var kind = (version, copy.QoS, copy.Retain, copy.Duplicate);
        if (!reusable || !plain || kind != encoded)
        {
            Write(message, version, copy, alias, withTopic, now);
            (encoded, reusable) = (kind, plain);
        }
        if (identifierAt > 0)
        {
            head[identifierAt] = (byte)(copy.PacketIdentifier >> 8);
            head[identifierAt + 1] = (byte)copy.PacketIdentifier;
        }
        return head.AsSpan(0, length);
    }

    private void Write(in Publication message, ProtocolVersion version, in PublishCopy copy, ushort alias, bool withTopic, long now)
    {
        bool v5 = version == ProtocolVersion.V5, expires = message.ExpiresAt != ApplicationMessage.Never;
        int topic = withTopic ? message.Topic.Length : 0;
        int properties = 0;
        if (v5)
        {
            properties = message.Properties.Length + (expires ? 5 : 0) + (alias > 0 ? 3 : 0);
            foreach (uint identifier in copy.Identifiers) properties += 1 + PacketWriter.LengthOf((int)identifier);
        }
        int body = 2 + topic + (copy.QoS == QualityOfService.AtMostOnce ? 0 : 2) + (v5 ? PacketWriter.LengthOf(properties) + properties : 0);
        if (head.Length < body + 5) head = new byte[body + 256];

        var writer = new PacketWriter(head);
        writer.WriteByte((byte)((int)ControlPacketType.Publish << 4 | Publish.FlagsOf(copy.QoS, copy.Retain, copy.Duplicate)));
        writer.WriteVariableByteInteger(body + message.Payload.Length);
        writer.WriteBinary(withTopic ? message.Topic : []);
        identifierAt = copy.QoS == QualityOfService.AtMostOnce ? 0 : writer.Position;
        if (identifierAt > 0) writer.WriteUInt16(0);
        if (v5)
        {
            writer.WriteVariableByteInteger(properties);
            if (expires)
            {
                // What is left of the interval [MQTT-3.3.2-6]: a message that has just arrived still has all of it.
                writer.WriteByte((byte)PropertyId.MessageExpiryInterval);
                writer.WriteUInt32((uint)Math.Clamp((message.ExpiresAt - now + 999) / 1000, 0, uint.MaxValue));
            }
            foreach (uint identifier in copy.Identifiers)
            {
                writer.WriteByte((byte)PropertyId.SubscriptionIdentifier);
                writer.WriteVariableByteInteger((int)identifier);
            }
            if (alias > 0)
            {
                writer.WriteByte((byte)PropertyId.TopicAlias);
                writer.WriteUInt16(alias);
            }
            writer.WriteBytes(message.Properties);
        }
        length = writer.Position;
    }
}

/// <summary>What one subscriber's copy of a message is like.</summary>
/// <param name="QoS">The QoS that it is delivered with.</param>
/// <param name="Retain">RETAIN.</param>
/// <param name="Duplicate">DUP: it was sent before.</param>
/// <param name="PacketIdentifier">Packet Identifier, 0 at QoS 0.</param>
/// <param name="Identifiers">The Subscription Identifiers that it carries.</param>
internal readonly record struct PublishCopy(
    QualityOfService QoS, bool Retain, bool Duplicate, ushort PacketIdentifier, uint[] Identifiers);

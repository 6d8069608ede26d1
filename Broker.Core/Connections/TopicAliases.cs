using Broker.Core.Protocol;

namespace Broker.Core.Connections;

/// <summary>The topic aliases that a client has set on its connection (MQTT 5, section 3.3.2.3.4).</summary>
internal sealed class TopicAliases(int maximum)
{
    private byte[]?[] topics = [];

    /// <summary>The topic that a PUBLISH means; a topic that comes with an alias is remembered under it.</summary>
    /// <exception cref="ProtocolViolation">0x94 for an alias above the maximum, 0x82 for one that stands for nothing.</exception>
    public ReadOnlyMemory<byte> Resolve(ReadOnlyMemory<byte> topic, ushort alias)
    {
        if (alias == 0) return topic;
        if (alias > maximum) ProtocolViolation.Throw(ReasonCode.TopicAliasInvalid, $"topic alias {alias} is above its limit {maximum}"); // [MQTT-3.3.2-9]
        if (topics.Length == 0) topics = new byte[maximum + 1][];
        ref byte[]? known = ref topics[alias];
        if (topic.IsEmpty)
        {
            if (known is null) ProtocolViolation.Throw(ReasonCode.ProtocolError, $"topic alias {alias} stands for no topic yet");
            return known;
        }
        if (!topic.Span.SequenceEqual(known)) known = topic.ToArray();
        return topic;
    }
}

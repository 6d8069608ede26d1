using System.Buffers;

namespace Broker.Core.Protocol;

/// <summary>The rules for topic names (MQTT 5, section 4.7). They are handled as UTF-8 bytes that were checked when the packet was read.</summary>
public static class TopicName
{
    private static readonly SearchValues<byte> Wildcards = SearchValues.Create("+#"u8);

    /// <summary>Whether it holds a wildcard, which only filters may [MQTT-4.7.0-1].</summary>
    public static bool HoldsWildcards(ReadOnlySpan<byte> topic) => topic.ContainsAny(Wildcards);

    /// <summary>Whether it is a topic name: one character at least [MQTT-4.7.3-1], and no wildcards.</summary>
    public static bool IsValid(ReadOnlySpan<byte> topic) => !topic.IsEmpty && !HoldsWildcards(topic);

    /// <summary>The number of its levels.</summary>
    public static int Levels(ReadOnlySpan<byte> topic) => topic.Count((byte)'/') + 1;

    /// <summary>Whether it begins with $ and is therefore out of reach for filters that begin with a wildcard [MQTT-4.7.2-1].</summary>
    public static bool IsReserved(ReadOnlySpan<byte> topic) => !topic.IsEmpty && topic[0] == (byte)'$';
}

using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Broker.Core.Protocol;

/// <summary>A topic filter as a client subscribed to it (MQTT 5, section 4.7), perhaps shared: <c>$share/name/filter</c> (section 4.8.2).</summary>
public sealed partial class TopicFilter
{
    private const string SharePrefix = "$share/";

    private TopicFilter(string text, string? shareName, string filter)
    {
        Text = text;
        ShareName = shareName;
        Filter = filter;
        Utf8 = Encoding.UTF8.GetBytes(filter);
    }

    /// <summary>The whole filter as the client wrote it: what subscriptions are told apart by [MQTT-3.10.4-1].</summary>
    public string Text { get; }

    /// <summary>The ShareName, or null if the subscription is not shared.</summary>
    public string? ShareName { get; }

    /// <summary>The filter that topics are matched against: without <c>$share/name/</c>.</summary>
    public string Filter { get; }

    /// <summary><see cref="Filter"/> in UTF-8.</summary>
    public byte[] Utf8 { get; }

    /// <summary>Whether it holds a wildcard.</summary>
    public bool HoldsWildcards => TopicName.HoldsWildcards(Utf8);

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>Checks a filter.</summary>
    /// <param name="text">The filter as it stands in SUBSCRIBE.</param>
    /// <param name="filter">The filter, if it is valid.</param>
    /// <param name="error">What is wrong, if it is not.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out TopicFilter? filter, [NotNullWhen(false)] out string? error)
    {
        filter = null;
        string? shareName = null;
        string rest = text;
        if (text.StartsWith(SharePrefix, StringComparison.Ordinal))
        {
            int end = text.IndexOf('/', SharePrefix.Length);
            shareName = end < 0 ? "" : text[SharePrefix.Length..end];
            if (shareName.Length == 0 || shareName.AsSpan().ContainsAny('+', '#'))
            {
                error = "a shared subscription is $share/name/filter, and the name holds no wildcard"; // [MQTT-4.8.2-1] [MQTT-4.8.2-2]
                return false;
            }
            rest = text[(end + 1)..];
        }
        error = Check(rest);
        if (error is not null) return false;
        filter = new TopicFilter(text, shareName, rest);
        return true;
    }

    /// <summary>Whether a topic name, in UTF-8, matches (MQTT 5, section 4.7). For one filter and one topic; many filters are matched by a tree.</summary>
    public bool Matches(ReadOnlySpan<byte> topic)
    {
        ReadOnlySpan<byte> filter = Utf8;
        if (TopicName.IsReserved(topic) && filter[0] is (byte)'+' or (byte)'#') return false; // [MQTT-4.7.2-1]
        while (true)
        {
            if (filter is [(byte)'#']) return true;
            int level = filter.IndexOf((byte)'/'), topicLevel = topic.IndexOf((byte)'/');
            var name = level < 0 ? filter : filter[..level];
            if (name is not [(byte)'+'] && !name.SequenceEqual(topicLevel < 0 ? topic : topic[..topicLevel])) return false;
            if (level < 0 || topicLevel < 0) return level == topicLevel || (topicLevel < 0 && filter[(level + 1)..] is [(byte)'#']); // a/# matches a
            filter = filter[(level + 1)..];
            topic = topic[(topicLevel + 1)..];
        }
    }

    /// <summary>The filter of a text that is known to be valid.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static TopicFilter Parse(string text) => TryParse(text, out var filter, out string? error) ? filter : throw new FormatException($"'{text}': {error}");

    private static string? Check(ReadOnlySpan<char> filter)
    {
        if (filter.IsEmpty) return "a topic filter has one character at least"; // [MQTT-4.7.3-1]
        if (filter.Contains('\0')) return "a topic filter holds no U+0000"; // [MQTT-4.7.3-2]
        for (int i = 0; i < filter.Length; i++)
        {
            if (filter[i] is not ('+' or '#')) continue;
            bool alone = (i == 0 || filter[i - 1] == '/') && (i == filter.Length - 1 || filter[i + 1] == '/');
            if (!alone) return $"{filter[i]} stands alone in its level"; // [MQTT-4.7.1-2] [MQTT-4.7.1-1]
            if (filter[i] == '#' && i != filter.Length - 1) return "# is the last level"; // [MQTT-4.7.1-1]
        }
        return null;
    }
}

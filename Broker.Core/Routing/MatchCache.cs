using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Core.Topics;

namespace Broker.Core.Routing;

/// <summary>
/// The matches of the topics that one publisher used last: it finds them again until a subscription changes anywhere. Belongs to its publisher's thread.
/// </summary>
public sealed class MatchCache(TopicTree<Session> tree)
{
    private const int Places = 16;
    private const int LargestKept = 1_000;

    private (byte[] Topic, Matches<Session> Matches)[]? places;
    private byte[] lastTopic = [];
    private Matches<Session>? last;

    /// <summary>Who gets a message of this topic.</summary>
    public Matches<Session> Find(ReadOnlySpan<byte> topic)
    {
        long version = tree.Version;
        if (last is not null && last.Version == version && topic.SequenceEqual(lastTopic)) return last;
        ref var place = ref (places ??= new (byte[], Matches<Session>)[Places])[Utf8Comparer.Hash(topic) & (Places - 1)];
        if (place.Matches?.Version != version || !topic.SequenceEqual(place.Topic))
        {
            var found = tree.Match(topic);
            if (found.Subscribers.Length > LargestKept) return found; // an old topic would hold on to it
            place = (topic.SequenceEqual(place.Topic) ? place.Topic : topic.ToArray(), found);
        }
        (lastTopic, last) = place;
        return last;
    }
}

using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Core.Topics;

namespace Broker.Core.Routing;

/// <summary>
/// The matches of the topics that one publisher used last: it finds them again until a subscription changes anywhere. Belongs to its publisher's thread.
/// </summary>
public sealed class MatchCache(TopicTree<Session> tree)
{
    private const int Places = 32;
    private const int Neighbours = 8;
    private const int LargestKept = 1_000;

    private (byte[] Topic, Matches<Session> Matches)[]? places;
    private byte[] lastTopic = [];
    private uint victim;
    private Matches<Session>? last;

    /// <summary>Who gets a message of this topic.</summary>
    public Matches<Session> Find(ReadOnlySpan<byte> topic)
    {
        long version = tree.Version;
        if (last is not null && last.Version == version && topic.SequenceEqual(lastTopic)) return last;
        ref var place = ref PlaceFor(topic, version);
        if (place.Matches?.Version != version || !topic.SequenceEqual(place.Topic))
        {
            var found = tree.Match(topic);
            if (found.Subscribers.Length > LargestKept) return found; // an old topic would hold on to it
            place = (topic.SequenceEqual(place.Topic) ? place.Topic : topic.ToArray(), found);
        }
        (lastTopic, last) = place;
        return last;
    }

    // Where the topic lies, or can lie: among neighbours, so that the few topics of an ordinary publisher never drive one another out.
    private ref (byte[] Topic, Matches<Session> Matches) PlaceFor(ReadOnlySpan<byte> topic, long version)
    {
        places ??= new (byte[], Matches<Session>)[Places];
        int first = Utf8Comparer.Hash(topic);
        int free = -1;
        for (int i = 0; i < Neighbours; i++)
        {
            int at = (first + i) & (Places - 1);
            if (places[at].Matches?.Version != version)
            {
                if (free < 0) free = at;
            }
            else if (topic.SequenceEqual(places[at].Topic))
            {
                return ref places[at];
            }
        }
        return ref places[free >= 0 ? free : (first + (int)(victim++ % Neighbours)) & (Places - 1)];
    }
}

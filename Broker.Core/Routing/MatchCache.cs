using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Core.Topics;

namespace Broker.Core.Routing;

/// <summary>Who gets the messages of one publisher: its last topic is found again at once, others among those that all publishers know. Belongs to its publisher's thread.</summary>
public sealed class MatchCache(TopicTree<Session> tree, KnownMatches known)
{
    private const int LargestKept = 1_000;

    private Matches<Session>? last;

    /// <summary>Who gets a message of this topic.</summary>
    public Matches<Session> Find(ReadOnlySpan<byte> topic)
    {
        long version = tree.Version;
        if (last is not null && last.Version == version && topic.SequenceEqual(last.Topic)) return last;
        var found = known.Find(topic, version);
        if (found.Subscribers.Length <= LargestKept) last = found; // an old topic would hold on to it
        return found;
    }
}

/// <summary>
/// The matches of topics that were published to lately, by whomever: they hold until a subscription changes anywhere. A table of fixed size, in which a topic has few
/// places to be; it needs no lock, as an entry never changes and is looked at in one piece.
/// </summary>
public sealed class KnownMatches(TopicTree<Session> tree)
{
    // What is kept at most, in all some tens of megabytes: others cost little to find, by the number of those who get them or by their length.
    private const int Sets = 8_192, Ways = 4, LargestKept = 32, LongestKept = 256;

    private Table? table;
    private uint turn;

    /// <summary>Who gets a message of this topic.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="version">The tree's version of which the answer must be, or of a later one.</param>
    internal Matches<Session> Find(ReadOnlySpan<byte> topic, long version)
    {
        if (topic.Length > LongestKept) return tree.Match(topic);
        var (hashes, places) = table ??= new Table(new int[Sets * Ways], new Matches<Session>?[Sets * Ways]);
        int hash = Utf8Comparer.Hash(topic);
        int first = (hash & (Sets - 1)) * Ways;
        int place = -1;
        for (int i = first; i < first + Ways; i++)
        {
            if (hashes[i] != hash) continue;
            if (Volatile.Read(ref places[i]) is { } there && there.Version == version && topic.SequenceEqual(there.Topic)) return there;
            place = i;
        }
        var found = tree.Match(topic);
        if (found.Subscribers.Length > LargestKept) return found;
        if (place < 0) place = first + (int)(turn++ % Ways); // any will do, also where two count at once
        hashes[place] = hash;
        Volatile.Write(ref places[place], found);
        return found;
    }

    private sealed record Table(int[] Hashes, Matches<Session>?[] Places);
}

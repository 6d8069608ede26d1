namespace Broker.Core.Protocol;

/// <content>How two filters stand to each other. Both are taken without <c>$share/name/</c>.</content>
public sealed partial class TopicFilter
{
    /// <summary>Whether every topic that the other filter matches is matched by this one too (MQTT 5, section 4.7).</summary>
    public bool Covers(TopicFilter other)
    {
        if (KeepsApart(this, other)) return false;
        var mine = new Levels(Utf8);
        var theirs = new Levels(other.Utf8);
        bool more = mine.Next(), theirsMore = theirs.Next();
        if (theirsMore && theirs.IsRest)
        {
            // A filter # matches what +/# matches: every topic has a first level.
            if (mine.IsRest) return true;
            return mine.IsSingle && mine.Next() && mine.IsRest;
        }
        while (more && theirsMore)
        {
            if (mine.IsRest) return true;
            if (theirs.IsRest || (!mine.IsSingle && (theirs.IsSingle || !mine.Name.SequenceEqual(theirs.Name)))) return false;
            more = mine.Next();
            theirsMore = theirs.Next();
        }
        return more == theirsMore || (more && mine.IsRest); // a/# matches a
    }

    /// <summary>Whether there is a topic that both filters match.</summary>
    public bool Overlaps(TopicFilter other)
    {
        if (KeepsApart(this, other) || KeepsApart(other, this)) return false;
        var mine = new Levels(Utf8);
        var theirs = new Levels(other.Utf8);
        bool more = mine.Next(), theirsMore = theirs.Next();
        while (more && theirsMore)
        {
            if (mine.IsRest || theirs.IsRest) return true;
            if (!mine.IsSingle && !theirs.IsSingle && !mine.Name.SequenceEqual(theirs.Name)) return false;
            more = mine.Next();
            theirsMore = theirs.Next();
        }
        return more == theirsMore || (more ? mine.IsRest : theirs.IsRest);
    }

    // A wildcard in the first level matches no topic that begins with $ [MQTT-4.7.2-1].
    private static bool KeepsApart(TopicFilter wild, TopicFilter reserved) =>
        reserved.Utf8[0] == (byte)'$' && wild.Utf8[0] is (byte)'+' or (byte)'#';

    // The levels of a filter, one after the other.
    private ref struct Levels(ReadOnlySpan<byte> filter)
    {
        private ReadOnlySpan<byte> rest = filter;
        private bool ended;

        public ReadOnlySpan<byte> Name { get; private set; }

        public readonly bool IsRest => Name is [(byte)'#'];

        public readonly bool IsSingle => Name is [(byte)'+'];

        public bool Next()
        {
            if (ended) return false;
            int end = rest.IndexOf((byte)'/');
            Name = end < 0 ? rest : rest[..end];
            ended = end < 0;
            rest = ended ? default : rest[(end + 1)..];
            return true;
        }
    }
}

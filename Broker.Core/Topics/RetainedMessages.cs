using Broker.Core.Protocol;

namespace Broker.Core.Topics;

/// <summary>A level of the retained tree; its message, if a retained topic ends here.</summary>
internal sealed class RetainedTopic(RetainedTopic? parent, ReadOnlySpan<byte> level) : LevelNode<RetainedTopic>(parent, level)
{
    private ApplicationMessage? message;

    /// <summary>The broker's number for the topic, the same as long as it has a retained message; 0 before.</summary>
    public long Number { get; set; }

    public ApplicationMessage? Message => Volatile.Read(ref message);

    public void Set(ApplicationMessage? value) => Volatile.Write(ref message, value);

    /// <summary>The bytes of payload that count against the cache; belongs to the tree's lock.</summary>
    public int CachedBytes { get; set; }

    /// <summary>Whether its payload is in the cache; belongs to the tree's lock.</summary>
    public bool IsCached { get; set; }

    /// <summary>Puts another form of the same message in its place, if it is still there.</summary>
    public void TryExchange(ApplicationMessage expected, ApplicationMessage value) => Interlocked.CompareExchange(ref message, value, expected);

    /// <summary>Takes the message away if it is still this one.</summary>
    public bool TryClear(ApplicationMessage expected) => Interlocked.CompareExchange(ref message, null, expected) == expected;

    /// <summary>Replaces the message if there is one: then the topic is not about to be removed. Needs no lock.</summary>
    public bool Replace(ApplicationMessage value)
    {
        while (Message is { } old)
            if (Interlocked.CompareExchange(ref message, value, old) == old) return true;
        return false;
    }
}

/// <summary>
/// The retained messages, by the levels of their topics (MQTT 5, section 3.3.1.3). A wildcard costs what it matches. Reading needs no lock; a message
/// is replaced in one step, and only a topic that comes or goes takes the tree's lock.
/// </summary>
/// <param name="limit">Most messages.</param>
/// <param name="cacheBytes">Bytes of payloads that are kept in memory; those of committed messages beyond are read from the store.</param>
public sealed partial class RetainedMessages(int limit, long cacheBytes = long.MaxValue)
{
    private const int MostTries = 16;

    private const int FewPlaces = 64;

    private readonly Lock gate = new();
    private readonly RetainedTopic root = new(null, []);
    private readonly PriorityQueue<RetainedTopic, long> expiring = new();
    private readonly Queue<RetainedTopic> cache = new();
    private long sequence, lastNumber, cached;
    private int count;

    /// <summary>The number of retained messages.</summary>
    public int Count => Volatile.Read(ref count);

    internal RetainedTopic Root => root;

    /// <summary>The places that wait for an expiry, used or not.</summary>
    internal int ExpiringPlaces
    {
        get
        {
            lock (gate) return expiring.Count;
        }
    }

    /// <summary>Retains a message in place of the one that its topic had.</summary>
    /// <returns>False if there are as many as allowed already and this is another topic.</returns>
    public bool Set(ApplicationMessage message) => Set(message, out _);

    /// <summary>Retains a message, and tells the broker's number for its topic.</summary>
    internal bool Set(ApplicationMessage message, out long number)
    {
        number = 0;
        message.RetainedSequence = Interlocked.Increment(ref sequence);
        if (message.ExpiresAt == ApplicationMessage.Never && Find(message.Topic) is { } known && known.Replace(message))
        {
            number = known.Number;
            Cache(known, message);
            return true;
        }
        lock (gate)
        {
            var node = Find(message.Topic);
            if (node?.Message is null)
            {
                if (count >= limit) return false;
                node ??= Insert(message.Topic);
                node.Number = ++lastNumber;
                count++;
            }
            number = node.Number;
            node.Set(message);
            if (message.ExpiresAt != ApplicationMessage.Never) EnqueueExpiring(node, message.ExpiresAt);
            Cache(node, message);
            return true;
        }
    }

    /// <summary>A message that was stored before this process began.</summary>
    /// <param name="number">The broker's number for its topic.</param>
    /// <param name="message">The message, perhaps without its payload.</param>
    /// <param name="payloadLength">How long the payload is.</param>
    internal void Restore(long number, ApplicationMessage message, int payloadLength)
    {
        message.MissingPayload = payloadLength - message.Payload.Length;
        message.IsStored = true;
        message.RetainedSequence = ++sequence;
        lastNumber = Math.Max(lastNumber, number);
        lock (gate)
        {
            var node = Insert(message.Topic);
            if (node.Message is null) count++;
            node.Number = number;
            node.Set(message);
            if (message.ExpiresAt != ApplicationMessage.Never) EnqueueExpiring(node, message.ExpiresAt);
            if (message.IsWhole) Cache(node, message);
        }
    }

    /// <summary>Removes the retained message of a topic.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Clear(ReadOnlySpan<byte> topic) => Clear(topic, out _);

    /// <summary>Removes the retained message of a topic, and tells the number that the topic had.</summary>
    internal bool Clear(ReadOnlySpan<byte> topic, out long number)
    {
        number = 0;
        if (Find(topic) is null) return false;
        lock (gate)
        {
            if (Find(topic) is not { } node) return false;
            number = node.Number;
            while (node.Message is { } message)
                if (TryTake(node, message)) return true;
            return false;
        }
    }

    /// <summary>Removes what has expired (MQTT 5, section 3.3.1.3).</summary>
    /// <returns>The numbers that the topics had.</returns>
    public IReadOnlyList<long> Expire(long now)
    {
        var expired = new List<long>();
        lock (gate)
        {
            while (expiring.TryPeek(out var node, out long at) && at <= now)
            {
                expiring.Dequeue();
                if (node.Message is { } message && message.ExpiresAt <= now && TryTake(node, message)) expired.Add(node.Number); // unless it was replaced just now
            }
        }
        return expired;
    }

    /// <summary>The retained message of a topic, or null.</summary>
    public ApplicationMessage? Get(ReadOnlySpan<byte> topic) => Find(topic)?.Message;

    /// <summary>How many messages have been retained so far: what is retained later has a higher sequence.</summary>
    public long Sequence => Volatile.Read(ref sequence);

    /// <summary>Finds the topics that match a filter, with the messages that they have now.</summary>
    internal List<(RetainedTopic Topic, ApplicationMessage Message)> Match(TopicFilter filter) => Match(filter, out _);

    /// <summary>Finds what matches a filter and was retained up to a sequence.</summary>
    internal List<(RetainedTopic Topic, ApplicationMessage Message)> MatchUpTo(TopicFilter filter, long upTo)
    {
        var found = Match(filter, out _);
        found.RemoveAll(match => match.Message.RetainedSequence > upTo);
        return found;
    }

    /// <summary>Finds the topics that match a filter, and tells how many nodes of the tree it looked at.</summary>
    internal List<(RetainedTopic Topic, ApplicationMessage Message)> Match(TopicFilter filter, out int visited)
    {
        visited = 0;
        var found = new List<(RetainedTopic, ApplicationMessage)>();
        var levels = Levels(filter);
        var open = new Stack<(RetainedTopic Topic, int Level)>();
        open.Push((root, 0));
        while (open.TryPop(out var step))
        {
            var (node, at) = step;
            visited++;
            if (at == levels.Length)
            {
                Collect(node);
                continue;
            }
            if (levels[at] is [(byte)'#'])
            {
                if (node != root) Collect(node); // a/# matches a, and # itself all that begins below the root
                PushChildren(node, at);
            }
            else if (levels[at] is [(byte)'+'])
            {
                PushChildren(node, at + 1);
            }
            else if (node.Find(new LevelName(levels[at])) is { } exact)
            {
                open.Push((exact, at + 1));
            }
        }
        return found;

        void Collect(RetainedTopic node)
        {
            if (node.Message is { } message) found.Add((node, message));
        }

        void PushChildren(RetainedTopic node, int level)
        {
            foreach (var child in node.Children)
            {
                if (child is null || child.IsRemoved || (node == root && TopicName.IsReserved(child.Level))) continue; // [MQTT-4.7.2-1]
                open.Push((child, level));
            }
        }
    }

    private static byte[][] Levels(TopicFilter filter)
    {
        var levels = new List<byte[]>();
        foreach (var range in filter.Utf8.AsSpan().Split((byte)'/')) levels.Add(filter.Utf8[range]);
        return [.. levels];
    }

    private RetainedTopic? Find(ReadOnlySpan<byte> topic)
    {
        var node = root;
        foreach (var range in topic.Split((byte)'/'))
        {
            if (node.Find(new LevelName(topic[range])) is not { } next) return null;
            node = next;
        }
        return node;
    }

    private RetainedTopic Insert(ReadOnlySpan<byte> topic)
    {
        var node = root;
        foreach (var range in topic.Split((byte)'/'))
        {
            var next = node.Find(new LevelName(topic[range]));
            if (next is null) node.Add(next = new RetainedTopic(node, topic[range]));
            node = next;
        }
        return node;
    }

    private bool TryTake(RetainedTopic node, ApplicationMessage message)
    {
        if (!node.TryClear(message)) return false;
        count--;
        cached -= node.CachedBytes;
        node.CachedBytes = 0;
        for (; node.Parent is { } parent && !node.HasChildren && node.Message is null; node = parent) node.Remove();
        return true;
    }

    // The payloads that were retained first leave the memory first, once they are committed.
    private void Cache(RetainedTopic node, ApplicationMessage message)
    {
        if (cacheBytes == long.MaxValue) return;
        lock (gate)
        {
            cached += message.Payload.Length - node.CachedBytes;
            node.CachedBytes = message.Payload.Length;
            if (!node.IsCached) cache.Enqueue(node);
            node.IsCached = true;
            for (int tries = 0; cached > cacheBytes && tries < MostTries && cache.TryDequeue(out var oldest);)
            {
                if (oldest.Message is { IsWhole: true, IsStored: false })
                {
                    cache.Enqueue(oldest);
                    tries++;
                    continue;
                }
                cached -= oldest.CachedBytes;
                (oldest.CachedBytes, oldest.IsCached) = (0, false);
                if (oldest.Message is { IsWhole: true } whole) oldest.TryExchange(whole, whole.WithoutPayload());
            }
        }
    }

    // A message that was replaced or cleared leaves its place behind, for as long as it would have lived: now and then those places are given up.
    private void EnqueueExpiring(RetainedTopic node, long at)
    {
        if (expiring.Count >= 2 * count + FewPlaces)
        {
            var valid = expiring.UnorderedItems.Where(item => item.Element.Message?.ExpiresAt == item.Priority).DistinctBy(item => item.Element).ToArray();
            expiring.Clear();
            expiring.EnqueueRange(valid);
        }
        expiring.Enqueue(node, at);
    }
}

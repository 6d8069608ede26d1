using Broker.Core.Protocol;

namespace Broker.Core.Topics;

/// <summary>
/// All subscriptions, by the levels of their filters. Searching needs no lock, does not recurse, and visits only nodes that match; changing is for one
/// at a time, under a lock of the tree that no publisher takes.
/// </summary>
public sealed class TopicTree<TSubscriber> where TSubscriber : class
{
    private readonly Lock gate = new();
    private readonly Node root = new(null, []);
    private long version;
    private int count;

    [ThreadStatic]
    private static Search? scratch;

    /// <summary>Rises with each change: what was found at a version holds as long as the version stays.</summary>
    public long Version => Volatile.Read(ref version);

    /// <summary>The number of subscriptions.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>Whether no node is left over.</summary>
    internal bool IsBare
    {
        get
        {
            lock (gate) return root.IsEmpty;
        }
    }

    /// <summary>Adds a subscription that the subscriber does not have yet.</summary>
    public void Add(Subscription<TSubscriber> subscription)
    {
        lock (gate)
        {
            var node = root;
            foreach (var range in subscription.Filter.Utf8.AsSpan().Split((byte)'/')) node = node.Child(subscription.Filter.Utf8.AsSpan()[range]);
            node.Subscribe(subscription);
            count++;
            Volatile.Write(ref version, version + 1);
        }
    }

    /// <summary>Puts a subscription in the place of another one of the same subscriber and filter; no message falls in between [MQTT-3.8.4-4].</summary>
    public void Replace(Subscription<TSubscriber> old, Subscription<TSubscriber> replacement)
    {
        lock (gate)
        {
            Find(old.Filter)!.Replace(old, replacement);
            Volatile.Write(ref version, version + 1);
        }
    }

    /// <summary>Removes a subscription that was added and not removed yet.</summary>
    public void Remove(Subscription<TSubscriber> subscription)
    {
        lock (gate)
        {
            var node = Find(subscription.Filter)!;
            node.Unsubscribe(subscription);
            while (node.IsEmpty && node.Parent is { } parent)
            {
                node.Detach();
                node = parent;
            }
            count--;
            Volatile.Write(ref version, version + 1);
        }
    }

    /// <summary>Finds who gets a message of this topic.</summary>
    public Matches<TSubscriber> Match(ReadOnlySpan<byte> topic)
    {
        long before = Version;
        var search = scratch ??= new Search();
        try
        {
            search.Run(root, topic);
            return new Matches<TSubscriber> { Version = before, Topic = topic.ToArray(), Subscribers = search.TakeSubscribers(), Groups = [.. search.Groups] };
        }
        finally
        {
            search.Clear();
        }
    }

    /// <summary>The subscriptions that get a message of this topic, each by itself, without those that are shared.</summary>
    public IReadOnlyList<Subscription<TSubscriber>> Overlapping(ReadOnlySpan<byte> topic)
    {
        var search = scratch ??= new Search();
        try
        {
            search.Run(root, topic);
            return search.TakeSubscriptions();
        }
        finally
        {
            search.Clear();
        }
    }

    /// <summary>The share group of a whole filter, with <c>$share</c>, or null if it has no member.</summary>
    internal ShareGroup<TSubscriber>? Group(string filter) => TopicFilter.TryParse(filter, out var shared, out _) ? Group(shared) : null;

    private ShareGroup<TSubscriber>? Group(TopicFilter shared)
    {
        lock (gate) return Array.Find(Find(shared)?.Groups ?? [], group => group.Name == shared.ShareName);
    }

    /// <summary>The members of a shared subscription at this moment.</summary>
    public IReadOnlyList<Subscription<TSubscriber>> Members(TopicFilter shared)
    {
        lock (gate)
        {
            if (Group(shared) is not { } found) return [];
            var members = new List<Subscription<TSubscriber>>(found.Members.Live);
            foreach (var member in found.Members.Items)
                if (member is not null) members.Add(member);
            return members;
        }
    }

    private Node? Find(TopicFilter filter)
    {
        var node = root;
        foreach (var range in filter.Utf8.AsSpan().Split((byte)'/'))
        {
            if (node.Get(filter.Utf8.AsSpan()[range]) is not { } next) return null;
            node = next;
        }
        return node;
    }

    /// <summary>The state of one search, kept by its thread for the next.</summary>
    private sealed class Search
    {
        private const int Few = 8, MostKept = 4_096;

        // Each in a struct: an array of objects looks at every one that is put into it, to see that it fits.
        private readonly List<ValueTuple<Subscription<TSubscriber>>> found = [];
        private List<ValueTuple<Node>> current = [], next = [];
        private int nodes;

        public List<ShareGroup<TSubscriber>> Groups { get; } = [];

        public void Run(Node root, ReadOnlySpan<byte> topic)
        {
            current.Add(new(root));
            bool wildcards = !TopicName.IsReserved(topic); // [MQTT-4.7.2-1]
            foreach (var range in topic.Split((byte)'/'))
            {
                var level = new LevelName(topic[range]);
                foreach (var step in current)
                {
                    var node = step.Item1;
                    if (node.Find(level) is { } exact) next.Add(new(exact));
                    if (!wildcards) continue;
                    if (node.SingleLevel is { } single) next.Add(new(single));
                    if (node.MultiLevel is { } multi) Collect(multi);
                }
                wildcards = true;
                (current, next) = (next, current);
                next.Clear();
                if (current.Count == 0) return;
            }
            foreach (var step in current)
            {
                Collect(step.Item1);
                if (step.Item1.MultiLevel is { } parent) Collect(parent); // a/# matches a
            }
        }

        public Match<TSubscriber>[] TakeSubscribers()
        {
            if (found.Count == 0) return [];
            if (AreOneEach())
            {
                var matches = new Match<TSubscriber>[found.Count];
                for (int i = 0; i < matches.Length; i++) matches[i] = Match<TSubscriber>.Of(found[i].Item1);
                return matches;
            }
            Dictionary<TSubscriber, List<Subscription<TSubscriber>>> bySubscriber = new(ReferenceEqualityComparer.Instance);
            foreach (var subscription in TakeSubscriptions())
            {
                if (!bySubscriber.TryGetValue(subscription.Subscriber, out var own)) bySubscriber.Add(subscription.Subscriber, own = new(1));
                own.Add(subscription);
            }
            return [.. bySubscriber.Values.Select(Match<TSubscriber>.Of)];
        }

        public Subscription<TSubscriber>[] TakeSubscriptions() => [.. found.Select(one => one.Item1)];

        // Nobody subscribes twice to one filter; of a few, comparing each with each is quicker than a table.
        private bool AreOneEach()
        {
            if (nodes == 1) return true;
            if (found.Count > Few) return false;
            for (int i = 1; i < found.Count; i++)
                for (int j = 0; j < i; j++)
                    if (ReferenceEquals(found[i].Item1.Subscriber, found[j].Item1.Subscriber)) return false;
            return true;
        }

        public void Clear()
        {
            found.Clear();
            if (found.Capacity > MostKept) found.Capacity = 0;
            Groups.Clear();
            current.Clear();
            next.Clear();
            nodes = 0;
        }

        private void Collect(Node node)
        {
            if (node.CollectInto(found)) nodes++;
            if (node.Groups is { } groups) Groups.AddRange(groups);
        }
    }

    private sealed class Node(Node? parent, ReadOnlySpan<byte> level) : LevelNode<Node>(parent, level)
    {
        private volatile Node? singleLevel;
        private volatile Node? multiLevel;
        private volatile Subscription<TSubscriber>? only; // most filters have one subscriber
        private volatile SubscriptionList<TSubscriber>? many;
        private volatile ShareGroup<TSubscriber>[]? groups;

        public Node? SingleLevel => singleLevel;

        public Node? MultiLevel => multiLevel;

        public ShareGroup<TSubscriber>[]? Groups => groups;

        public bool IsEmpty =>
            !HasChildren && singleLevel is null && multiLevel is null && groups is null && only is null && many is not { Live: > 0 };

        /// <summary>Adds the subscriptions of this node's filter to others.</summary>
        /// <returns>Whether it may have some.</returns>
        public bool CollectInto(List<ValueTuple<Subscription<TSubscriber>>> found)
        {
            var single = only; // first: it goes into the list before it ceases to be the only one
            if (many is { } list)
            {
                foreach (var subscription in list.Items)
                    if (subscription is not null) found.Add(new(subscription));
                return true;
            }
            if (single is null) return false;
            found.Add(new(single));
            return true;
        }

        public Node? Get(ReadOnlySpan<byte> name) => name switch
        {
            [(byte)'+'] => singleLevel,
            [(byte)'#'] => multiLevel,
            _ => Find(new LevelName(name)),
        };

        public Node Child(ReadOnlySpan<byte> name)
        {
            if (Get(name) is { } there) return there;
            var child = new Node(this, name);
            switch (name)
            {
                case [(byte)'+']: singleLevel = child; break;
                case [(byte)'#']: multiLevel = child; break;
                default: Add(child); break;
            }
            return child;
        }

        public void Detach()
        {
            if (Parent!.singleLevel == this) Parent.singleLevel = null;
            else if (Parent.multiLevel == this) Parent.multiLevel = null;
            else Remove();
        }

        public void Subscribe(Subscription<TSubscriber> subscription)
        {
            if (subscription.Filter.ShareName is not null)
            {
                GroupOf(subscription.Filter).Members.Add(subscription);
            }
            else if (only is null && many is null)
            {
                only = subscription;
            }
            else
            {
                var list = many ?? new();
                if (only is { } first) list.Add(first);
                list.Add(subscription);
                many = list;
                only = null;
            }
        }

        public void Replace(Subscription<TSubscriber> old, Subscription<TSubscriber> replacement)
        {
            if (only == old) only = replacement;
            else ListOf(old).Replace(old, replacement);
        }

        public void Unsubscribe(Subscription<TSubscriber> subscription)
        {
            if (only == subscription)
            {
                only = null;
                return;
            }
            ListOf(subscription).Remove(subscription);
            if (subscription.Filter.ShareName is null) return;
            var left = Array.FindAll(groups!, group => group.Members.Live > 0);
            groups = left.Length > 0 ? left : null;
        }

        private SubscriptionList<TSubscriber> ListOf(Subscription<TSubscriber> subscription) =>
            subscription.Filter.ShareName is null ? many! : GroupOf(subscription.Filter).Members;

        private ShareGroup<TSubscriber> GroupOf(TopicFilter shared)
        {
            foreach (var group in groups ?? [])
                if (group.Name == shared.ShareName) return group;
            var added = new ShareGroup<TSubscriber>(shared);
            groups = [.. groups ?? [], added];
            return added;
        }
    }
}

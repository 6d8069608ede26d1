using System.Diagnostics.CodeAnalysis;
using System.Text;
using Broker.Core.Protocol;

namespace Broker.Core.Topics;

/// <summary>Which retained topics are meant: all that match a filter, or all whose name begins with a text.</summary>
internal sealed class RetainedSelection
{
    private readonly (LevelKind Kind, byte[] Name)[] levels;
    private readonly bool tail, passesReserved;

    private RetainedSelection(string[] levels, Func<int, LevelKind> kind, bool tail, bool passesReserved)
    {
        this.levels = [.. levels.Select((level, i) => (kind(i), Encoding.UTF8.GetBytes(level)))];
        this.tail = tail;
        this.passesReserved = passesReserved;
    }

    private enum LevelKind
    {
        Exact,
        Any,
        Prefix,
    }

    /// <summary>Every topic.</summary>
    public static RetainedSelection All { get; } = new([], _ => LevelKind.Any, tail: true, passesReserved: true);

    /// <summary>The topics that match a filter; one that begins with a wildcard passes those that begin with $ over [MQTT-4.7.2-1].</summary>
    public static RetainedSelection Matching(TopicFilter filter)
    {
        string[] levels = filter.Filter.Split('/');
        bool tail = levels[^1] == "#";
        if (tail) levels = levels[..^1];
        return new RetainedSelection(levels, i => levels[i] == "+" ? LevelKind.Any : LevelKind.Exact, tail, passesReserved: levels is [not "+", ..]);
    }

    /// <summary>The topics whose names begin with a text.</summary>
    public static RetainedSelection StartingWith(string prefix)
    {
        string[] levels = prefix.Split('/');
        return new RetainedSelection(levels, i => i == levels.Length - 1 ? LevelKind.Prefix : LevelKind.Exact, tail: true, passesReserved: true);
    }

    /// <summary>Whether a node so many levels below the root is meant itself, all levels above it being so.</summary>
    public bool Means(int depth) => depth > 0 && (tail ? depth >= levels.Length : depth == levels.Length);

    /// <summary>The only child of a node so deep that can be meant or have what is meant below it, if it is known by its name.</summary>
    public bool NamesChild(int depth, out ReadOnlySpan<byte> name)
    {
        bool isExact = depth < levels.Length && levels[depth].Kind == LevelKind.Exact;
        name = isExact ? levels[depth].Name : [];
        return isExact;
    }

    /// <summary>Whether a child of a node so deep is meant or can have what is meant below it.</summary>
    public bool Passes(RetainedTopic child, int depth)
    {
        if (depth >= levels.Length && !tail) return false;
        if (depth == 0 && !passesReserved && TopicName.IsReserved(child.Level)) return false;
        return depth >= levels.Length || levels[depth].Kind == LevelKind.Any || child.Level.StartsWith(levels[depth].Name);
    }
}

/// <summary>
/// The children of a node in the order of their levels, found a part at a time: a page of a million children costs a look at each, not their sorting. The parts grow, for
/// whoever has to go through many of them.
/// </summary>
internal sealed class OrderedChildren(RetainedTopic node, Func<RetainedTopic, bool> isWanted, byte[]? from, int first)
{
    private static readonly Comparer<RetainedTopic> Descending = Comparer<RetainedTopic>.Create(static (a, b) => b.Level.SequenceCompareTo(a.Level));

    private RetainedTopic[] part = [];
    private RetainedTopic? last;
    private int next, size = first;
    private bool isWhole;

    /// <summary>One child alone.</summary>
    public static OrderedChildren Only(RetainedTopic node, RetainedTopic child) => new(node, static _ => false, null, 1) { part = [child], isWhole = true };

    /// <summary>The next child.</summary>
    public bool TryNext([NotNullWhen(true)] out RetainedTopic? child)
    {
        if (next == part.Length && !isWhole) Select();
        child = next < part.Length ? part[next++] : null;
        return child is not null;
    }

    // The smallest of those that are still to come.
    private void Select()
    {
        var smallest = new PriorityQueue<RetainedTopic, RetainedTopic>(Descending); // the largest of them stands first
        isWhole = true;
        foreach (var child in node.Children)
        {
            if (child is null || child.IsRemoved || !isWanted(child)) continue;
            if (last is not null ? child.Level.SequenceCompareTo(last.Level) <= 0 : from is not null && child.Level.SequenceCompareTo(from) < 0) continue;
            if (smallest.Count < size)
            {
                smallest.Enqueue(child, child);
                continue;
            }
            isWhole = false;
            if (child.Level.SequenceCompareTo(smallest.Peek().Level) < 0) smallest.EnqueueDequeue(child, child);
        }
        part = new RetainedTopic[smallest.Count];
        for (int i = part.Length - 1; i >= 0; i--) part[i] = smallest.Dequeue();
        if (part.Length > 0) last = part[^1];
        next = 0;
        size *= 2;
    }
}

/// <summary>Goes through retained topics in the order of their levels, from one topic on, without recursion.</summary>
internal sealed class RetainedWalk
{
    private readonly RetainedSelection selection;
    private readonly byte[][] after;
    private readonly int most;
    private readonly Stack<(OrderedChildren Children, int Depth)> open = new();
    private int onPath = -1; // the depth at which the next level of the topic to begin behind may come

    /// <summary>Begins behind a topic; null begins with the first.</summary>
    /// <param name="root">The root of the tree.</param>
    /// <param name="selection">Which topics are meant.</param>
    /// <param name="after">The topic to begin behind.</param>
    /// <param name="most">About how many are wanted.</param>
    public RetainedWalk(RetainedTopic root, RetainedSelection selection, string? after, int most)
    {
        this.selection = selection;
        this.after = after is null ? [] : [.. after.Split('/').Select(Encoding.UTF8.GetBytes)];
        this.most = Math.Clamp(most, 1, int.MaxValue - 2) + 2; // the topic to begin behind comes too
        Open(root, 0, isOnPath: after is not null);
    }

    /// <summary>The next topic that has a message.</summary>
    public bool TryNext(out RetainedTopic topic, out ApplicationMessage message)
    {
        while (open.TryPeek(out var level))
        {
            if (!level.Children.TryNext(out var node))
            {
                open.Pop();
                if (onPath == level.Depth) onPath = -1;
                continue;
            }
            bool isOnPath = onPath == level.Depth && node.Level.SequenceEqual(after[level.Depth]);
            if (onPath == level.Depth) onPath = -1; // it comes first or not at all
            Open(node, level.Depth + 1, isOnPath);
            if (isOnPath || !selection.Means(level.Depth + 1) || node.Message is not { } found) continue;
            (topic, message) = (node, found);
            return true;
        }
        (topic, message) = (null!, null!);
        return false;
    }

    // Of the levels that the topic to begin behind has, only what comes from there on is looked at.
    private void Open(RetainedTopic node, int depth, bool isOnPath)
    {
        if (!node.HasChildren) return;
        byte[]? from = isOnPath && depth < after.Length ? after[depth] : null;
        OrderedChildren children;
        if (!selection.NamesChild(depth, out var name)) children = new OrderedChildren(node, child => selection.Passes(child, depth), from, most);
        else if (node.Find(new LevelName(name)) is { } exact && (from is null || exact.Level.SequenceCompareTo(from) >= 0)) children = OrderedChildren.Only(node, exact);
        else return;
        if (from is not null) onPath = depth;
        open.Push((children, depth));
    }
}

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

    /// <summary>The children of a node so deep that are meant or have what is meant below them.</summary>
    public IEnumerable<RetainedTopic> Children(RetainedTopic node, int depth)
    {
        if (depth < levels.Length && levels[depth].Kind == LevelKind.Exact) return node.Find(levels[depth].Name) is { } exact ? [exact] : [];
        return depth < levels.Length || tail ? node.Children.Where(child => child is { IsRemoved: false } && Passes(child, depth)).Select(child => child!) : [];
    }

    private bool Passes(RetainedTopic child, int depth)
    {
        if (depth == 0 && !passesReserved && TopicName.IsReserved(child.Level)) return false;
        return depth >= levels.Length || levels[depth].Kind == LevelKind.Any || child.Level.StartsWith(levels[depth].Name);
    }
}

/// <summary>
/// Goes through retained topics in the order of their levels, from one topic on, without recursion. Children are put in order only as far as somebody asks for
/// them: a page of a million topics below one level costs a look at each, no sorting.
/// </summary>
internal sealed class RetainedWalk
{
    private static readonly Comparer<RetainedTopic> ByLevel = Comparer<RetainedTopic>.Create(static (a, b) => a.Level.SequenceCompareTo(b.Level));

    private readonly RetainedSelection selection;
    private readonly byte[][] after;
    private readonly Stack<(PriorityQueue<RetainedTopic, RetainedTopic> Children, int Depth)> open = new();
    private int onPath = -1; // the depth at which the next level of the topic to begin behind may come

    /// <summary>Begins behind a topic; null begins with the first.</summary>
    public RetainedWalk(RetainedTopic root, RetainedSelection selection, string? after)
    {
        this.selection = selection;
        this.after = after is null ? [] : [.. after.Split('/').Select(Encoding.UTF8.GetBytes)];
        Open(root, 0, isOnPath: after is not null);
    }

    /// <summary>The next topic that has a message.</summary>
    public bool TryNext(out RetainedTopic topic, out ApplicationMessage message)
    {
        while (open.TryPeek(out var level))
        {
            if (!level.Children.TryDequeue(out var node, out _))
            {
                open.Pop();
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
        var children = selection.Children(node, depth);
        bool isBounded = isOnPath && depth < after.Length;
        if (isBounded)
        {
            byte[] from = after[depth];
            children = children.Where(child => child.Level.SequenceCompareTo(from) >= 0);
        }
        var ordered = new PriorityQueue<RetainedTopic, RetainedTopic>(children.Select(child => (child, child)), ByLevel);
        if (ordered.Count == 0) return;
        open.Push((ordered, depth));
        if (isBounded) onPath = depth;
    }
}

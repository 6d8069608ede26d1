using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Broker.Core.Protocol;

namespace Broker.Core.Topics;

/// <summary>
/// A node of a tree of topic levels, and its children. One writer at a time, under the tree's lock, changes it; readers need no lock: they see a child or do not see it
/// yet. A search waits for memory more than for anything else: the name stands in the node itself unless it is long, a first child is found without a table, and the
/// table of many is open-addressed and as small as they allow, so that a million leaves cost little.
/// </summary>
internal abstract class LevelNode<TNode> where TNode : LevelNode<TNode>
{
    private readonly byte[]? whole;
    private readonly LevelWords words;
    private readonly int length;
    private TNode? first; // alone until there is a table, then in the table too
    private TNode?[]? table;
    private int used;
    private int live;
    private volatile bool removed;

    protected LevelNode(TNode? parent, ReadOnlySpan<byte> level)
    {
        Parent = parent;
        (words, length) = (new LevelName(level).Words, level.Length);
        if (length > LevelWords.Bytes) whole = level.ToArray();
    }

    public TNode? Parent { get; }

    public ReadOnlySpan<byte> Level => whole ?? MemoryMarshal.AsBytes((ReadOnlySpan<ulong>)words)[..length];

    public bool HasChildren => live > 0;

    /// <summary>The children at this moment; entries may be null or removed.</summary>
    public ReadOnlySpan<TNode?> Children => Volatile.Read(ref table) is { } many ? many : new ReadOnlySpan<TNode?>(in first);

    public bool IsRemoved => removed;

    public TNode? Find(in LevelName name)
    {
        if (Volatile.Read(ref first) is { } one && one.Is(name)) return one;
        var snapshot = Volatile.Read(ref table);
        if (snapshot is null) return null;
        int mask = snapshot.Length - 1;
        for (int i = name.Hash & mask; ; i = (i + 1) & mask)
        {
            var child = Volatile.Read(ref snapshot[i]);
            if (child is null) return null;
            if (child.Is(name) && !child.removed) return child;
        }
    }

    /// <summary>Adds a child that is not there; only the writer calls it.</summary>
    public void Add(TNode child)
    {
        live++;
        if (live == 1 && table is null)
        {
            Volatile.Write(ref first, child);
            return;
        }
        if (table is null || (used + 1) * 4 > table.Length * 3) Rebuild(live);
        Put(table!, child);
        used++;
    }

    /// <summary>Takes this node out of its parent; only the writer calls it. It stays in the table, passed over, until the table is next rebuilt.</summary>
    public void Remove()
    {
        removed = true;
        if (Parent!.first == this) Parent.first = null;
        if (--Parent.live == 0)
        {
            Parent.table = null;
            Parent.used = 0;
        }
        else if (Parent.live * 4 < Parent.used)
        {
            Parent.Rebuild(Parent.live);
        }
    }

    private bool Is(in LevelName name) =>
        words[0] == name.Words[0] && words[1] == name.Words[1] && length == name.Bytes.Length && (whole is null || name.Bytes.SequenceEqual(whole));

    private static void Put(TNode?[] into, TNode child)
    {
        int mask = into.Length - 1;
        int i = Utf8Comparer.Hash(child.Level) & mask;
        while (into[i] is not null) i = (i + 1) & mask;
        Volatile.Write(ref into[i], child);
    }

    private void Rebuild(int children)
    {
        int size = 2;
        while (size * 3 < children * 4 + 1) size *= 2;
        if (children > 4) size *= 2;
        var bigger = new TNode?[size];
        used = 0;
        foreach (var child in Children)
        {
            if (child is not { removed: false }) continue;
            Put(bigger, child);
            used++;
        }
        Volatile.Write(ref table, bigger);
    }
}

/// <summary>A topic level that is looked for: prepared once, compared with many.</summary>
internal readonly ref struct LevelName
{
    public LevelName(ReadOnlySpan<byte> level)
    {
        Bytes = level;
        Words = LevelWords.Of(level);
        Hash = Utf8Comparer.Hash(level);
    }

    public ReadOnlySpan<byte> Bytes { get; }

    public LevelWords Words { get; }

    public int Hash { get; }
}

/// <summary>The first bytes of a level, and zeros behind them where it has fewer.</summary>
[InlineArray(2)]
internal struct LevelWords
{
    public const int Bytes = 16;

    private ulong first;

    public static LevelWords Of(ReadOnlySpan<byte> level)
    {
        var words = default(LevelWords);
        level[..Math.Min(level.Length, Bytes)].CopyTo(MemoryMarshal.AsBytes((Span<ulong>)words));
        return words;
    }
}

using Broker.Core.Protocol;

namespace Broker.Core.Topics;

/// <summary>
/// A node of a tree of topic levels, and the table of its children. One writer at a time, under the tree's lock, changes it; readers need no lock: they
/// see a child or do not see it yet. The table is open-addressed and as small as its children allow, so that a million leaves cost little.
/// </summary>
internal abstract class LevelNode<TNode>(TNode? parent, byte[] level) where TNode : LevelNode<TNode>
{
    private readonly byte[] level = level;
    private readonly int hash = Utf8Comparer.Hash(level);
    private volatile TNode?[]? table;
    private int used;
    private int live;
    private volatile bool removed;

    public TNode? Parent => parent;

    public ReadOnlySpan<byte> Level => level;

    public bool HasChildren => live > 0;

    /// <summary>The children at this moment; entries may be null or removed.</summary>
    public TNode?[] Children => table ?? [];

    public bool IsRemoved => removed;

    public TNode? Find(ReadOnlySpan<byte> name)
    {
        var snapshot = table;
        if (snapshot is null) return null;
        int wanted = Utf8Comparer.Hash(name);
        int mask = snapshot.Length - 1;
        for (int i = wanted & mask; ; i = (i + 1) & mask)
        {
            var child = Volatile.Read(ref snapshot[i]);
            if (child is null) return null;
            if (child.hash == wanted && !child.removed && name.SequenceEqual(child.level)) return child;
        }
    }

    /// <summary>Adds a child that is not there; only the writer calls it.</summary>
    public void Add(TNode child)
    {
        if (table is null || (used + 1) * 4 > table.Length * 3) Rebuild(live + 1);
        Put(table!, child);
        used++;
        live++;
    }

    /// <summary>Takes this node out of its parent; only the writer calls it. It stays in the table, passed over, until the table is next rebuilt.</summary>
    public void Remove()
    {
        removed = true;
        if (--Parent!.live == 0)
        {
            Parent.table = null;
            Parent.used = 0;
        }
        else if (Parent.live * 4 < Parent.used)
        {
            Parent.Rebuild(Parent.live);
        }
    }

    private static void Put(TNode?[] into, TNode child)
    {
        int mask = into.Length - 1;
        int i = child.hash & mask;
        while (into[i] is not null) i = (i + 1) & mask;
        Volatile.Write(ref into[i], child);
    }

    private void Rebuild(int children)
    {
        int size = 2;
        while (size * 3 < children * 4 + 1) size *= 2;
        if (children > 4) size *= 2;
        var bigger = new TNode?[size];
        foreach (var child in Children)
            if (child is { removed: false }) Put(bigger, child);
        used = live;
        table = bigger;
    }
}

namespace Broker.Web.Persistence.Batches;

/// <summary>What one transaction does to the references: applied when it is committed, forgotten when it is not.</summary>
internal sealed class ReferenceChanges(MessageReferences counted)
{
    private readonly Dictionary<long, int> differences = [];
    private readonly List<long> unreferenced = [];

    /// <summary>What is committed.</summary>
    public MessageReferences Counted => counted;

    /// <summary>So many more entries refer to the message, or fewer.</summary>
    public void Add(long id, int difference)
    {
        differences.TryGetValue(id, out int before);
        differences[id] = before + difference;
    }

    /// <summary>The same for messages whose ids follow each other.</summary>
    public void AddRun(long last, int length, int difference)
    {
        for (long id = last - length + 1; id <= last; id++) Add(id, difference);
    }

    /// <summary>The messages that no entry refers to after the transaction: ids that follow each other, in their order.</summary>
    public List<(long First, long Last)> Unreferenced()
    {
        unreferenced.Clear();
        foreach (var (id, difference) in differences)
        {
            if (difference < 0 && counted[id] + difference <= 0) unreferenced.Add(id);
        }
        unreferenced.Sort();
        var ranges = new List<(long First, long Last)>();
        foreach (long id in unreferenced)
        {
            if (ranges is [.., var (first, last)] && id == last + 1) ranges[^1] = (first, id);
            else ranges.Add((id, id));
        }
        return ranges;
    }

    /// <summary>The transaction is committed.</summary>
    public void Apply()
    {
        foreach (var (id, difference) in differences) counted.Add(id, difference);
        differences.Clear();
    }

    /// <summary>The transaction is not committed, or another one begins.</summary>
    public void Clear() => differences.Clear();
}

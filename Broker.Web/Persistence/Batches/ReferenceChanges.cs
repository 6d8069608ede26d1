namespace Broker.Web.Persistence.Batches;

/// <summary>What one transaction does to the references: applied when it is committed, forgotten when it is not.</summary>
internal sealed class ReferenceChanges(MessageReferences counted)
{
    private readonly Dictionary<long, int> differences = [];

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

    /// <summary>The messages that no entry refers to after the transaction, in the order of their ids.</summary>
    public List<long> Unreferenced()
    {
        var ids = new List<long>();
        foreach (var (id, difference) in differences)
        {
            if (difference < 0 && counted[id] + difference <= 0) ids.Add(id);
        }
        ids.Sort();
        return ids;
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

namespace Broker.Web.Persistence.Batches;

/// <summary>Discarded sessions whose entries and other rows are still to be deleted. Of the journal's thread alone; found anew when the store is opened.</summary>
internal sealed class Leftovers
{
    private readonly Queue<long> sessions = [];

    /// <summary>Whether there are any.</summary>
    public bool Any => sessions.Count > 0;

    /// <summary>A session was discarded, and that is committed.</summary>
    public void Add(long session) => sessions.Enqueue(session);

    /// <summary>Those that a batch discarded, once it is committed.</summary>
    public void Add(BatchPlan plan)
    {
        foreach (var session in plan.Sessions)
        {
            if (session.DiscardedAt is not null) Add(session.Key);
        }
    }

    /// <summary>The first of them, up to a number.</summary>
    public IEnumerable<long> Next(int most) => sessions.Take(most);

    /// <summary>The first ones have nothing left, and that is committed.</summary>
    public void Remove(int count)
    {
        for (; count > 0; count--) sessions.Dequeue();
    }

    /// <summary>Forgets them, to find them anew.</summary>
    public void Clear() => sessions.Clear();
}

using Broker.Core.Storage;

namespace Broker.Web.Persistence.Batches;

/// <summary>
/// Turns the rows of a store that is opened into what the broker begins with, and counts references and leftovers on the way. Sessions come first, entries in
/// the order of their key, each row once: a million of them are one pass over the table.
/// </summary>
internal sealed class Recovery
{
    private readonly Dictionary<long, RecoveredSession> sessions = [];
    private readonly List<StoredRetained> retained = [];
    private readonly MessageReferences references;
    private readonly Leftovers leftovers;
    private RecoveredSession? current;
    private long lastSession;

    public Recovery(MessageReferences references, Leftovers leftovers)
    {
        this.references = references;
        this.leftovers = leftovers;
        references.Clear();
        leftovers.Clear();
    }

    /// <summary>A session; one that was discarded is only swept.</summary>
    public void Add(RecoveredSession session)
    {
        if (session.IsDiscarded) leftovers.Add(session.Key);
        sessions.Add(session.Key, session);
        lastSession = Math.Max(lastSession, session.Key);
    }

    public void Add(long session, StoredSubscription subscription) => Find(session).Subscriptions.Add(subscription);

    public void AddIdentifier(long session, ushort packetIdentifier) => Find(session).Identifiers.Add(packetIdentifier);

    public void Add(WillStored will) => Find(will.Session).Will = will;

    public void Add(StoredRetained message) => retained.Add(message);

    /// <summary>An entry, with the id of its message where that stands elsewhere, or 0.</summary>
    public void AddEntry(long session, long sequence, long messageId, int size, bool isShared)
    {
        if (messageId > 0) references.Add(messageId, 1);
        if (current?.Key != session) current = Find(session);
        current.AddEntry(sequence, size, isShared);
    }

    /// <summary>What the broker begins with.</summary>
    /// <param name="lastMessage">The highest id in the table of messages.</param>
    public StoredState Finish(long lastMessage)
    {
        var state = sessions.Values.Where(session => !session.IsDiscarded).Select(session => session.ToStored()).ToList();
        return new StoredState(state, retained, lastSession, Math.Max(lastMessage, references.Highest));
    }

    // Rows whose session is not there belong to one that was discarded: they are swept.
    private RecoveredSession Find(long key)
    {
        if (sessions.TryGetValue(key, out var session)) return session;
        session = new RecoveredSession { Key = key, ClientIdentifier = "", IsDiscarded = true };
        Add(session);
        return session;
    }
}

/// <summary>A session while its rows are read.</summary>
internal sealed class RecoveredSession
{
    private long entries, bytes, first, last, shared, lowest, windowEnd;

    public required long Key { get; init; }

    public required string ClientIdentifier { get; init; }

    public string? UserName { get; init; }

    public bool IsReleased { get; init; }

    public uint ExpiryInterval { get; init; }

    public int ReceiveMaximum { get; init; }

    public long? DetachedAt { get; init; }

    public long HighestSent { get; init; }

    public bool IsDiscarded { get; init; }

    public List<StoredSubscription> Subscriptions { get; } = [];

    public List<ushort> Identifiers { get; } = [];

    public WillStored? Will { get; set; }

    public void AddEntry(long sequence, int size, bool isShared)
    {
        if (sequence <= 0)
        {
            lowest = Math.Min(lowest, sequence);
            return;
        }
        if (entries == 0) first = sequence;
        last = sequence;
        entries++;
        bytes += size;
        if (isShared) shared++;
        if (entries <= ReceiveMaximum) windowEnd = sequence;
    }

    /// <summary>Of a session that was connected to the end, nobody noted what was sent: as many as its client took at once count as sent.</summary>
    public StoredSession ToStored()
    {
        var stored = new StoredSession
        {
            Key = Key,
            ClientIdentifier = ClientIdentifier,
            UserName = UserName,
            IsReleased = IsReleased,
            ExpiryInterval = ExpiryInterval,
            DetachedAt = DetachedAt,
            HighestSent = DetachedAt is null ? Math.Max(HighestSent, windowEnd) : HighestSent,
            Entries = entries,
            EntryBytes = bytes,
            FirstSequence = first,
            LastSequence = last,
            SharedEntries = shared,
            LowestBeside = lowest,
            Will = Will,
        };
        stored.Subscriptions.AddRange(Subscriptions);
        stored.Identifiers.AddRange(Identifiers);
        return stored;
    }
}

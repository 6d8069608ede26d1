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
    private readonly Dictionary<long, int> messages = [];
    private readonly MessageReferences references;
    private readonly Leftovers leftovers;
    private RecoveredSession? current;
    private long lastSession, lastMessage;

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

    /// <summary>A message that entries refer to, and its bytes. All of them come before the entries.</summary>
    public void AddMessage(long id, int size)
    {
        messages.Add(id, size);
        lastMessage = Math.Max(lastMessage, id);
    }

    /// <summary>An entry that holds its message itself.</summary>
    public void AddEntry(long session, long sequence, int size, bool isShared) => Current(session).AddEntry(sequence, size, isShared);

    /// <summary>Entries that refer to messages, up to the one with this sequence and this message.</summary>
    public void AddRun(long session, long sequence, int length, long messageId, bool isShared)
    {
        for (int before = length - 1; before >= 0; before--)
        {
            references.Add(messageId - before, 1);
            Current(session).AddEntry(sequence - before, messages.GetValueOrDefault(messageId - before), isShared);
        }
    }

    /// <summary>What the broker begins with.</summary>
    public StoredState Finish()
    {
        var state = sessions.Values.Where(session => !session.IsDiscarded).Select(session => session.ToStored()).ToList();
        return new StoredState(state, retained, lastSession, Math.Max(lastMessage, references.Highest));
    }

    private RecoveredSession Current(long session) => current?.Key == session ? current : current = Find(session);

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

using Broker.Core.Storage;

namespace Broker.Web.Persistence.Batches;

/// <summary>
/// A batch, turned into what has to be done in each table: at most one step a row, the state that the batch leaves behind, in the order of the keys where
/// that makes the database quicker. Made once a batch, so that a batch that is tried again does the same. Its lists are used again for the next one.
/// </summary>
/// <remarks>The steps are meant for this order: deletions of a table before its insertions; entries last, and unreferenced messages after them.</remarks>
internal sealed class BatchPlan
{
    private readonly Dictionary<long, SessionChange> sessions = [];
    private readonly Dictionary<(long, int), SubscriptionStored?> subscriptions = [];
    private readonly Dictionary<(long, ushort), bool> identifiers = [];
    private readonly Dictionary<long, WillStored?> wills = [];
    private readonly Dictionary<long, RetainedStored?> retained = [];
    private readonly EntrySteps entries = new();
    private StoreBatch? batch;

    /// <summary>The batch's number.</summary>
    public long Number => batch?.Number ?? 0;

    /// <summary>What becomes of sessions.</summary>
    public IReadOnlyCollection<SessionChange> Sessions => sessions.Values;

    /// <summary>Subscriptions to insert, or to replace.</summary>
    public List<SubscriptionStored> SubscriptionsStored { get; } = [];

    /// <summary>Subscriptions to delete.</summary>
    public List<(long Session, int Number)> SubscriptionsRemoved { get; } = [];

    /// <summary>Packet identifiers to insert, where they are not there already.</summary>
    public List<(long Session, ushort PacketIdentifier)> IdentifiersSeen { get; } = [];

    /// <summary>Packet identifiers to delete.</summary>
    public List<(long Session, ushort PacketIdentifier)> IdentifiersForgotten { get; } = [];

    /// <summary>Wills to insert, or to replace.</summary>
    public List<WillStored> WillsStored { get; } = [];

    /// <summary>Keys of sessions whose will is to be deleted.</summary>
    public List<long> WillsRemoved { get; } = [];

    /// <summary>Retained messages to insert, or to replace.</summary>
    public List<RetainedStored> RetainedStored { get; } = [];

    /// <summary>Numbers of retained messages to delete.</summary>
    public List<long> RetainedCleared { get; } = [];

    /// <summary>Entries to delete; they may be not there.</summary>
    public List<EntryRange> EntriesSettled => entries.Settled;

    /// <summary>Messages to insert, which <see cref="EntriesQueued"/> refer to by id.</summary>
    public List<SharedMessage> Messages => entries.Messages;

    /// <summary>Entries to insert, a row each run: one that is there already is an error.</summary>
    public List<EntryRun> EntriesQueued => entries.Queued;

    /// <summary>Entries to mark as released.</summary>
    public List<EntryKey> EntriesReleased => entries.Released;

    /// <summary>Rows of the audit to append.</summary>
    public List<AuditRecorded> Audit { get; } = [];

    /// <summary>Answers of requests to insert, or to put in the place of former ones.</summary>
    public List<RequestAnswered> Requests { get; } = [];

    /// <summary>Makes the plan of a batch, unless it is the plan of that batch already.</summary>
    public void Make(StoreBatch next)
    {
        if (ReferenceEquals(batch, next)) return;
        Clear();
        foreach (var change in next.Changes) Take(change);
        entries.Resolve();
        Split(subscriptions, SubscriptionsStored, SubscriptionsRemoved);
        Split(wills, WillsStored, WillsRemoved);
        Split(retained, RetainedStored, RetainedCleared);
        foreach (var (key, seen) in identifiers) (seen ? IdentifiersSeen : IdentifiersForgotten).Add(key);
        batch = next;
    }

    /// <summary>Forgets the batch: what it held can be collected.</summary>
    public void Clear()
    {
        batch = null;
        sessions.Clear();
        subscriptions.Clear();
        identifiers.Clear();
        wills.Clear();
        retained.Clear();
        entries.Clear();
        SubscriptionsStored.Clear();
        SubscriptionsRemoved.Clear();
        IdentifiersSeen.Clear();
        IdentifiersForgotten.Clear();
        WillsStored.Clear();
        WillsRemoved.Clear();
        RetainedStored.Clear();
        RetainedCleared.Clear();
        Audit.Clear();
        Requests.Clear();
    }

    // Of several changes of one row the last one stays.
    private void Take(StoreChange change)
    {
        switch (change)
        {
            case EntryQueued queued: entries.Queue(queued); break;
            case EntrySettled settled: entries.Settle(new(settled.Session, settled.First, settled.Last)); break;
            case EntryReleased released: entries.Release(new(released.Session, released.Sequence)); break;
            case IdentifierSeen seen: identifiers[(seen.Session, seen.PacketIdentifier)] = true; break;
            case IdentifierForgotten forgotten: identifiers[(forgotten.Session, forgotten.PacketIdentifier)] = false; break;
            case RetainedStored stored: retained[stored.Topic] = stored; break;
            case RetainedCleared cleared: retained[cleared.Topic] = null; break;
            case SubscriptionStored stored: subscriptions[(stored.Session, stored.Number)] = stored; break;
            case SubscriptionRemoved removed: subscriptions[(removed.Session, removed.Number)] = null; break;
            case WillStored stored: wills[stored.Session] = stored; break;
            case WillRemoved removed: wills[removed.Session] = null; break;
            case SessionStored stored: Session(stored.Session).Take(stored); break;
            case SessionDetached detached: Session(detached.Session).Take(detached); break;
            case SessionOwned owned: Session(owned.Session).Take(owned); break;
            case SessionDiscarded discarded: Session(discarded.Session).Take(discarded); break;
            case AuditRecorded recorded: Audit.Add(recorded); break;
            case RequestAnswered answered: Requests.Add(answered); break;
            default: throw new NotSupportedException($"the store does not know {change.GetType().Name}");
        }
    }

    private SessionChange Session(long key)
    {
        if (!sessions.TryGetValue(key, out var change)) sessions.Add(key, change = new SessionChange(key));
        return change;
    }

    private static void Split<TKey, TStored>(Dictionary<TKey, TStored?> rows, List<TStored> stored, List<TKey> removed)
        where TKey : notnull where TStored : class
    {
        foreach (var (key, row) in rows)
        {
            if (row is null) removed.Add(key);
            else stored.Add(row);
        }
    }
}

using System.Runtime.InteropServices;
using Broker.Core.Protocol;
using Broker.Core.Storage;

namespace Broker.Web.Persistence.Batches;

/// <summary>Which entry of a queue.</summary>
internal readonly record struct EntryKey(long Session, long Sequence);

/// <summary>Entries of a queue that follow each other: acknowledgements come mostly in the order of the queue.</summary>
internal readonly record struct EntryRange(long Session, long First, long Last);

/// <summary>A message to insert that several entries refer to.</summary>
internal readonly record struct SharedMessage(long Id, ApplicationMessage Message);

/// <summary>
/// The changes of queue entries in a batch. They are sorted by key and the order of their arrival, which brings those of one entry together: an entry that
/// came and went within the batch is never written. The tables are appended to in the order of their key, too.
/// </summary>
internal sealed class EntrySteps
{
    private readonly List<Step> steps = [];
    private readonly List<EntryQueued?> entries = []; // by the order of the steps
    private readonly HashSet<long> messageIds = [];

    public List<EntryRange> Settled { get; } = [];

    public List<SharedMessage> Messages { get; } = [];

    public List<EntryRun> Queued { get; } = [];

    public List<EntryKey> Released { get; } = [];

    public void Queue(EntryQueued entry) => Add(new(entry.Session, entry.Sequence), StepKind.Queue, entry);

    public void Settle(EntryKey key) => Add(key, StepKind.Settle, null);

    public void Release(EntryKey key) => Add(key, StepKind.Release, null);

    public void Clear()
    {
        steps.Clear();
        entries.Clear();
        messageIds.Clear();
        Settled.Clear();
        Messages.Clear();
        Queued.Clear();
        Released.Clear();
    }

    public void Resolve()
    {
        var sorted = CollectionsMarshal.AsSpan(steps);
        sorted.Sort();
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            for (end = start + 1; end < sorted.Length && sorted[end].Key == sorted[start].Key;) end++;
            Resolve(sorted[start..end]);
        }
        Messages.Sort(static (a, b) => a.Id.CompareTo(b.Id));
    }

    // All steps are of one entry. What was in the table before matters only if the first step is not its insertion.
    private void Resolve(ReadOnlySpan<Step> ofOne)
    {
        EntryQueued? queued = null;
        bool released = false, wasThere = ofOne[0].Kind != StepKind.Queue, settled = false;
        foreach (ref readonly var step in ofOne)
        {
            (queued, released) = step.Kind switch
            {
                StepKind.Queue => (entries[step.Order], false),
                StepKind.Release => (queued, true),
                _ => (null, false),
            };
            settled |= step.Kind == StepKind.Settle;
        }
        if (wasThere && settled) Settle(ofOne[0].Key.Session, ofOne[0].Key.Sequence);
        if (queued is not null) Insert(queued, released);
        else if (released && !settled) Released.Add(ofOne[0].Key);
    }

    private void Settle(long session, long sequence)
    {
        if (Settled is [.., var last] && (last.Session, last.Last + 1) == (session, sequence)) Settled[^1] = last with { Last = sequence };
        else Settled.Add(new(session, sequence, sequence));
    }

    private void Insert(EntryQueued queued, bool released)
    {
        if (Queued is [.., var run] && run.GoesOnWith(queued, released)) Queued[^1] = run.With(queued);
        else Queued.Add(new(queued, 1, released));
        if (queued.MessageId > 0 && messageIds.Add(queued.MessageId)) Messages.Add(new(queued.MessageId, queued.Message));
    }

    private void Add(EntryKey key, StepKind kind, EntryQueued? entry)
    {
        steps.Add(new(key, steps.Count, kind));
        entries.Add(entry);
    }

    private enum StepKind : byte
    {
        Queue,
        Settle,
        Release,
    }

    private readonly record struct Step(EntryKey Key, int Order, StepKind Kind) : IComparable<Step>
    {
        public int CompareTo(Step other)
        {
            if (Key.Session != other.Key.Session) return Key.Session < other.Key.Session ? -1 : 1;
            if (Key.Sequence != other.Key.Sequence) return Key.Sequence < other.Key.Sequence ? -1 : 1;
            return Order - other.Order;
        }
    }
}

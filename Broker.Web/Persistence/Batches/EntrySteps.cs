using System.Runtime.InteropServices;
using Broker.Core.Protocol;
using Broker.Core.Storage;

namespace Broker.Web.Persistence.Batches;

/// <summary>Which entry of a queue.</summary>
internal readonly record struct EntryKey(long Session, long Sequence) : IComparable<EntryKey>
{
    public int CompareTo(EntryKey other)
    {
        if (Session != other.Session) return Session < other.Session ? -1 : 1;
        return Sequence == other.Sequence ? 0 : Sequence < other.Sequence ? -1 : 1;
    }
}

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
    private readonly List<(EntryRange Range, int Order)> ranges = [];
    private readonly HashSet<long> messageIds = [];

    public List<EntryRange> Settled { get; } = [];

    public List<SharedMessage> Messages { get; } = [];

    public List<EntryRun> Queued { get; } = [];

    public List<EntryKey> Released { get; } = [];

    public void Queue(EntryQueued entry) => steps.Add(new(new(entry.Session, entry.Sequence), Next(entry), StepKind.Queue));

    public void Settle(EntryRange range) => ranges.Add((range, Next(null)));

    public void Release(EntryKey key) => steps.Add(new(key, Next(null), StepKind.Release));

    public void Clear()
    {
        steps.Clear();
        entries.Clear();
        ranges.Clear();
        messageIds.Clear();
        Settled.Clear();
        Messages.Clear();
        Queued.Clear();
        Released.Clear();
    }

    public void Resolve()
    {
        steps.Sort();
        SplitRanges();
        var sorted = CollectionsMarshal.AsSpan(steps);
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            for (end = start + 1; end < sorted.Length && sorted[end].Key == sorted[start].Key;) end++;
            Resolve(sorted[start..end]);
        }
        MergeSettled();
        Messages.Sort(static (a, b) => a.Id.CompareTo(b.Id));
    }

    // Ranges stay whole unless something else happens to one of their entries in this batch.
    private void SplitRanges()
    {
        int sorted = steps.Count;
        foreach (var (range, order) in ranges)
        {
            int next = ~CollectionsMarshal.AsSpan(steps)[..sorted].BinarySearch(new Step(new(range.Session, range.First), -1, StepKind.Settle));
            if (next == sorted || steps[next].Key.CompareTo(new(range.Session, range.Last)) > 0) Settled.Add(range);
            else for (long sequence = range.First; sequence <= range.Last; sequence++) steps.Add(new(new(range.Session, sequence), order, StepKind.Settle));
        }
        if (steps.Count > sorted) steps.Sort();
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
        var key = ofOne[0].Key;
        if (wasThere && settled) Settled.Add(new(key.Session, key.Sequence, key.Sequence));
        if (queued is not null) Insert(queued, released);
        else if (released && !settled) Released.Add(key);
    }

    private void Insert(EntryQueued queued, bool released)
    {
        if (Queued is [.., var run] && run.GoesOnWith(queued, released)) Queued[^1] = run.With(queued);
        else Queued.Add(new(queued, 1, released));
        if (queued.MessageId > 0 && messageIds.Add(queued.MessageId)) Messages.Add(new(queued.MessageId, queued.Message));
    }

    private void MergeSettled()
    {
        Settled.Sort(static (a, b) => new EntryKey(a.Session, a.First).CompareTo(new(b.Session, b.First)));
        int count = 0;
        for (int i = 0; i < Settled.Count; i++)
        {
            var range = Settled[i];
            if (count > 0 && Settled[count - 1] is var last && last.Session == range.Session && range.First <= last.Last + 1) Settled[count - 1] = last with { Last = Math.Max(last.Last, range.Last) };
            else Settled[count++] = range;
        }
        Settled.RemoveRange(count, Settled.Count - count);
    }

    private int Next(EntryQueued? entry)
    {
        entries.Add(entry);
        return entries.Count - 1;
    }

    private enum StepKind : byte
    {
        Queue,
        Settle,
        Release,
    }

    private readonly record struct Step(EntryKey Key, int Order, StepKind Kind) : IComparable<Step>
    {
        public int CompareTo(Step other) => Key.CompareTo(other.Key) is not 0 and var difference ? difference : Order - other.Order;
    }
}

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
/// The changes of queue entries in a batch, brought into the order of their keys and of their arrival, so that those of one entry stand together: an entry that came and
/// went within the batch is never written. The tables are appended to in the order of their key, too.
/// </summary>
internal sealed class EntrySteps
{
    private const int MostSpare = 1_024;

    private static readonly Comparer<EntryRange> ByFirst = Comparer<EntryRange>.Create(static (a, b) => a.First.CompareTo(b.First));

    private readonly Dictionary<long, StepsOfQueue> queues = [];
    private readonly List<StepsOfQueue> sorted = [];
    private readonly Stack<StepsOfQueue> spare = [];
    private readonly HashSet<long> messageIds = [];
    private int arrived;

    public List<EntryRange> Settled { get; } = [];

    public List<SharedMessage> Messages { get; } = [];

    public List<EntryRun> Queued { get; } = [];

    public List<EntryKey> Released { get; } = [];

    public void Queue(EntryQueued entry) => Of(entry.Session).Add(new(entry.Sequence, arrived++, StepKind.Queue, entry));

    public void Settle(EntryRange range) => Of(range.Session).Ranges.Add((range, arrived++));

    public void Release(EntryKey key) => Of(key.Session).Add(new(key.Sequence, arrived++, StepKind.Release, null));

    public void Clear()
    {
        foreach (var queue in queues.Values)
        {
            queue.Clear();
            if (queue.IsSmall && spare.Count < MostSpare) spare.Push(queue);
        }
        queues.Clear();
        sorted.Clear();
        messageIds.Clear();
        arrived = 0;
        Settled.Clear();
        Messages.Clear();
        Queued.Clear();
        Released.Clear();
    }

    public void Resolve()
    {
        sorted.AddRange(queues.Values);
        sorted.Sort(static (a, b) => a.Session.CompareTo(b.Session));
        foreach (var queue in sorted) Resolve(queue);
        Messages.Sort(static (a, b) => a.Id.CompareTo(b.Id));
    }

    private void Resolve(StepsOfQueue queue)
    {
        int settledBefore = Settled.Count;
        queue.Sort();
        SplitRanges(queue);
        var steps = CollectionsMarshal.AsSpan(queue.Steps);
        for (int start = 0, end; start < steps.Length; start = end)
        {
            for (end = start + 1; end < steps.Length && steps[end].Sequence == steps[start].Sequence;) end++;
            Resolve(queue.Session, steps[start..end]);
        }
        MergeSettled(settledBefore);
    }

    // Ranges stay whole unless something else happens to one of their entries in this batch.
    private void SplitRanges(StepsOfQueue queue)
    {
        int count = queue.Steps.Count;
        foreach (var (range, order) in queue.Ranges)
        {
            int next = ~CollectionsMarshal.AsSpan(queue.Steps)[..count].BinarySearch(new Step(range.First, -1, StepKind.Settle, null));
            if (next == count || queue.Steps[next].Sequence > range.Last) Settled.Add(range);
            else for (long sequence = range.First; sequence <= range.Last; sequence++) queue.Add(new(sequence, order, StepKind.Settle, null));
        }
        queue.Sort();
    }

    // All steps are of one entry. What was in the table before matters only if the first step is not its insertion.
    private void Resolve(long session, ReadOnlySpan<Step> ofOne)
    {
        EntryQueued? queued = null;
        bool released = false, wasThere = ofOne[0].Kind != StepKind.Queue, settled = false;
        foreach (ref readonly var step in ofOne)
        {
            (queued, released) = step.Kind switch
            {
                StepKind.Queue => (step.Entry, false),
                StepKind.Release => (queued, true),
                _ => (null, false),
            };
            settled |= step.Kind == StepKind.Settle;
        }
        long sequence = ofOne[0].Sequence;
        if (wasThere && settled) Settled.Add(new(session, sequence, sequence));
        if (queued is not null) Insert(queued, released);
        else if (released && !settled) Released.Add(new(session, sequence));
    }

    private void Insert(EntryQueued queued, bool released)
    {
        if (Queued is [.., var run] && run.GoesOnWith(queued, released)) Queued[^1] = run.With(queued);
        else Queued.Add(new(queued, 1, released));
        if (queued.MessageId > 0 && messageIds.Add(queued.MessageId)) Messages.Add(new(queued.MessageId, queued.Message));
    }

    // The ranges from this one on are of one queue: none of them is to meet another.
    private void MergeSettled(int first)
    {
        Settled.Sort(first, Settled.Count - first, ByFirst);
        int count = first;
        for (int i = first; i < Settled.Count; i++)
        {
            var range = Settled[i];
            if (count > first && Settled[count - 1] is var last && range.First <= last.Last + 1) Settled[count - 1] = last with { Last = Math.Max(last.Last, range.Last) };
            else Settled[count++] = range;
        }
        Settled.RemoveRange(count, Settled.Count - count);
    }

    private StepsOfQueue Of(long session)
    {
        if (queues.TryGetValue(session, out var queue)) return queue;
        if (!spare.TryPop(out queue)) queue = new StepsOfQueue();
        queue.Session = session;
        queues.Add(session, queue);
        return queue;
    }

    private enum StepKind : byte
    {
        Queue,
        Settle,
        Release,
    }

    private readonly record struct Step(long Sequence, int Order, StepKind Kind, EntryQueued? Entry) : IComparable<Step>
    {
        public int CompareTo(Step other) => Sequence == other.Sequence ? Order - other.Order : Sequence < other.Sequence ? -1 : 1;
    }

    /// <summary>What happens to the entries of one queue. Most of it comes in order.</summary>
    private sealed class StepsOfQueue
    {
        private bool isSorted = true;

        public long Session { get; set; }

        /// <summary>Whether it holds so little memory that it may be kept for another batch.</summary>
        public bool IsSmall => Steps.Capacity <= MostSpare && Ranges.Capacity <= MostSpare;

        public List<Step> Steps { get; } = [];

        public List<(EntryRange Range, int Order)> Ranges { get; } = [];

        public void Add(in Step step)
        {
            isSorted &= Steps is not [.., var last] || last.CompareTo(step) < 0;
            Steps.Add(step);
        }

        public void Sort()
        {
            if (!isSorted) Steps.Sort();
            isSorted = true;
        }

        public void Clear()
        {
            Steps.Clear();
            Ranges.Clear();
            isSorted = true;
        }
    }
}

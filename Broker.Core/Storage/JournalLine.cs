using System.Diagnostics;

namespace Broker.Core.Storage;

/// <summary>
/// The line of units that are to be written, in the order of appending. Anybody appends; one thread takes. Most units it gives out without delay. What nobody
/// waits for, and messages whose receivers are likely to acknowledge them at once, wait for about as long as a commit takes, as most need not be written
/// then; but as soon as something behind them cannot wait, they go before it, so that the order stays.
/// </summary>
/// <param name="limit">Where half as many bytes stand in line, nothing waits any more.</param>
internal sealed class JournalLine(long limit)
{
    private const int MostChanges = 20_000;

    private static readonly TimeSpan EachChange = TimeSpan.FromMicroseconds(2);

    // Under the lock: what was appended since the taker looked last, the number of the last unit that cannot wait, and what the taker was told.
    private readonly Lock gate = new();
    private readonly AutoResetEvent work = new(false);
    private List<JournalUnit> gathering = [];
    private long bytes, appended, lastUrgent;
    private int gatheringChanges;
    private bool sleeps, woken;

    // The taker's own: what stands in line, up to which number it goes without delay, and up to which it has waited for long enough.
    private readonly Queue<JournalUnit> waiting = new();
    private List<JournalUnit> gathered = [];
    private long gatheredUnits, urgent, ripe, ripening, ripeningSince, takenBytes;
    private int waitingChanges;

    private TimeSpan usualCommit = TimeSpan.FromMilliseconds(1);
    private long patience;

    /// <summary>Bounds of <see cref="Patience"/>.</summary>
    public (TimeSpan Least, TimeSpan Most) PatienceBounds { get; set; } = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(10));

    /// <summary>How long a unit that can wait does: about as long as it takes to write what waits.</summary>
    public TimeSpan Patience => new(Volatile.Read(ref patience));

    /// <summary>The bytes in line, and those that are being written.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>The number of the last unit that was taken.</summary>
    public long Taken { get; private set; }

    /// <summary>Appends a unit.</summary>
    /// <returns>Its number, counted from 1.</returns>
    public long Append(JournalUnit unit)
    {
        unit.Measure();
        bool wake;
        long number;
        lock (gate)
        {
            gathering.Add(unit);
            gatheringChanges += unit.Size.Changes;
            number = ++appended;
            bool isMuch = Interlocked.Add(ref bytes, unit.Size.Bytes) >= limit / 2;
            bool isUrgent = isMuch || !unit.CanWait;
            if (isUrgent) lastUrgent = number;
            wake = !woken && (isUrgent || sleeps);
            woken |= wake;
        }
        if (wake) work.Set();
        return number;
    }

    /// <summary>Wakes the taker.</summary>
    public void Wake() => work.Set();

    /// <summary>Takes the units that are to be written now. Those of which nothing is left were told already, and are passed over.</summary>
    /// <param name="all">Whether none may wait any longer.</param>
    public List<JournalUnit> Take(bool all)
    {
        Gather();
        if (Stopwatch.GetElapsedTime(ripeningSince) >= Patience) (ripe, ripening, ripeningSince) = (ripening, gatheredUnits, Stopwatch.GetTimestamp());
        long upTo = all ? gatheredUnits : Math.Max(urgent, ripe);
        var taken = new List<JournalUnit>();
        for (int changes = 0; changes < MostChanges && waiting.TryPeek(out var unit) && (Taken < upTo || unit.IsClaimed); Taken++)
        {
            waiting.Dequeue();
            takenBytes += unit.Size.Bytes;
            waitingChanges -= unit.Size.Changes;
            if (!unit.TryClaim()) continue;
            taken.Add(unit);
            changes += unit.Changes is [EntrySettled settled] ? settled.Take() : unit.Changes.Count; // before any entry is cut: one that is settled here was cut into a batch before
        }
        return taken;
    }

    /// <summary>What was taken is written, or needs not to be.</summary>
    public void Release()
    {
        Interlocked.Add(ref bytes, -takenBytes);
        takenBytes = 0;
    }

    /// <summary>A commit took so long.</summary>
    public void Committed(TimeSpan took) => usualCommit += (took - usualCommit) / 8;

    /// <summary>Nothing is to be taken now: waits until something may be. As long as there is work it looks by itself, so that what can wait need not wake it.</summary>
    public void Rest()
    {
        if (waiting.Count > 0 || ripening < gatheredUnits)
        {
            work.WaitOne(Patience);
            return;
        }
        lock (gate)
        {
            if (gathering.Count > 0) return;
            sleeps = true;
        }
        work.WaitOne();
        lock (gate) sleeps = false;
    }

    private void Gather()
    {
        lock (gate)
        {
            woken = false;
            (gathering, gathered) = (gathered, gathering);
            (gatheredUnits, urgent) = (appended, lastUrgent);
            waitingChanges += gatheringChanges;
            gatheringChanges = 0;
        }
        foreach (var unit in gathered) waiting.Enqueue(unit);
        gathered.Clear();
        Volatile.Write(ref patience, Math.Clamp((usualCommit + EachChange * waitingChanges).Ticks, PatienceBounds.Least.Ticks, PatienceBounds.Most.Ticks));
    }
}

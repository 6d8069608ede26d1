using Broker.Core.Diagnostics;

namespace Broker.Web.Persistence.History;

/// <summary>
/// Looks at the tallies of clients whose messages are being dropped: at once when that begins, then every ten seconds until it has ended. So a slow
/// reader makes one event in ten seconds, whatever it misses.
/// </summary>
internal sealed class DropWatch(HistoryBuffer buffer)
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(10);

    private readonly Queue<(DropTally Tally, DateTime Due)> watched = new();

    /// <summary>What was dropped and is due to be told, of so many clients at most; at the end of the broker all of it is due.</summary>
    public List<(string Client, DropReason Reason, long Count)> Collect(DateTime now, int most, bool all)
    {
        var dropped = new List<(string, DropReason, long)>();
        for (int left = watched.Count; left > 0 && dropped.Count < most && (all || watched.Peek().Due <= now); left--) Look(watched.Dequeue().Tally);
        while (dropped.Count < most && buffer.TryTakeDropping(out var tally)) Look(tally);
        return dropped;

        void Look(DropTally tally)
        {
            var taken = tally.Take();
            foreach (var (reason, count) in taken) dropped.Add((tally.ClientIdentifier, reason, count));
            if (taken.Count > 0) watched.Enqueue((tally, now + Again));
            else tally.Release(buffer);
        }
    }
}

using Broker.Web.Persistence.History.Model;

namespace Broker.Web.Persistence.History;

/// <summary>What is written in one transaction. Writing it twice does no harm: a batch whose outcome is unknown is written again, unchanged.</summary>
/// <param name="Presence">The state of clients that came or went, one row a client: each replaces what was known.</param>
/// <param name="Traffic">Clients whose figures went on; of each row only those are written, and only while that connection lasts.</param>
/// <param name="Events">What happened, with its numbers.</param>
/// <param name="Statistics">Figures of the broker.</param>
internal sealed record HistoryBatch(
    IReadOnlyList<ClientPresenceRow> Presence, IReadOnlyList<ClientPresenceRow> Traffic, IReadOnlyList<ClientEventRow> Events, IReadOnlyList<StatisticRow> Statistics)
{
    /// <summary>How many rows it has.</summary>
    public int Rows => Presence.Count + Traffic.Count + Events.Count + Statistics.Count;

    /// <summary>The same rows in smaller batches, to find the one that the database does not take.</summary>
    public IEnumerable<HistoryBatch> Split()
    {
        HistoryBatch[] kinds = [new(Presence, [], [], []), new([], Traffic, [], []), new([], [], Events, []), new([], [], [], Statistics)];
        var filled = kinds.Where(kind => kind.Rows > 0).ToArray();
        return filled.Length > 1 ? filled : [filled[0].Part(0, Rows / 2), filled[0].Part(Rows / 2, Rows)];
    }

    private HistoryBatch Part(int from, int to) => new(
        [.. Presence.Take(from..to)], [.. Traffic.Take(from..to)], [.. Events.Take(from..to)], [.. Statistics.Take(from..to)]);
}

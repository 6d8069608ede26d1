using Broker.Core;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Operations.Status;

/// <summary>The broker's figures, now and over time.</summary>
internal sealed class StatisticsQueries(MqttBroker broker, HistoryReader history, TimeProvider time)
{
    private const int Fine = 10, Coarse = 300, Hour = 3_600, MostSeries = 20, MostPoints = 10_000;

    private static readonly TimeSpan FineAge = TimeSpan.FromHours(24), FineSpan = TimeSpan.FromHours(3), CoarseSpan = TimeSpan.FromDays(8);

    /// <summary>All figures below <c>$SYS</c> at this moment.</summary>
    public StatisticsView Now() => new(
        time.GetUtcNow().UtcDateTime,
        [.. broker.ReadSystemTopics().Select(figure => new StatisticView(figure.Topic, figure.Value))],
        [.. broker.ReadStatistics().Dropped.Select(one => new DroppedView(one.Reason, one.Count))]);

    /// <summary>How figures went.</summary>
    /// <param name="names">Their topics below <c>$SYS</c>.</param>
    /// <param name="from">From when on.</param>
    /// <param name="to">Until when; null for now.</param>
    /// <param name="resolution">10 or 300 seconds; null for what fits, which for many days is the highest of each hour.</param>
    /// <exception cref="InvalidInputException">Too many figures, or a span of time that is none.</exception>
    public async Task<StatisticsHistory> HistoryAsync(IReadOnlyList<string> names, DateTime from, DateTime? to = null, int? resolution = null)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var until = to ?? now;
        if (names.Count is 0 or > MostSeries) throw new InvalidInputException("name", $"allowed are 1 to {MostSeries} names of figures");
        if (until <= from) throw new InvalidInputException("from", "it must be before the end");
        if (resolution is not (null or Fine or Coarse)) throw new InvalidInputException("resolution", $"allowed is {Fine} or {Coarse}");
        int seconds = resolution ?? (from >= now - FineAge && until - from <= FineSpan ? Fine : until - from <= CoarseSpan ? Coarse : Hour);
        var rows = await history.ReadAsync(
            context => (seconds == Hour ? context.Hours(from, until) : context.Statistics.Where(row => row.Resolution == seconds && row.At >= from && row.At <= until))
                .AsNoTracking().Where(row => names.Contains(row.Name)).OrderBy(row => row.At).Take(MostPoints * names.Count).ToListAsync(), []);
        var byName = rows.ToLookup(row => row.Name, row => new StatisticPoint(row.At, row.Value), StringComparer.Ordinal);
        return new StatisticsHistory(from, until, seconds, [.. names.Select(name => new StatisticSeries(name, [.. byName[name]]))]);
    }
}

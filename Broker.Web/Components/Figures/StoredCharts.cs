using System.Collections.Concurrent;
using Broker.Web.Operations;
using Broker.Web.Operations.Status;

namespace Broker.Web.Components.Figures;

/// <summary>
/// The charts of the overview as the history has them, read for all circuits together. Whoever asks again before there is something new gets the same object, which a board
/// does not draw again.
/// </summary>
internal sealed class StoredCharts(StatisticsQueries statistics, TimeProvider time)
{
    private static readonly TimeSpan Soonest = TimeSpan.FromSeconds(10), Latest = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<ChartRange, Shared<ChartData>> ranges = new();

    /// <summary>The charts of a range that ends now.</summary>
    public Task<ChartData> OfAsync(ChartRange range) => ranges.GetOrAdd(range, _ => new Shared<ChartData>(() => ReadAsync(range), Fresh(range), time)).GetAsync();

    private async Task<ChartData> ReadAsync(ChartRange range) =>
        FigureHistory.Of(range.Span, await statistics.HistoryAsync(OverviewCharts.Names, time.GetUtcNow().UtcDateTime - range.Span));

    private static TimeSpan Fresh(ChartRange range) => range.Span / 360 is var step && step < Soonest ? Soonest : step > Latest ? Latest : step;
}

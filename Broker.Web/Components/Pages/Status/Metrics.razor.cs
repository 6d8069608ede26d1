using Broker.Web.Components.Figures;
using Broker.Web.Components.Texts;
using Broker.Web.Operations.Status;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Status;

/// <summary>Every figure below <c>$SYS</c>, and how one of them went.</summary>
public sealed partial class Metrics
{
    private const string First = "$SYS/broker/publish/messages/received";

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(10);

    private IReadOnlyList<IGrouping<string, StatisticView>> groups = [];
    private IReadOnlyList<ChartDefinition> charts = [];
    private ChartRange range = ChartRange.Of(null, "1h");
    private ChartData? data;
    private DateTime drawn;
    private string chosen = First;

    [SupplyParameterFromQuery]
    private string? Figure { get; set; }

    [SupplyParameterFromQuery(Name = "range")]
    private string? RangeName { get; set; }

    [Inject]
    private StatisticsQueries Queries { get; set; } = null!;

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellation)
    {
        var now = Queries.Now();
        groups = [.. now.Values.GroupBy(figure => SystemTopicWords.Group(figure.Name)).OrderBy(group => group.Key, StringComparer.Ordinal)];
        if (data is null)
        {
            chosen = now.Values.FirstOrDefault(figure => figure.Name == Figure)?.Name ?? First;
            range = ChartRange.Of(RangeName, "1h");
            var isCounter = SystemTopicWords.IsCounter(chosen);
            charts = [new(SystemTopicWords.Short(chosen) + (isCounter ? ", per second" : ""), [new(isCounter ? "per second" : "value") { Fill = true }])];
        }

        if (now.At - drawn >= Step)
        {
            data = FigureHistory.Of(range.Span, await Queries.HistoryAsync([chosen], now.At - range.Span));
            drawn = now.At;
        }
    }

    private string Address(string name) => $"statistics?figure={Uri.EscapeDataString(name)}&range={range.Name}";
}

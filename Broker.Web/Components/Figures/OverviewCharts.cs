using Broker.Core.Diagnostics;
using Broker.Web.Components.Texts;

namespace Broker.Web.Components.Figures;

/// <summary>The four charts of the overview.</summary>
internal static class OverviewCharts
{
    private const string Root = "$SYS/broker/";

    /// <summary>What they show.</summary>
    public static IReadOnlyList<ChartDefinition> All { get; } =
    [
        new("Messages per second", [new("in") { Fill = true }, new("out")]),
        new("Dropped per second", [.. Enum.GetNames<DropReason>().Select(reason => new ChartSeries(DropWords.Of(reason.ToLowerInvariant())))]),
        new("Clients", [new("connected") { Fill = true }, new("sessions")]),
        new("Queue and commit", [new("queued") { Fill = true }, new("in flight"), new("commit p99") { Unit = "ms", Right = true }]),
    ];

    /// <summary>Under which names below <c>$SYS</c> the same is stored, in the same order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        Root + "publish/messages/received", Root + "publish/messages/sent",
        .. Enum.GetNames<DropReason>().Select(reason => $"{Root}publish/messages/dropped/{reason.ToLowerInvariant()}"),
        Root + "clients/connected", Root + "sessions/total",
        Root + "queue/messages", Root + "inflight/count", Root + "store/commit/p99ms",
    ];

    /// <summary>How many columns they have together, with the times.</summary>
    public static int Width { get; } = 1 + All.Sum(chart => chart.Series.Count);

    /// <summary>A second as a row.</summary>
    public static double?[] Row(Sample sample) =>
    [
        sample.At.ToUnixTimeMilliseconds() / 1000.0,
        sample.Received, sample.Sent,
        .. sample.Dropped.Select(rate => (double?)rate),
        sample.Connected, sample.Sessions,
        sample.Queued, sample.InFlight, sample.CommitMilliseconds,
    ];

    /// <summary>The last minutes, as the process itself knows them.</summary>
    public static ChartData Live(Reading reading) =>
        ChartData.FromRows(TimeSpan.FromSeconds(FigureSampler.Kept), Width, [.. reading.Samples.Select(Row)]);
}

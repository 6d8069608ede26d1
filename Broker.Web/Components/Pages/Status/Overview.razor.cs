using Broker.Web.Components.Figures;
using Broker.Web.Components.Parts.Status;
using Broker.Web.Operations.Clients;
using Broker.Web.Operations.Status;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Status;

/// <summary>
/// Whether all is well and what needs somebody, live. The figures come from one sampler for all circuits; the page only shows them. What is read from the
/// database is looked up more seldom, and without it the page goes on.
/// </summary>
public sealed partial class Overview
{
    private Reading reading = null!;
    private BrokerView? broker;
    private IReadOnlyList<AttentionItem> attention = [];
    private IReadOnlyList<TimelineEvent>? events;
    private ChartRange range = ChartRange.Of(null, "5m");
    private ChartData data = null!;
    private ChartBoard? board;
    private int? certificateDays;

    [SupplyParameterFromQuery(Name = "range")]
    private string? RangeName { get; set; }

    [Inject]
    private FigureSampler Sampler { get; set; } = null!;

    [Inject]
    private BrokerQueries Brokers { get; set; } = null!;

    [Inject]
    private AttentionQueries Attention { get; set; } = null!;

    [Inject]
    private TimelineQueries Timelines { get; set; } = null!;

    [Inject]
    private StoredCharts Charts { get; set; } = null!;

    [Inject]
    private ListenerQueries Listeners { get; set; } = null!;

    private bool IsStored => range.Name != "5m";

    private string Uptime
    {
        get
        {
            var uptime = reading.Statistics.Uptime;
            return (uptime.Days > 0 ? $"{uptime.Days:N0} d " : "") + uptime.ToString(@"hh\:mm\:ss", null);
        }
    }

    private string Commit => reading.Statistics.CommitP99 is { Ticks: > 0 } time ? $"{time.TotalMilliseconds.ToString("0.0", null)} ms" : "–";

    private string Certificates => certificateDays switch
    {
        null => "none",
        < 0 => "expired",
        { } days => $"{days:N0} days left",
    };

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellation)
    {
        ReadProcess();
        attention = await Attention.ListAsync();
        events = await Timelines.LatestAsync();
        if (IsStored)
        {
            data = await Charts.OfAsync(range);
        }
    }

    /// <inheritdoc/>
    protected override Task OnAfterRenderAsync(bool firstRender) =>
        firstRender ? Task.WhenAll(base.OnAfterRenderAsync(firstRender), FollowAsync(Left)) : Task.CompletedTask;

    // All of this is there without a database.
    private void ReadProcess()
    {
        reading = Sampler.Latest;
        broker ??= Brokers.Status(); // what is shown of it stays as it is
        range = ChartRange.Of(RangeName, "5m");
        data ??= OverviewCharts.Live(reading);
        certificateDays = Listeners.List().Select(one => one.Certificate).OfType<CertificateView>()
            .Min(certificate => (int?)Math.Floor((certificate.NotAfter - reading.Statistics.At.UtcDateTime).TotalDays));
    }

    private async Task FollowAsync(CancellationToken leaving)
    {
        try
        {
            while (true)
            {
                reading = await Sampler.NextAsync(leaving);
                StateHasChanged();
                if (!IsStored && board is not null)
                {
                    await board.AppendAsync(OverviewCharts.Row(reading.Sample));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
    }

    private static string Metric(string name) => $"statistics?figure={Uri.EscapeDataString("$SYS/broker/" + name)}";
}

using Broker.Web.Configuration;
using Broker.Web.Listeners;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages;

/// <summary>What runs and where, live. The figures come from one sampler for all circuits; the page only shows them.</summary>
public sealed partial class Overview(RateSampler sampler, BoundListeners bound, HostSettings settings, NavigationManager navigation)
{
    private readonly CancellationTokenSource closed = new();
    private RateReading reading = sampler.Latest;
    private IReadOnlyList<ListenerAddress> addresses = [];
    private Snippets snippets = null!;
    private double ceiling;
    private bool isLive;

    private string Uptime
    {
        get
        {
            var uptime = reading.Statistics.Uptime;
            return (uptime.Days > 0 ? $"{uptime.Days:N0} d " : "") + uptime.ToString(@"hh\:mm\:ss", null);
        }
    }

    private string Since => (reading.Statistics.At - reading.Statistics.Uptime).UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", null);

    /// <inheritdoc/>
    public void Dispose()
    {
        closed.Cancel();
        closed.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        var page = new Uri(navigation.BaseUri);
        var mqtt = bound.Mqtt.FirstOrDefault(url => url.StartsWith("mqtt:", StringComparison.Ordinal)) ?? bound.Mqtt[0];
        addresses = ListenerAddress.All(bound, page);
        snippets = new(page, new Uri(ListenerAddress.Reachable(mqtt, page)), settings.WebSockets.Path);
        Take(sampler.Latest);
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        isLive = true; // Only a circuit gets here: the first, static rendering ends before.
        StateHasChanged();
        var leaving = closed.Token;
        try
        {
            while (true)
            {
                Take(await sampler.NextAsync(leaving));
                StateHasChanged();
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
    }

    private void Take(RateReading next)
    {
        reading = next;
        ceiling = Parts.RateChart.CeilingOf(next.Rates);
    }

    private static string PerSecond(double rate) => rate is > 0 and < 10 ? rate.ToString("0.0", null) : rate.ToString("N0", null);
}

using Broker.Web.Components.Texts;

namespace Broker.Web.Security.External;

/// <summary>Looks every few seconds whether the file of keys holds something new. Clients that are connected stay.</summary>
internal sealed partial class JwtKeyWatch(JwtOptions options, TimeProvider time, ILogger<JwtKeyWatch> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>Looks once.</summary>
    internal void Look()
    {
        if (options.Keys is not { } keys) return;
        switch (keys.Look(out string problem))
        {
            case Listeners.Tls.Look.Replaced:
                LogReplaced(log, keys.Current.Count);
                break;
            case Listeners.Tls.Look.Refused:
                LogUnusable(log, Shown.Of(problem, Shown.Long));
                break;
            case Listeners.Tls.Look.Unchanged:
            default:
                break;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Keys is null) return;
        using var ticks = new PeriodicTimer(Period, time);
        try
        {
            while (await ticks.WaitForNextTickAsync(stoppingToken)) Look();
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Tokens are checked with new keys from now on; there are {Count}")]
    private static partial void LogReplaced(ILogger log, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "The keys of Mqtt:Jwt have changed and cannot be used; the former ones count on: {Problem}")]
    private static partial void LogUnusable(ILogger log, string problem);
}

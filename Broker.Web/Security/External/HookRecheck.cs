namespace Broker.Web.Security.External;

/// <summary>Asks the hook again, from time to time, for the clients that it has let in.</summary>
internal sealed partial class HookRecheck(HookCheck check, HookOptions options, TimeProvider time, ILogger<HookRecheck> log) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(options.RecheckInterval, time);
        try
        {
            while (await ticks.WaitForNextTickAsync(stoppingToken)) await LookAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
    }

    private async Task LookAsync(CancellationToken stopping)
    {
        try
        {
            await check.AskAgainAsync(stopping);
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            LogFailed(log, failure.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The hook could not be asked again for all clients that it has let in, and will be later: {Why}")]
    private static partial void LogFailed(ILogger log, string why);
}

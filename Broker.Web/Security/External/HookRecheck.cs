namespace Broker.Web.Security.External;

/// <summary>Asks the hook again, from time to time, for the clients that it has let in.</summary>
internal sealed partial class HookRecheck(HookCheck check, HookOptions options, TimeProvider time, ILogger<HookRecheck> log) : BackgroundService
{
    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Rounds.RunAsync(options.RecheckInterval, time, check.AskAgainAsync, why => LogFailed(log, why), stoppingToken);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The hook could not be asked again for all clients that it has let in, and will be later: {Why}")]
    private static partial void LogFailed(ILogger log, string why);
}

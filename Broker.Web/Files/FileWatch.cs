namespace Broker.Web.Files;

/// <summary>Somebody who takes what files hold when they hold something new.</summary>
internal interface IFileReader
{
    /// <summary>Looks once.</summary>
    void Look();
}

/// <summary>Lets everybody who reads files look at them every few seconds.</summary>
internal sealed partial class FileWatch(IEnumerable<IFileReader> readers, TimeProvider time, ILogger<FileWatch> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly List<IFileReader> readers = [.. readers];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(Period, time);
        try
        {
            do readers.ForEach(Look);
            while (await ticks.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
    }

    // Whatever one of them fails on, the others look, and all do so again.
    private void Look(IFileReader reader)
    {
        try
        {
            reader.Look();
        }
        catch (Exception failure)
        {
            LogFailed(log, failure, reader.GetType().Name);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Reader} failed on what its files hold; it looks again in a moment")]
    private static partial void LogFailed(ILogger log, Exception failure, string reader);
}

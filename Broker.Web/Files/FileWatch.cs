namespace Broker.Web.Files;

/// <summary>Somebody who takes what files hold when they hold something new.</summary>
internal interface IFileReader
{
    /// <summary>Looks once.</summary>
    void Look();
}

/// <summary>Lets everybody who reads files look at them every few seconds.</summary>
internal sealed class FileWatch(IEnumerable<IFileReader> readers, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly List<IFileReader> readers = [.. readers];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(Period, time);
        try
        {
            do readers.ForEach(reader => reader.Look());
            while (await ticks.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
    }
}

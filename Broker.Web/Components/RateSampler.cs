using Broker.Core;
using Broker.Core.Diagnostics;

namespace Broker.Web.Components;

/// <summary>
/// Reads the broker's figures once a second for all circuits together, so that a hundred open pages cost the broker what one costs. It runs
/// whether or not somebody looks: a page that opens has the last two minutes at once.
/// </summary>
public sealed partial class RateSampler(MqttBroker broker, TimeProvider time, ILogger<RateSampler> logger) : BackgroundService
{
    /// <summary>How many rates are kept.</summary>
    public const int Kept = 120;

    // Below this a rate says more about the clock than about the messages.
    private const double Shortest = 0.1;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private volatile TaskCompletionSource<RateReading> next = NewTurn();
    private volatile RateReading? latest;

    /// <summary>The last reading.</summary>
    public RateReading Latest => latest ??= Read(broker.ReadStatistics(), []);

    /// <summary>Waits for the next reading.</summary>
    public Task<RateReading> NextAsync(CancellationToken cancellation) => next.Task.WaitAsync(cancellation);

    /// <summary>Takes one reading and hands it to all who wait.</summary>
    internal RateReading Sample()
    {
        var before = Latest;
        var now = broker.ReadStatistics();
        var reading = Read(now, [.. before.Rates.Skip(before.Rates.Count - Kept + 1), Between(before.Statistics, now)]);
        latest = reading;
        Interlocked.Exchange(ref next, NewTurn()).SetResult(reading);
        return reading;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                Sample();
            }
            catch (Exception failure)
            {
                LogFailure(failure); // Figures that cannot be read are no reason to end the broker.
            }
        }
        while (await ticks.WaitForNextTickAsync(stoppingToken));
    }

    private static MessageRate Between(BrokerStatistics before, BrokerStatistics now)
    {
        var seconds = (now.At - before.At).TotalSeconds;
        return seconds < Shortest ? default : new(
            (now.PublishReceived - before.PublishReceived) / seconds,
            (now.PublishSent - before.PublishSent) / seconds);
    }

    // Waiters go on in their own time: a page that renders slowly does not hold up the sampler or another page.
    private static TaskCompletionSource<RateReading> NewTurn() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RateReading Read(BrokerStatistics statistics, IReadOnlyList<MessageRate> rates)
    {
        var (isReady, reason) = broker.Readiness;
        return new() { Statistics = statistics, IsReady = isReady, Reason = reason, Rates = rates };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker's figures could not be read; the dashboard shows the last ones")]
    private partial void LogFailure(Exception failure);
}

using Broker.Core;
using Broker.Core.Diagnostics;

namespace Broker.Web.Components.Figures;

/// <summary>
/// Reads the broker's figures once a second for all circuits together, so that a hundred open pages cost the broker what one costs. It runs
/// whether or not somebody looks: a page that opens has the last five minutes at once.
/// </summary>
public sealed partial class FigureSampler(MqttBroker broker, TimeProvider time, ILogger<FigureSampler> logger) : BackgroundService
{
    /// <summary>How many samples are kept.</summary>
    public const int Kept = 300;

    // Below this a rate says more about the clock than about the messages.
    private const double Shortest = 0.1;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private volatile TaskCompletionSource<Reading> next = NewTurn();
    private volatile Reading? latest;

    /// <summary>The last reading.</summary>
    public Reading Latest => latest ??= Read(broker.ReadStatistics(), []);

    /// <summary>Waits for the next reading.</summary>
    public Task<Reading> NextAsync(CancellationToken cancellation) => next.Task.WaitAsync(cancellation);

    /// <summary>Takes one reading and hands it to all who wait.</summary>
    internal Reading Sample()
    {
        var before = Latest;
        var now = broker.ReadStatistics();
        var reading = Read(now, [.. before.Samples.Skip(before.Samples.Count - Kept + 1), Between(before.Statistics, now)]);
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

    private static Sample Between(BrokerStatistics before, BrokerStatistics now)
    {
        var seconds = (now.At - before.At).TotalSeconds;
        double PerSecond(long earlier, long later) => seconds < Shortest ? 0 : (later - earlier) / seconds;
        return new()
        {
            At = now.At,
            Received = PerSecond(before.PublishReceived, now.PublishReceived),
            Sent = PerSecond(before.PublishSent, now.PublishSent),
            Dropped = [.. before.Dropped.Zip(now.Dropped, (earlier, later) => PerSecond(earlier.Count, later.Count))],
            Connected = now.ClientsConnected,
            Sessions = now.Sessions,
            Queued = now.QueuedMessages,
            InFlight = now.InflightMessages,
            CommitMilliseconds = now.CommitP99.TotalMilliseconds,
        };
    }

    // Waiters go on in their own time: a page that renders slowly does not hold up the sampler or another page.
    private static TaskCompletionSource<Reading> NewTurn() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Reading Read(BrokerStatistics statistics, IReadOnlyList<Sample> samples)
    {
        var (isReady, reason) = broker.Readiness;
        return new() { Statistics = statistics, IsReady = isReady, Reason = reason, Samples = samples };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker's figures could not be read; the dashboard shows the last ones")]
    private partial void LogFailure(Exception failure);
}

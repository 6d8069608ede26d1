using Broker.Core;
using Broker.Web.Persistence.History.Model;

namespace Broker.Web.Persistence.History;

/// <summary>
/// Writes behind what the broker tells: twice a second what has gathered, in one transaction. In a storm it takes no more of the machine than that: what
/// does not fit into it waits, and is thinned out if it is much. While the database is away everything waits in
/// bounded memory, and the broker goes on. It begins when the broker serves: only then this process owns the store, and what the tables say of connected
/// clients is of the past.
/// </summary>
internal sealed partial class HistoryRecorder(
    MqttBroker broker, HistoryBuffer buffer, HistoryStore store, HistoryOptions options, TimeProvider time, ILogger<HistoryRecorder> log) : BackgroundService
{
    private const int MostRows = 4_000, MostClients = 2_000, MostSamples = 360;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500), Patience = TimeSpan.FromSeconds(1);

    private readonly HistoryUpkeep upkeep = new(store, options);
    private readonly DropWatch drops = new(buffer);
    private readonly ChangedTraffic traffic = new(() => broker.Clients);
    private readonly Queue<IReadOnlyList<StatisticRow>> samples = new();
    private HistoryBatch? unwritten;
    private IReadOnlyCollection<string> names = [];
    private DateTime sampled, kept;
    private long lastEvent;
    private bool opened, everOpened, more;
    private string? trouble;

    /// <summary>Writes what there is. Failures are told once and tried again at the next call.</summary>
    internal async Task WriteAsync(CancellationToken cancellation, bool final = false)
    {
        if (!everOpened && !broker.Ready.IsCompleted) return;
        var now = time.GetUtcNow().UtcDateTime;
        bool due = Sample(now);
        try
        {
            if (!opened) await OpenAsync(now, cancellation);
            do
            {
                unwritten ??= NextBatch(now, final);
                if (unwritten is null) break;
                await WriteAsync(unwritten, cancellation);
                unwritten = null;
            }
            while (final && more && !cancellation.IsCancellationRequested); // whoever is still written as connected then is closed at the next start
            if (due && !final) await KeepAsync(now, cancellation);
            if (trouble is not null) LogHealed(store.Place);
            trouble = null;
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellation.IsCancellationRequested || final)
        {
            opened = false;
            if (trouble != failure.Message) LogTrouble(store.Place, failure.Message);
            trouble = failure.Message;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(Tick, time);
        try
        {
            while (await ticks.WaitForNextTickAsync(stoppingToken)) await WriteAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The host stops; the broker has let go of its clients by now.
        }
        using var patience = new CancellationTokenSource(Patience);
        await WriteAsync(patience.Token, final: true);
    }

    private async Task OpenAsync(DateTime now, CancellationToken cancellation)
    {
        long last = await store.OpenAsync(now, first: !everOpened, cancellation);
        if (!everOpened) lastEvent = last;
        opened = everOpened = true;
    }

    // At whole multiples of ten seconds, as far as ticks allow, so that charts of several figures share their times.
    private bool Sample(DateTime now)
    {
        var at = HistoryUpkeep.Floor(now, HistoryUpkeep.Fine);
        if (at == sampled) return false;
        sampled = at;
        var figures = broker.ReadSystemTopics();
        names = [.. figures.Select(figure => figure.Topic)];
        if (samples.Count == MostSamples) samples.Dequeue();
        samples.Enqueue([.. figures.Select(figure => new StatisticRow { Name = figure.Topic, Resolution = HistoryUpkeep.Fine, At = at, Value = figure.Value })]);
        return true;
    }

    private HistoryBatch? NextBatch(DateTime now, bool final)
    {
        var (changes, happened) = buffer.Take(MostRows);
        var events = new List<ClientEventRow>(happened.Count);
        foreach (var (at, what) in happened) events.Add(HistoryRows.Event(++lastEvent, at, what));
        foreach (var (client, reason, count) in drops.Collect(now, MostRows, all: final)) events.Add(HistoryRows.Dropped(++lastEvent, now, client, reason, count));
        // Two identifiers with one key would be two rows for one place: the later state counts.
        var presence = changes.Select(HistoryRows.Presence).GroupBy(row => row.ClientKey).Select(group => group.MaxBy(row => row.ConnectedAt)!).ToList();
        more = changes.Count == MostRows || happened.Count == MostRows;
        var figures = more ? [] : traffic.Next(MostClients);
        var batch = new HistoryBatch(presence, [.. figures.Select(HistoryRows.Presence)], events, [.. samples.SelectMany(sample => sample)]);
        samples.Clear();
        return batch.Rows > 0 ? batch : null;
    }

    private async Task WriteAsync(HistoryBatch batch, CancellationToken cancellation)
    {
        try
        {
            await store.WriteAsync(batch, cancellation);
        }
        catch (Exception refusal) when (store.IsRefusal(refusal))
        {
            if (batch.Rows == 1)
            {
                LogRefused(refusal, store.Place);
                return;
            }
            foreach (var part in batch.Split()) await WriteAsync(part, cancellation);
        }
    }

    private async Task KeepAsync(DateTime now, CancellationToken cancellation)
    {
        await upkeep.LimitEventsAsync(lastEvent, cancellation);
        var span = HistoryUpkeep.Floor(now, HistoryUpkeep.Coarse);
        if (span == kept) return;
        if (kept == default) await upkeep.ForgetOldNamesAsync(now, cancellation);
        await upkeep.ThinAsync(names, now, cancellation);
        await upkeep.LimitAgeAsync(now, cancellation);
        kept = span;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "History cannot be written to {Place}; what happens meanwhile waits in memory, thinned out if it is much: {Reason}")]
    private partial void LogTrouble(string place, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "History is written to {Place} again")]
    private partial void LogHealed(string place);

    [LoggerMessage(Level = LogLevel.Error, Message = "A row of the history was not taken by {Place} and is left out")]
    private partial void LogRefused(Exception refusal, string place);
}

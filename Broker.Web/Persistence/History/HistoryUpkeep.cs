using Broker.Web.Persistence.History.Model;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Persistence.History;

/// <summary>
/// Keeps the history within its bounds: the oldest events and clients go, and figures are thinned from one in ten seconds to the mean of five minutes. It deletes
/// in small pieces, so that nobody who reads waits long.
/// </summary>
internal sealed class HistoryUpkeep(HistoryStore store, HistoryOptions options)
{
    internal const short Fine = 10, Coarse = 300;

    // Every sample has it: where it begins and ends tells which five minutes are to be thinned.
    private const string Always = "$SYS/broker/uptime";
    private const int Piece = 10_000;

    private static readonly TimeSpan FineAge = TimeSpan.FromDays(1), CoarseAge = TimeSpan.FromDays(30);

    /// <summary>Deletes the oldest events beyond the number that is kept.</summary>
    public async Task LimitEventsAsync(long last, CancellationToken cancellation)
    {
        long first = last - options.Events;
        if (first > 0) await DeletePiecesAsync(context => context.Events.Where(row => row.Id <= first).OrderBy(row => row.Id), cancellation);
    }

    /// <summary>Deletes what is too old, and clients beyond the number that is remembered.</summary>
    public async Task LimitAgeAsync(DateTime now, CancellationToken cancellation)
    {
        var oldest = now - options.EventAge;
        await DeletePiecesAsync(context => context.Events.Where(row => row.At < oldest).OrderBy(row => row.At), cancellation);
        await DeletePiecesAsync(context => context.Presence.Where(row => row.DisconnectedAt < oldest).OrderBy(row => row.DisconnectedAt), cancellation);
        int away = await store.UseAsync(context => context.Presence.CountAsync(row => row.DisconnectedAt != null, cancellation));
        for (int over = away - options.Clients; over > 0; over -= Piece)
        {
            int some = Math.Min(over, Piece);
            await store.UseAsync(context => context.Presence.Where(row => row.DisconnectedAt != null).OrderBy(row => row.DisconnectedAt).Take(some).ExecuteDeleteAsync(cancellation));
        }
    }

    /// <summary>Makes the means of every five minutes that have passed and have none yet, and deletes figures that are too old.</summary>
    public async Task ThinAsync(IReadOnlyCollection<string> names, DateTime now, CancellationToken cancellation)
    {
        var end = Floor(now, Coarse);
        for (var from = await NextAsync(DateTime.MinValue, cancellation); from < end; from = await NextAsync(from.Value.AddSeconds(Coarse), cancellation))
        {
            var (begin, until) = (from.Value, from.Value.AddSeconds(Coarse));
            var means = await store.UseAsync(context => context.Statistics
                .Where(row => names.Contains(row.Name) && row.Resolution == Fine && row.At >= begin && row.At < until)
                .GroupBy(row => row.Name).Select(group => new { group.Key, Mean = group.Average(row => row.Value) }).ToListAsync(cancellation));
            await store.WriteAsync(new HistoryBatch([], [], [], [.. means.Select(mean => new StatisticRow { Name = mean.Key, Resolution = Coarse, At = begin, Value = mean.Mean })]), cancellation);
        }
        await DeleteAsync(Fine, now - FineAge);
        await DeleteAsync(Coarse, now - CoarseAge);

        Task<int> DeleteAsync(short resolution, DateTime before) => store.UseAsync(context =>
            context.Statistics.Where(row => names.Contains(row.Name) && row.Resolution == resolution && row.At < before).ExecuteDeleteAsync(cancellation));
    }

    /// <summary>Deletes figures that are too old whatever their names, which another version of the broker may have given.</summary>
    public Task ForgetOldNamesAsync(DateTime now, CancellationToken cancellation)
    {
        var (fine, coarse) = (now - FineAge, now - CoarseAge);
        return store.UseAsync(context => context.Statistics
            .Where(row => (row.Resolution == Fine && row.At < fine) || (row.Resolution == Coarse && row.At < coarse)).ExecuteDeleteAsync(cancellation));
    }

    /// <summary>The beginning of the span of so many seconds that a time lies in.</summary>
    public static DateTime Floor(DateTime time, int seconds) => time.AddTicks(-(time.Ticks % (seconds * TimeSpan.TicksPerSecond)));

    // The first five minutes, from a time on, that have figures and no mean.
    private Task<DateTime?> NextAsync(DateTime from, CancellationToken cancellation) => store.UseAsync<DateTime?>(async context =>
    {
        var rows = context.Statistics.Where(row => row.Name == Always);
        if (from == DateTime.MinValue && await rows.Where(row => row.Resolution == Coarse).MaxAsync(row => (DateTime?)row.At, cancellation) is { } last) from = last.AddSeconds(Coarse);
        var next = await rows.Where(row => row.Resolution == Fine && row.At >= from).MinAsync(row => (DateTime?)row.At, cancellation);
        return next is { } at ? Floor(at, Coarse) : null;
    });

    private async Task DeletePiecesAsync<T>(Func<HistoryDbContext, IQueryable<T>> oldest, CancellationToken cancellation)
    {
        while (await store.UseAsync(context => oldest(context).Take(Piece).ExecuteDeleteAsync(cancellation)) == Piece)
        {
        }
    }
}

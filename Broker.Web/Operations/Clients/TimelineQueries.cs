using System.Globalization;
using Broker.Web.Persistence.History;
using Broker.Web.Persistence.History.Model;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Operations.Clients;

/// <summary>What happened to clients, newest first. Empty where no history is kept.</summary>
internal sealed class TimelineQueries
{
    private const int FewEvents = 12;

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly HistoryReader history;
    private readonly Shared<IReadOnlyList<TimelineEvent>> latest;

    public TimelineQueries(HistoryReader history, TimeProvider time)
    {
        this.history = history;
        latest = new Shared<IReadOnlyList<TimelineEvent>>(async () => (await OfAllAsync(null, null, FewEvents)).Items, Fresh, time);
    }

    /// <summary>The last few events of all clients: read at most once a second, however many ask.</summary>
    public Task<IReadOnlyList<TimelineEvent>> LatestAsync() => latest.GetAsync();

    /// <summary>A page of one client's timeline.</summary>
    public Task<Page<TimelineEvent>> OfClientAsync(string clientId, string? cursor, int? limit)
    {
        long key = ClientKey.Of(clientId);
        return PageAsync(events => events.Where(row => row.ClientKey == key && row.ClientIdentifier == clientId), cursor, limit);
    }

    /// <summary>A page of what happened to all clients.</summary>
    /// <param name="kind">Only events of this kind, or of these with commas between, or null.</param>
    /// <param name="cursor">Where it goes on.</param>
    /// <param name="limit">How many.</param>
    /// <param name="clientKey">Only those of the client that this number stands for, or null.</param>
    public Task<Page<TimelineEvent>> OfAllAsync(string? kind, string? cursor, int? limit, long? clientKey = null)
    {
        string[] kinds = kind?.Split(',') ?? [];
        return PageAsync(events =>
        {
            if (clientKey is { } key) events = events.Where(row => row.ClientKey == key);
            return kinds.Length == 0 ? events : kinds.Length == 1 ? events.Where(row => row.Kind == kind) : events.Where(row => kinds.Contains(row.Kind));
        }, cursor, limit);
    }

    private async Task<Page<TimelineEvent>> PageAsync(Func<IQueryable<ClientEventRow>, IQueryable<ClientEventRow>> which, string? cursor, int? limit)
    {
        int most = Cursor.Limit(limit);
        long before = Cursor.Number(cursor) ?? long.MaxValue;
        var rows = await history.ReadAsync(
            context => which(context.Events.AsNoTracking()).Where(row => row.Id < before).OrderByDescending(row => row.Id).Take(most + 1).ToListAsync(), []);
        var page = Cursor.PageOf(rows, most, row => Cursor.Of(row.Id.ToString(CultureInfo.InvariantCulture)));
        return new Page<TimelineEvent>([.. page.Items.Select(EventWords.Of)], page.NextCursor);
    }
}

using System.Globalization;
using Broker.Core;
using Broker.Core.Diagnostics;
using Broker.Web.Configuration;
using Broker.Web.Listeners;
using Broker.Web.Listeners.Tls;
using Broker.Web.Persistence.History;
using Broker.Web.Persistence.History.Model;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Operations.Status;

/// <summary>What needs somebody: looked for at most every few seconds, however many ask.</summary>
internal sealed class AttentionQueries
{
    private const int Often = 5, MostOfAKind = 10, GrowingFrom = 1_000;

    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(10), Fresh = TimeSpan.FromSeconds(3), GrowthSpan = TimeSpan.FromSeconds(30);

    private readonly MqttBroker broker;
    private readonly HistoryReader history;
    private readonly ListenerQueries listeners;
    private readonly ConnectionRoom room;
    private readonly HostSettings settings;
    private readonly TimeProvider time;
    private readonly Shared<IReadOnlyList<AttentionItem>> latest;
    private (long At, Dictionary<string, long> Queues)? before, earlier;

    public AttentionQueries(MqttBroker broker, HistoryReader history, ListenerQueries listeners, ConnectionRoom room, HostSettings settings, TimeProvider time)
    {
        (this.broker, this.history, this.listeners, this.room, this.settings, this.time) = (broker, history, listeners, room, settings, time);
        latest = new Shared<IReadOnlyList<AttentionItem>>(LookAsync, Fresh, time);
    }

    /// <summary>What needs attention, what is serious first; empty where all is quiet.</summary>
    public Task<IReadOnlyList<AttentionItem>> ListAsync() => latest.GetAsync();

    private async Task<IReadOnlyList<AttentionItem>> LookAsync()
    {
        var found = new List<AttentionItem>();
        AddStore(found);
        AddMemory(found);
        AddQueues(found);
        AddListeners(found);
        AddHandshakes(found);
        try
        {
            await AddEventsAsync(found);
        }
        catch (UnavailableException away)
        {
            found.Add(new AttentionItem("store", true, "history", $"What happened lately is not known: {away.Message}"));
        }
        return [.. found.OrderByDescending(item => item.IsSerious)];
    }

    private void AddStore(List<AttentionItem> found)
    {
        if (broker.Policy.Trouble is { } unreadable)
            found.Add(new AttentionItem("access_rules", true, "access rules", $"The rules of access cannot be read, and everything is denied: {unreadable}"));
        else if (broker.Readiness is (false, var reason)) found.Add(new AttentionItem("store", true, "store", $"The broker does not serve as it should: {reason}"));
    }

    private void AddMemory(List<AttentionItem> found)
    {
        if (broker.Memory is { IsFull: true, Bytes: var bytes })
            found.Add(new AttentionItem("memory", true, "memory", Text($"{bytes:N0} bytes are held in memory for clients that do not take them: nobody else is let in"), bytes));
    }

    // Growing is told by comparison with a look that is half a minute old at least.
    private void AddQueues(List<AttentionItem> found)
    {
        var limits = broker.Options.Limits;
        var full = new List<SessionState>();
        var now = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var session in broker.Sessions)
        {
            if (session.Queued >= GrowingFrom) now[session.ClientIdentifier] = session.Queued;
            if (session.IsStored ? session.Queued >= limits.QueueMessages || session.QueuedBytes >= limits.QueueBytes
                : session.Queued - session.InFlight >= limits.TransientQueueMessages || session.QueuedBytes >= limits.TransientQueueBytes) full.Add(session);
        }
        foreach (var session in full.OrderByDescending(session => session.Queued).Take(MostOfAKind))
            found.Add(new AttentionItem("queue_full", true, session.ClientIdentifier, Text($"The queue of {session.ClientIdentifier} is full: {session.Queued:N0} messages wait"), session.Queued));
        if (earlier is { } then)
        {
            var growing = now.Where(queue => queue.Value > then.Queues.GetValueOrDefault(queue.Key) * 5 / 4 && !full.Exists(session => session.ClientIdentifier == queue.Key));
            foreach (var (client, queued) in growing.OrderByDescending(queue => queue.Value).Take(MostOfAKind))
                found.Add(new AttentionItem("queue_growing", false, client, Text($"The queue of {client} grows: {queued:N0} messages wait"), queued));
        }
        if (before is null || time.GetElapsedTime(before.Value.At) >= GrowthSpan) (earlier, before) = (before, (time.GetTimestamp(), now));
    }

    private void AddListeners(List<AttentionItem> found)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (room.WasFull(Lately))
            found.Add(new AttentionItem("connections_full", true, "open files", Text($"Connections are turned away: the system lets the broker have no more than {room.Most:N0} (ulimit -n)"), room.TurnedAway));
        foreach (var listener in listeners.OpenToAnybody)
            found.Add(new AttentionItem("anonymous_listener", true, listener.Url, $"{listener.Url} lets anybody in who reaches it: no user name is asked for"));
        foreach (var listener in listeners.List())
        {
            if (listener.Certificate is not { } certificate || certificate.NotAfter - now > TlsWatch.WarningTime) continue;
            int days = (int)(certificate.NotAfter - now).TotalDays;
            found.Add(certificate.NotAfter <= now
                ? new AttentionItem("certificate", true, listener.Url, $"The certificate of {listener.Url} has expired")
                : new AttentionItem("certificate", days < 7, listener.Url, Text($"The certificate of {listener.Url} ends in {days} days"), days));
        }
    }

    private void AddHandshakes(List<AttentionItem> found)
    {
        foreach (var endpoint in settings.Tls)
            if (endpoint.Refusals.Lately(time.GetUtcNow()) is > 0 and var count)
                found.Add(new AttentionItem("tls_refused", false, endpoint.Section, Text($"{endpoint.Section} refused {count} TLS handshakes for client certificates in ten minutes; the log says why"), count));
    }

    private async Task AddEventsAsync(List<AttentionItem> found)
    {
        var since = time.GetUtcNow().UtcDateTime - Lately;
        var (takenOver, refused, denied, dropped) = await history.ReadAsync(context => CountAsync(context, since), ([], [], [], []));
        foreach (var (client, count) in takenOver)
            found.Add(new AttentionItem("take_over_ping_pong", true, client, Text($"{client} was taken over {count} times in ten minutes: two clients use one identifier"), count));
        foreach (var (address, count) in refused)
            found.Add(new AttentionItem("refused", false, address, Text($"{count} connections from {address} were refused in ten minutes"), count));
        foreach (var (client, count) in denied)
            found.Add(new AttentionItem("denied", false, client, Text($"{client} was denied access to {count} topics in ten minutes"), count));
        foreach (var (reason, count) in dropped)
            found.Add(new AttentionItem("dropped", false, reason, Text($"{count:N0} messages were dropped in ten minutes: {reason}"), count));
    }

    // Events are numbered in order of time: from the first of the span on, each kind is found by itself.
    private static async Task<(List<Tally> TakenOver, List<Tally> Refused, List<Tally> Denied, List<Tally> Dropped)> CountAsync(HistoryDbContext context, DateTime since)
    {
        if (await context.Events.Where(row => row.At >= since).OrderBy(row => row.At).Select(row => (long?)row.Id).FirstOrDefaultAsync() is not { } first) return ([], [], [], []);
        var lately = context.Events.AsNoTracking().Where(row => row.Id >= first);
        var takenOver = lately.Where(row => row.Kind == EventKind.TakenOver).GroupBy(row => row.ClientIdentifier);
        var refused = lately.Where(row => row.Kind == EventKind.Refused && row.Address != null).GroupBy(row => row.Address!);
        var denied = lately.Where(row => row.Kind == EventKind.Denied || row.Kind == EventKind.Revoked).GroupBy(row => row.ClientIdentifier);
        var dropped = lately.Where(row => row.Kind == EventKind.Dropped).GroupBy(row => row.Detail!);
        return (
            await takenOver.Where(group => group.Count() >= Often).OrderByDescending(group => group.Count()).Take(MostOfAKind).Select(group => new Tally(group.Key, group.Count())).ToListAsync(),
            await refused.OrderByDescending(group => group.Count()).Take(MostOfAKind).Select(group => new Tally(group.Key, group.Count())).ToListAsync(),
            await denied.OrderByDescending(group => group.Count()).Take(MostOfAKind).Select(group => new Tally(group.Key, group.Count())).ToListAsync(),
            await dropped.OrderByDescending(group => group.Sum(row => row.Count)).Take(MostOfAKind).Select(group => new Tally(group.Key, group.Sum(row => row.Count) ?? 0)).ToListAsync());
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Tally(string Subject, long Count);
}

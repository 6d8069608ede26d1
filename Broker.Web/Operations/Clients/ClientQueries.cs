using System.Globalization;
using Broker.Core;
using Broker.Core.Diagnostics;
using Broker.Web.Persistence.History;
using Broker.Web.Persistence.History.Model;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Operations.Clients;

/// <summary>
/// The clients that the broker knows: what the history tells of their connections, joined with their sessions as they are now. Where no history is kept, those
/// that have a session.
/// </summary>
internal sealed class ClientQueries
{
    private const int SearchedAtOnce = 50_000, MostAtOnce = 5_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250), Fresh = TimeSpan.FromSeconds(2);

    private readonly MqttBroker broker;
    private readonly HistoryReader history;
    private readonly TimeProvider time;
    private readonly Shared<(long Key, string Client)[]> sessions; // in the order of keys

    public ClientQueries(MqttBroker broker, HistoryReader history, TimeProvider time)
    {
        (this.broker, this.history, this.time) = (broker, history, time);
        sessions = new Shared<(long, string)[]>(LookAtSessionsAsync, Fresh, time);
    }

    /// <summary>A page of clients.</summary>
    public Task<Page<ClientView>> ListAsync(ClientFilter filter, string? cursor, int? limit)
    {
        int most = Cursor.Limit(limit);
        bool haveSessions = filter.State == ClientState.Offline || (filter.State == ClientState.Connected && !string.IsNullOrEmpty(filter.Text));
        return history.IsKept && !haveSessions ? ListPresenceAsync(filter, Cursor.Number(cursor) ?? long.MinValue, most)
            : history.IsKept ? ListSessionsAsync(filter, Cursor.Number(cursor) ?? long.MinValue, most)
            : Task.FromResult(ListSessions(filter, Cursor.Parts(cursor, 1)?[0], most));
    }

    /// <summary>A client, or null if nobody knows it.</summary>
    public async Task<ClientView?> FindAsync(string clientId)
    {
        long key = ClientKey.Of(clientId);
        var row = await history.ReadAsync(
            context => context.Presence.AsNoTracking().SingleOrDefaultAsync(it => it.ClientKey == key && it.ClientIdentifier == clientId), null);
        var session = broker.FindSession(clientId);
        return row is null && session is null ? null : Join(clientId, row, session);
    }

    /// <summary>A client by the number that stands for its identifier, for who cannot say that: it may be 65,535 bytes long. Null if nobody knows it.</summary>
    public async Task<ClientView?> FindAsync(long key)
    {
        var row = await history.ReadAsync(context => context.Presence.AsNoTracking().SingleOrDefaultAsync(it => it.ClientKey == key), null);
        var clientId = row?.ClientIdentifier ?? broker.Sessions.FirstOrDefault(session => ClientKey.Of(session.ClientIdentifier) == key)?.ClientIdentifier;
        return clientId is null ? null : Join(clientId, row, broker.FindSession(clientId));
    }

    /// <summary>The clients whose sessions belong to a user, in no order.</summary>
    /// <param name="userName">The user.</param>
    /// <param name="most">How many at most.</param>
    public IReadOnlyList<ClientView> OfUser(string userName, int most) =>
        [.. broker.Sessions.Where(session => broker.IdentityOf(session.ClientIdentifier)?.UserName == userName).Take(most).Select(session => Join(session.ClientIdentifier, null, session))];

    // In the order of keys, which stand for identifiers. A text is looked for in a part of the rows at a time, and for so long at most: a page may be short, and the next goes on.
    private async Task<Page<ClientView>> ListPresenceAsync(ClientFilter filter, long after, int most)
    {
        var found = new List<ClientView>();
        long began = time.GetTimestamp();
        int some = most + 1;
        do
        {
            var (rows, upTo) = await ReadPartAsync(filter, after, some, most + 1 - found.Count);
            foreach (var (key, clientId, row) in rows)
            {
                var client = Join(clientId, row, broker.FindSession(clientId));
                if (filter.State is { } state && client.State != state) continue;
                if (found.Count == most) return new Page<ClientView>(found, CursorOf(after));
                found.Add(client);
                after = key;
            }
            if (upTo is not { } end) return new Page<ClientView>(found, null);
            after = end;
            some = Math.Min(some * 4, MostAtOnce); // few of those that were read are meant
        }
        while (time.GetElapsedTime(began) < Patience);
        return new Page<ClientView>(found, CursorOf(after));
    }

    // With those that have a session and are not remembered: the history was not kept at their time, or has forgotten them.
    private async Task<(IReadOnlyList<(long Key, string Client, ClientPresenceRow? Row)> Rows, long? UpTo)> ReadPartAsync(ClientFilter filter, long after, int some, int most)
    {
        var (rows, searched) = await history.ReadAsync(context => ReadPartAsync(context, filter, after, some), ([], null));
        long? upTo = rows.Count == some ? rows[^1].ClientKey : searched;
        var part = rows.ConvertAll(row => (Key: row.ClientKey, Client: row.ClientIdentifier, Row: (ClientPresenceRow?)row));
        if (filter.State is not null) return (part, upTo);
        var remembered = rows.Select(row => row.ClientKey).ToHashSet();
        var others = (await SessionsBehindAsync(after)).TakeWhile(session => upTo is null || session.Key <= upTo).Where(session => filter.Means(session.Client) && !remembered.Contains(session.Key));
        return ([.. part.Concat(others.Take(most).Select(session => (session.Key, session.Client, (ClientPresenceRow?)null))).OrderBy(client => client.Key)], upTo);
    }

    private static async Task<(List<ClientPresenceRow> Rows, long? UpTo)> ReadPartAsync(HistoryDbContext context, ClientFilter filter, long after, int most)
    {
        var rows = context.Presence.AsNoTracking().Where(row => row.ClientKey > after);
        long? upTo = null;
        if (!string.IsNullOrEmpty(filter.Text))
        {
            upTo = await rows.OrderBy(row => row.ClientKey).Select(row => (long?)row.ClientKey).Skip(SearchedAtOnce - 1).FirstOrDefaultAsync();
            if (upTo is { } end) rows = rows.Where(row => row.ClientKey <= end);
        }
        return (await Where(rows, filter).OrderBy(row => row.ClientKey).Take(most).ToListAsync(), upTo);
    }

    // Those that have a session are few among all who ever were here.
    private async Task<Page<ClientView>> ListSessionsAsync(ClientFilter filter, long after, int most)
    {
        var meant = (await SessionsBehindAsync(after)).Where(session => filter.Means(session.Client) && filter.State == StateOf(broker.FindSession(session.Client))).Take(most + 1).ToList();
        var keys = meant.ConvertAll(client => client.Key);
        var rows = await history.ReadAsync(
            context => context.Presence.AsNoTracking().Where(row => keys.Contains(row.ClientKey)).ToDictionaryAsync(row => row.ClientIdentifier, StringComparer.Ordinal), []);
        var page = Cursor.PageOf(meant, most, client => CursorOf(client.Key));
        return new Page<ClientView>(
            [.. page.Items.Select(client => Join(client.Client, rows.GetValueOrDefault(client.Client), broker.FindSession(client.Client)))], page.NextCursor);
    }

    private async Task<IEnumerable<(long Key, string Client)>> SessionsBehindAsync(long after)
    {
        var all = await sessions.GetAsync();
        int first = Array.BinarySearch(all, (after, ""), Comparer<(long Key, string Client)>.Create((one, other) => one.Key.CompareTo(other.Key)));
        return all.Skip(first < 0 ? ~first : first).SkipWhile(session => session.Key <= after);
    }

    private Task<(long Key, string Client)[]> LookAtSessionsAsync()
    {
        (long Key, string Client)[] all = [.. broker.ClientIdentifiers.Select(client => (ClientKey.Of(client), client))];
        Array.Sort(all, (one, other) => one.Key.CompareTo(other.Key));
        return Task.FromResult(all);
    }

    private Page<ClientView> ListSessions(ClientFilter filter, string? after, int most)
    {
        if (filter.State == ClientState.Expired) return new Page<ClientView>([], null);
        var sessions = broker.Sessions
            .Where(session => filter.Means(session.ClientIdentifier) && (after is null || string.CompareOrdinal(session.ClientIdentifier, after) > 0))
            .Where(session => filter.State is null || filter.State == StateOf(session))
            .OrderBy(session => session.ClientIdentifier, StringComparer.Ordinal).Take(most + 1).ToList();
        var page = Cursor.PageOf(sessions, most, session => Cursor.Of(session.ClientIdentifier));
        return new Page<ClientView>([.. page.Items.Select(session => Join(session.ClientIdentifier, null, session))], page.NextCursor);
    }

    private static IQueryable<ClientPresenceRow> Where(IQueryable<ClientPresenceRow> rows, ClientFilter filter)
    {
        if (filter.State == ClientState.Connected) rows = rows.Where(row => row.DisconnectedAt == null);
        else if (filter.State == ClientState.Expired) rows = rows.Where(row => row.DisconnectedAt != null);
        if (string.IsNullOrEmpty(filter.Text)) return rows;
#pragma warning disable CA1304, CA1311, CA1862 // translated to SQL
        string text = filter.Text.ToLowerInvariant();
        return filter.IsPrefix ? rows.Where(row => row.ClientIdentifier.ToLower().StartsWith(text)) : rows.Where(row => row.ClientIdentifier.ToLower().Contains(text));
#pragma warning restore CA1304, CA1311, CA1862
    }

    // What is live is newer than what was written: its figures go before.
    private static ClientView Join(string clientId, ClientPresenceRow? row, SessionState? session)
    {
        var client = new ClientView
        {
            ClientId = clientId,
            State = StateOf(session),
            SessionExpiryInterval = session?.ExpiryInterval,
            QueuedMessages = session?.Queued ?? 0,
            QueuedBytes = session?.QueuedBytes ?? 0,
            InFlight = session?.InFlight ?? 0,
            Subscriptions = session?.Subscriptions ?? 0,
        };
        if (session?.Client is { } live) row = HistoryRows.Presence(live);
        return row is null ? client : client with
        {
            UserName = row.UserName,
            Address = row.Address,
            Listener = row.Listener,
            Protocol = row.Protocol,
            ConnectedAt = row.ConnectedAt,
            DisconnectedAt = row.DisconnectedAt,
            EndedBy = row.EndedBy,
            ReasonCode = row.ReasonCode,
            Reason = row.Reason,
            PacketsReceived = row.PacketsReceived,
            PacketsSent = row.PacketsSent,
            PublishReceived = row.PublishReceived,
            PublishSent = row.PublishSent,
            BytesReceived = row.BytesReceived,
            BytesSent = row.BytesSent,
        };
    }

    private static ClientState StateOf(SessionState? session) => session is null ? ClientState.Expired : session.Client is null ? ClientState.Offline : ClientState.Connected;

    private static string CursorOf(long key) => Cursor.Of(key.ToString(CultureInfo.InvariantCulture));
}

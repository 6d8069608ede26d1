using System.Text;
using Broker.Core;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Web.Components.Figures;
using Broker.Web.Operations;
using Broker.Web.Persistence.History;
using Broker.Web.Persistence.History.Model;
using Broker.Web.Persistence.PostgreSql;
using Broker.Web.Persistence.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Load.Dashboard;

/// <summary>
/// Fills a store and its history as the broker's own writers would have, in large batches: sessions that are away, each with a subscription and a timeline; retained messages, one
/// half beside each other below one level and the other in a tree; one long queue; figures of thirty days.
/// </summary>
internal sealed class Seed(int sessions, int retained)
{
    private const int StoredAtOnce = 5_000, EventsOfClient = 3;

    private static readonly DateTime Now = DateTime.UtcNow;

    private int Queued => sessions;

    /// <summary>The lists of the REST API: from the beginning, from the middle, and with texts that are rare or nowhere.</summary>
    public IReadOnlyList<string> Lists =>
    [
        "/clients", $"/clients?cursor={Cursor.Of("0")}", "/clients?state=offline", $"/clients?state=offline&cursor={Cursor.Of("0")}", "/clients?state=connected", "/clients?state=expired",
        $"/clients?text={Client(sessions)}", "/clients?text=nowhere", "/clients?prefix=device-0", $"/clients/{Client(1)}", $"/clients/{Client(1)}/timeline", $"/clients/{Client(1)}/subscriptions",
        $"/clients/{Client(1)}/queue", $"/clients/{Client(1)}/queue?cursor={Cursor.Of($"{Queued / 2}")}", $"/clients/{Client(1)}/inflight",
        "/subscriptions", $"/subscriptions?cursor={Cursor.Of($"{sessions / 2}", "1")}", "/subscriptions?text=nowhere", $"/subscriptions?match=devices/{Client(1)}/commands", "/shared-groups",
        "/retained", $"/retained?cursor={Cursor.Of(Wide(retained / 4))}", "/retained?filter=wide/%23", $"/retained?filter=wide/%23&cursor={Cursor.Of(Wide(retained / 4))}", "/retained?filter=%2B/%2B/%2B/level",
        "/retained?prefix=wide/0", $"/retained/message?topic={Wide(1)}", "/topics", "/topics?prefix=wide", $"/topics?prefix=wide&cursor={Cursor.Of(Wide(retained / 4)["wide/".Length..])}",
        "/events", "/events?kind=refused", "/events?kind=denied,revoked", "/audit", "/audit?target=nowhere", "/users", "/acl-rules", "/administrators", "/api-keys",
        "/broker", "/broker/stats", "/attention", "/dropped", "/listeners", "/config/effective", "/jobs",
        $"/broker/stats/history?name={Uri.EscapeDataString(OverviewCharts.Names[0])}&from={Uri.EscapeDataString(Now.AddDays(-30).ToString("O"))}",
    ];

    /// <summary>The pages.</summary>
    public IReadOnlyList<string> Pages =>
    [
        "/", "/?range=1h", "/?range=30d", "/clients", $"/clients?cursor={Cursor.Of("0")}", "/clients?state=offline", "/clients?state=connected", $"/clients?text={Client(sessions)}", "/clients?text=nowhere",
        $"/clients/client?id={Client(1)}", $"/clients/client?id={Client(1)}&tab=subscriptions", $"/clients/client?id={Client(1)}&tab=queue", $"/clients/client?id={Client(1)}&tab=access",
        "/subscriptions", $"/subscriptions?cursor={Cursor.Of($"{sessions / 2}", "1")}", "/subscriptions?text=nowhere", $"/subscriptions?topic=devices/{Client(1)}/commands",
        "/retained", "/retained?filter=wide/%23", $"/retained?filter=wide/%23&cursor={Cursor.Of(Wide(retained / 4))}", "/retained?filter=%2B/%2B/%2B/level", "/tail", "/client",
        "/events", "/events?kind=refused", "/statistics", "/statistics?range=30d", "/listeners", "/settings", "/access", "/access/users", "/access/explain", "/administrators", "/api-keys", "/audit", "/audit?target=nowhere",
    ];

    /// <summary>Fills a database that is empty.</summary>
    /// <param name="provider">Sqlite or PostgreSql.</param>
    /// <param name="connectionString">Where.</param>
    public async Task WriteAsync(string provider, string connectionString)
    {
        string file = provider == "Sqlite" ? connectionString["Data Source=".Length..] : "";
        await using HistoryStore history = provider == "Sqlite" ? new SqliteHistory(SqliteHistory.FileBeside(file)) : new PostgreSqlHistory(connectionString, "PostgreSQL");
        using (IBrokerStore store = provider == "Sqlite" ? new SqliteStore(file, new StorageOptions(), TimeProvider.System) : new PostgreSqlStore(connectionString, new StorageOptions(), NullLogger<PostgreSqlStore>.Instance))
        {
            await store.OpenAsync(_ => { }, CancellationToken.None);
            long batch = 0;
            foreach (var part in Stored().Chunk(StoredAtOnce)) store.Commit(new StoreBatch(++batch, part));
        }
        await history.OpenAsync(Now, first: true, CancellationToken.None);
        foreach (var part in Remembered()) await history.WriteAsync(part, CancellationToken.None);
    }

    private static string Client(int number) => $"device-{number:D7}";

    private static string Wide(int number) => $"wide/{number:D7}";

    private IEnumerable<StoreChange> Stored()
    {
        long now = new DateTimeOffset(Now).ToUnixTimeMilliseconds();
        for (int i = 1; i <= sessions; i++)
        {
            yield return new SessionStored(i, Client(i), null, uint.MaxValue, 100, now);
            yield return new SubscriptionStored(i, 1, i % 10 == 0 ? $"$share/workers-{i % 7}/jobs/#" : $"devices/{Client(i)}/commands", new SubscriptionOptions(QualityOfService.AtLeastOnce), 0);
            yield return new SessionDetached(i, uint.MaxValue, now, 0);
            yield return new AuditRecorded(now, "admin", "127.0.0.1", "session changed", Client(i), null);
        }
        for (int i = 1; i <= retained / 2; i++)
        {
            yield return new RetainedStored(2 * i, Message(Wide(i), $"{i}", retain: true), now);
            yield return new RetainedStored(2 * i + 1, Message($"sites/{i % 100}/tank-{i / 100}/level", $"{{\"level\":{i % 1000}}}", retain: true), now);
        }
        for (int i = 1; i <= Queued; i++)
            yield return new EntryQueued(1, i, Message($"devices/{Client(1)}/commands", $"{i}", retain: false), QualityOfService.AtLeastOnce, false, [], null);
    }

    private IEnumerable<HistoryBatch> Remembered()
    {
        foreach (var part in Enumerable.Range(1, sessions).Chunk(StoredAtOnce)) yield return new HistoryBatch([.. part.Select(Presence)], [], [], []);
        foreach (var part in Enumerable.Range(1, sessions * EventsOfClient).Chunk(StoredAtOnce)) yield return new HistoryBatch([], [], [.. part.Select(Event)], []);
        foreach (var part in Figures().Chunk(StoredAtOnce)) yield return new HistoryBatch([], [], [], part);
    }

    private static ClientPresenceRow Presence(int number) => new()
    {
        ClientKey = ClientKey.Of(Client(number)),
        ClientIdentifier = Client(number),
        Address = "192.0.2.1:50000",
        Listener = "mqtt://127.0.0.1:1883",
        Protocol = "5",
        ConnectedAt = Now.AddMinutes(-1),
        DisconnectedAt = Now,
        EndedBy = "client",
        ReasonCode = 0,
    };

    private static ClientEventRow Event(int number) => new()
    {
        Id = number,
        At = Now.AddMilliseconds(-number),
        ClientKey = ClientKey.Of(Client(number / EventsOfClient)),
        ClientIdentifier = Client(number / EventsOfClient),
        Kind = (number % EventsOfClient) switch { 0 => EventKind.Connected, 1 => EventKind.Subscribed, _ => EventKind.Disconnected },
        Address = "192.0.2.1:50000",
        Detail = "by mqtt://127.0.0.1:1883, MQTT 5",
    };

    private static IEnumerable<StatisticRow> Figures() =>
        from name in OverviewCharts.Names
        from part in new[] { (Resolution: 10, Count: 24 * 360), (Resolution: 300, Count: 30 * 288) }
        from back in Enumerable.Range(0, part.Count)
        select new StatisticRow { Name = name, Resolution = (short)part.Resolution, At = HistoryUpkeep.Floor(Now, part.Resolution).AddSeconds(-back * part.Resolution), Value = part.Count - back };

    private static ApplicationMessage Message(string topic, string payload, bool retain) => new(new Publication
    {
        Topic = Encoding.UTF8.GetBytes(topic),
        Payload = Encoding.UTF8.GetBytes(payload),
        QoS = QualityOfService.AtLeastOnce,
        Retain = retain,
        ExpiresAt = ApplicationMessage.Never,
        Publisher = "gateway",
    });
}

using System.Security.Claims;
using Broker.Web.Components.Texts;
using Broker.Web.Operations;
using Broker.Web.Operations.Clients;
using Broker.Web.Operations.Messages;
using Broker.Web.Operations.Status;
using Broker.Web.Persistence.History;

namespace Broker.Web.Components.Exports;

/// <summary>The lists of the pages, with the same filters in the query, as tables to take away.</summary>
internal sealed class ExportLists(
    ClientQueries clients, TimelineQueries timelines, SubscriptionQueries subscriptions, QueueQueries queues, RetainedQueries retained, PayloadAccess payloads, StatisticsQueries statistics, ConfigurationQueries settings)
{
    /// <summary>Most rows of an export.</summary>
    public const int MostRows = 1_000_000;

    private static readonly ExportColumn<TimelineEvent>[] EventColumns =
        [new("at", it => it.At), new("clientId", it => it.ClientId), new("kind", it => it.Kind), new("text", it => it.Text), new("reasonCode", it => it.ReasonCode), new("address", it => it.Address)];

    /// <summary>A list; null if there is none of that name.</summary>
    public IExportTable? Find(string list, IQueryCollection query, ClaimsPrincipal user) => list switch
    {
        "clients" => Clients(query),
        "events" => new ExportTable<TimelineEvent>(AllAsync((from, most) => timelines.OfAllAsync(Text(query, "kind"), from, most, KeyOf(query))), EventColumns),
        "timeline" => new ExportTable<TimelineEvent>(OfClientAsync(query, (id, from, most) => timelines.OfClientAsync(id, from, most)), EventColumns),
        "subscriptions" => Subscriptions(query),
        "queue" => Queue(query, user),
        "retained" => Retained(query, user),
        "statistics" => new ExportTable<StatisticView>(statistics.Now().Values.ToAsyncEnumerable(), [new("name", it => it.Name), new("value", it => it.Value)]),
        "settings" => new ExportTable<SettingView>(settings.List().ToAsyncEnumerable(), [new("key", it => it.Key), new("value", it => it.Value), new("origin", it => it.Origin)]),
        _ => null,
    };

    private ExportTable<ClientView> Clients(IQueryCollection query)
    {
        var filter = new ClientFilter(Text(query, "text"), State: Enum.TryParse<ClientState>(Text(query, "state"), ignoreCase: true, out var state) ? state : null);
        return new(AllAsync((from, most) => clients.ListAsync(filter, from, most)),
        [
            new("clientId", it => it.ClientId), new("state", it => it.State.ToString().ToLowerInvariant()), new("userName", it => it.UserName), new("address", it => it.Address),
            new("listener", it => it.Listener), new("protocol", it => it.Protocol), new("connectedAt", it => it.ConnectedAt), new("disconnectedAt", it => it.DisconnectedAt),
            new("reason", it => it.Reason), new("subscriptions", it => it.Subscriptions), new("queuedMessages", it => it.QueuedMessages), new("inFlight", it => it.InFlight),
            new("publishReceived", it => it.PublishReceived), new("publishSent", it => it.PublishSent), new("bytesReceived", it => it.BytesReceived), new("bytesSent", it => it.BytesSent),
        ]);
    }

    private ExportTable<SubscriptionView> Subscriptions(IQueryCollection query) => new(
        AllAsync((from, most) => Task.FromResult(subscriptions.List(Text(query, "text"), from, most))),
        [
            new("filter", it => it.Filter), new("clientId", it => it.ClientId), new("qos", it => it.QoS), new("noLocal", it => it.NoLocal), new("retainAsPublished", it => it.RetainAsPublished),
            new("retainHandling", it => it.RetainHandling), new("identifier", it => it.Identifier), new("isConnected", it => it.IsConnected),
        ]);

    private ExportTable<QueuedMessageView> Queue(IQueryCollection query, ClaimsPrincipal user) => new(
        OfClientAsync(query, async (id, from, most) => payloads.For(user, await queues.ListAsync(id, from, most) ?? new Page<QueuedMessageView>([], null))),
        [
            new("sequence", it => it.Sequence), new("state", it => it.State), new("topic", it => it.Topic), new("qos", it => it.QoS), new("packetIdentifier", it => it.PacketIdentifier),
            new("publisher", it => it.Publisher), new("expiresAt", it => it.ExpiresAt), new("size", it => it.Payload?.Length), new("payloadBeginning", it => Beginning(it.Payload)),
        ]);

    private ExportTable<RetainedView> Retained(IQueryCollection query, ClaimsPrincipal user) => new(
        AllAsync(async (from, most) => payloads.For(user, await retained.ListAsync(prefix: null, Text(query, "filter"), from, most))),
        [
            new("topic", it => it.Topic), new("qos", it => it.QoS), new("publisher", it => it.Publisher), new("storedAt", it => it.StoredAt), new("expiresAt", it => it.ExpiresAt),
            new("size", it => it.Payload.Length), new("payloadBeginning", it => Beginning(it.Payload)),
        ]);

    private static long? KeyOf(IQueryCollection query) => Text(query, "id") is { } id ? ClientKey.Of(id) : ClientAddress.Key(Text(query, "key"));

    private async IAsyncEnumerable<T> OfClientAsync<T>(IQueryCollection query, Func<string, string?, int, Task<Page<T>>> page)
    {
        var id = Text(query, "id") ?? (ClientAddress.Key(Text(query, "key")) is { } key ? (await clients.FindAsync(key))?.ClientId : null);
        if (id is null)
        {
            yield break;
        }

        await foreach (var row in AllAsync((from, most) => page(id, from, most)))
        {
            yield return row;
        }
    }

    private static async IAsyncEnumerable<T> AllAsync<T>(Func<string?, int, Task<Page<T>>> read)
    {
        string? from = null;
        int rows = 0;
        do
        {
            var page = await read(from, Cursor.MostItems);
            foreach (var row in page.Items)
            {
                yield return row;
            }

            rows += page.Items.Count;
            from = page.NextCursor;
        }
        while (from is not null && rows < MostRows);
    }

    private static string? Text(IQueryCollection query, string name) => query[name] is [{ Length: > 0 } text, ..] ? text : null;

    private static string? Beginning(PayloadView? payload) => payload is null ? null : payload.Text ?? PayloadText.Brief(payload.Bytes, PayloadView.PreviewBytes);
}

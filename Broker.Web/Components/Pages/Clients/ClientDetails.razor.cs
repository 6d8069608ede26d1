using Broker.Core;
using Broker.Web.Components.Texts;
using Broker.Web.Operations;
using Broker.Web.Operations.Clients;
using Broker.Web.Operations.Messages;
using Broker.Web.Security;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Clients;

/// <summary>One client: how it stands, what happened to it, what it wants and what waits for it.</summary>
public sealed partial class ClientDetails
{
    private ClientView? client;
    private Page<TimelineEvent>? timeline;
    private Page<QueuedMessageView>? queue;
    private IReadOnlyList<SubscriptionView> subscriptions = [];
    private string tab = "timeline";
    private bool mayOperate, mayAdminister;

    [SupplyParameterFromQuery]
    private string? Id { get; set; }

    [SupplyParameterFromQuery]
    private string? Key { get; set; }

    [SupplyParameterFromQuery]
    private string? Tab { get; set; }

    [SupplyParameterFromQuery(Name = "cursor")]
    private string? From { get; set; }

    [Inject]
    private ClientQueries Clients { get; set; } = null!;

    [Inject]
    private TimelineQueries Timelines { get; set; } = null!;

    [Inject]
    private SubscriptionQueries Subscriptions { get; set; } = null!;

    [Inject]
    private QueueQueries Queues { get; set; } = null!;

    [Inject]
    private MqttBroker Broker { get; set; } = null!;

    [Inject]
    private PayloadAccess Payloads { get; set; } = null!;

    [Inject]
    private CurrentUser User { get; set; } = null!;

    private (string Name, string Label, long? Count)[] Tabs =>
        [("timeline", "Timeline", null), ("subscriptions", "Subscriptions", client!.Subscriptions), ("queue", "Queue and in flight", client.QueuedMessages), ("access", "Access", null)];

    private string Standing => client switch
    {
        { State: ClientState.Connected, ConnectedAt: { } since } => $"since {Times.Of(since)} UTC",
        { DisconnectedAt: { } at, Reason: { } reason } => $"since {Times.Of(at)} UTC: {Shown.Of(reason)}",
        { DisconnectedAt: { } at } => $"since {Times.Of(at)} UTC",
        _ => "",
    };

    private string Waiting => $"{client!.QueuedMessages - client.InFlight:N0} waiting, {client.InFlight:N0} in flight, about {Bytes.Of(client.QueuedBytes)}";

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellation)
    {
        client = Id is not null ? await Clients.FindAsync(Id) : ClientAddress.Key(Key) is { } key ? await Clients.FindAsync(key) : null;
        mayOperate = await User.MayAsync(Scopes.Operate);
        mayAdminister = await User.MayAsync(Scopes.Admin);
        if (client is null)
        {
            return;
        }

        tab = Tab is "subscriptions" or "queue" or "access" ? Tab : "timeline";
        switch (tab)
        {
            case "subscriptions":
                subscriptions = Subscriptions.OfClient(client.ClientId) ?? [];
                break;
            case "queue":
                queue = await Queues.ListAsync(client.ClientId, From, limit: null) is { } page ? Payloads.For(await User.UserAsync(), page) : null;
                break;
            case "access":
                break; // it asks by itself
            default:
                timeline = await Timelines.OfClientAsync(client.ClientId, From, limit: null);
                break;
        }
    }

    private static string Count(long count, string what) => $"{count:N0} {what}{(count == 1 ? "" : "s")}";

    private string Address(string name) => ClientAddress.Of(client!.ClientId) + (name == "timeline" ? "" : $"&tab={name}");
}

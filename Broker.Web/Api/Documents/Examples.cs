using Broker.Core.Diagnostics;
using Broker.Web.Api.Security;
using Broker.Web.Operations;
using Broker.Web.Operations.Clients;
using Broker.Web.Operations.Messages;
using Broker.Web.Operations.Status;
using Broker.Web.Operations.Work;
using Broker.Web.Security;
using Broker.Web.Security.Access;

namespace Broker.Web.Api.Documents;

/// <summary>What requests and answers look like, in the document of the API: one of each type.</summary>
internal static class Examples
{
    private const string Client = "sensor-17", Topic = "sensors/kitchen/temperature", Filter = "sensors/#", Cursor = "WyI0MiJd";

    private static readonly DateTime Noon = new(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc);

    private static readonly SubscriptionView Subscription = new(Client, Filter, null, 1, false, false, 0, null, true);

    private static readonly JobView Job = new("0b9d1d0c4f2e4c6a9a53ad10d2c1c2f3", "delete retained messages", Filter, JobState.Running, 500, 1_200, "api key operations (abcd2345)", Noon, null, null);

    private static readonly RetainedView Retained = new()
    {
        Topic = Topic,
        QoS = 1,
        Publisher = Client,
        StoredAt = Noon,
        Payload = new PayloadView(4, "21.5"u8.ToArray()),
        Properties = new MessagePropertiesView { ContentType = "text/plain", UserProperties = [new UserPropertyView("unit", "°C")] },
    };

    private static readonly ClientView Known = new()
    {
        ClientId = Client,
        State = ClientState.Connected,
        UserName = "device",
        Address = "192.0.2.17:49152",
        Listener = "mqtts://*:8883",
        Protocol = "5",
        ConnectedAt = Noon,
        PacketsReceived = 120,
        PacketsSent = 95,
        PublishReceived = 100,
        PublishSent = 12,
        BytesReceived = 6_400,
        BytesSent = 900,
        SessionExpiryInterval = 3_600,
        QueuedMessages = 3,
        QueuedBytes = 310,
        InFlight = 1,
        Subscriptions = 2,
    };

    private static readonly TimelineEvent Event = new()
    {
        Id = 42,
        At = Noon,
        ClientId = Client,
        Kind = "disconnected",
        Text = "Disconnected by the broker: keep alive of 60 s missed (0x8D Keep Alive Timeout)",
        EndedBy = "server",
        ReasonCode = 0x8D,
        Address = "192.0.2.17:49152",
        Detail = "keep alive of 60 s missed",
    };

    private static readonly QueuedMessageView Queued = new()
    {
        Sequence = 7,
        PacketIdentifier = 7,
        State = "waiting",
        Topic = Topic,
        QoS = 1,
        Publisher = "gateway",
        Payload = new PayloadView(4, "21.5"u8.ToArray()),
    };

    private static readonly ApiKeyView ApiKey = new("abcd2345", "operations", ["read", "operate"], Noon, "admin", null, null, null);

    private static readonly AdministratorView Account = new("anna", Role.Operator, Noon, Noon);

    private static readonly UserView User = new("sensor-17", ["sensors"], false, true, Noon, Noon);

    private static readonly TokenView Token = new("efgh6789", "sensor-17", "kitchen", Noon, "admin", null, Noon, null);

    private static readonly AccessRuleView Rule = new(12, 1, "user", "sensor-17", "publish", "sensors/%c/#", true, 1, false, "the kitchen", Noon);

    private static readonly PublishResult Published = new(Topic, 3, true);

    private static readonly Dictionary<Type, object> All = new object[]
    {
        Known, new Page<ClientView>([Known], Cursor), new Page<TimelineEvent>([Event], Cursor), new Page<QueuedMessageView>([Queued], Cursor),
        new Page<SubscriptionView>([Subscription], Cursor), new TopicReceiversView(Topic, [new ReceiverView(Client, true, 1, [Subscription])], []),
        new Page<ShareGroupView>([new ShareGroupView("$share/workers/jobs/#", "workers", [Subscription with { Filter = "$share/workers/jobs/#", ShareName = "workers" }])], null),
        Retained, new Page<RetainedView>([Retained], Cursor), new Page<TopicLevelView>([new TopicLevelView("kitchen", "sensors/kitchen", false, true, 12, false)], null),
        new DeletionPreview(1_200, [Topic]), Job, Published, new PublishBatchAnswer([Published]), new CountAnswer(2), new SubscribeAnswer(Filter, 1),
        new StatisticsView(Noon, [new StatisticView("$SYS/broker/clients/connected", 17)], [new DroppedView("queuefull", 0)]),
        new StatisticsHistory(Noon.AddHours(-1), Noon, 10, [new StatisticSeries("$SYS/broker/clients/connected", [new StatisticPoint(Noon, 17)])]),
        new BrokerView { Version = "0.1.0", IsReady = true, Reason = "ready", StartedAt = Noon, Host = "edge-1", ProcessId = 4711, StorageProvider = "Sqlite", Storage = "data/broker.db", HasHistory = true, CommitP99Milliseconds = 1.2 },
        ApiKey, new Page<ApiKeyView>([ApiKey], null), new NewApiKeyView("brk_abcd2345_…", ApiKey), new CreateApiKeyRequest("operations", ["read", "operate"]),
        Account, new Page<AdministratorView>([Account], null), new AddAdministratorRequest("anna", "…", Role.Operator), new ChangeAdministratorRequest(Role.Viewer),
        User, new Page<UserView>([User], null), new PutUserRequest("…", ["sensors"]), new SetPasswordRequest("…"),
        Token, new Page<TokenView>([Token], null), new NewTokenView("brt_efgh6789_…", Token), new CreateTokenRequest("sensor-17", "kitchen"),
        Rule, new Page<AccessRuleView>([Rule], null), new AccessRuleRequest("user", "publish", "sensors/%c/#", true, "sensor-17", MaximumQoS: 1), new AccessDefaultRequest(false),
        new RuleChangePreview(
            1, [new RevokedSubscription(Client, "sensor-17", Filter, "rule 12: deny user sensor-17 to subscribe to sensors/#")],
            new(1, [new LoweredSubscriptionView(Client, "sensor-17", "news/#", 2, 0, "rule 13: allow anyone to subscribe to news/#, at most QoS 0")])), new OwnerRequest("sensor-17"),
        new ExplainRequest(Client, "publish", Topic, "sensor-17"),
        new ExplainAnswer(true, 12, "rule 12: allow user sensor-17 to publish to sensors/#", false, Client, "sensor-17", false, [new ExplainStep(12, "rule 12: allow user sensor-17 to publish to sensors/#", "it decides")]),
        new Page<AuditView>([new AuditView(7, Noon, "api key operations (abcd2345)", "192.0.2.8", "session deleted", Client, null)], null),
        new DisconnectRequest("maintenance"), new DisconnectManyRequest(ClientIds: [Client], Reason: "maintenance"), new DeleteSessionsRequest(Prefix: "test-", State: "offline"),
        new SubscribeRequest(Filter, 1), new DeleteRetainedRequest(Filter), new MessageContent { Payload = "21.5", QoS = 1 },
        new PublishRequest { Topic = Topic, Payload = "21.5", QoS = 1, Retain = true, ExpiryInterval = 3_600 },
        new PublishBatchRequest([new PublishRequest { Topic = Topic, Payload = "21.5" }, new PublishRequest { Topic = "sensors/raw", PayloadBase64 = "AAEC" }]),
    }.ToDictionary(example => example.GetType());

    private static readonly Dictionary<Type, object> Lists = new object[]
    {
        Subscription, Job, new DroppedView("queuefull", 3), new ListenerView("mqtts://*:8883", "mqtt", true, false, "no", new CertificateView("CN=broker.example.org", "CN=Example CA", Noon, Noon.AddYears(1)))
        {
            CertificateExpiresAt = Noon.AddYears(1),
            CertificateDaysLeft = 365,
            ClientCertificates = "required",
        },
        new AttentionItem("queue_growing", false, Client, $"The queue of {Client} grows: 12,000 messages wait", 12_000), new SettingView("Mqtt:Limits:ReceiveMaximum", "32", "default"),
    }.ToDictionary(example => example.GetType());

    /// <summary>An example of a type, or null.</summary>
    public static object? Of(Type type) =>
        All.GetValueOrDefault(type)
        ?? (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) && Lists.TryGetValue(type.GetGenericArguments()[0], out object? item) ? new[] { item } : null);
}

namespace Broker.Web.Operations.Clients;

/// <summary>Where a client stands.</summary>
public enum ClientState
{
    /// <summary>It is connected.</summary>
    Connected,

    /// <summary>It is away, and its session waits for it.</summary>
    Offline,

    /// <summary>It is away, and has no session any more.</summary>
    Expired,
}

/// <summary>Which clients are meant.</summary>
/// <param name="Text">What the identifier begins with, or holds; capitals and small letters are alike. Null for all.</param>
/// <param name="IsPrefix">Whether it must begin with the text.</param>
/// <param name="State">Where they stand, or null.</param>
public sealed record ClientFilter(string? Text = null, bool IsPrefix = false, ClientState? State = null)
{
    /// <summary>Whether an identifier is meant.</summary>
    internal bool Means(string clientIdentifier) =>
        string.IsNullOrEmpty(Text)
        || (IsPrefix ? clientIdentifier.StartsWith(Text, StringComparison.OrdinalIgnoreCase) : clientIdentifier.Contains(Text, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A client: its present connection or its last one, and its session.</summary>
public sealed record ClientView
{
    /// <summary>Its client identifier.</summary>
    public required string ClientId { get; init; }

    /// <summary>Where it stands.</summary>
    public required ClientState State { get; init; }

    /// <summary>The user that it proved to be; null if it is anonymous.</summary>
    public string? UserName { get; init; }

    /// <summary>Where it connects from.</summary>
    public string? Address { get; init; }

    /// <summary>The URL of the listener that accepted it.</summary>
    public string? Listener { get; init; }

    /// <summary>The protocol version: 3.1, 3.1.1 or 5.</summary>
    public string? Protocol { get; init; }

    /// <summary>When its present or last connection began.</summary>
    public DateTime? ConnectedAt { get; init; }

    /// <summary>When that ended; null while it lasts.</summary>
    public DateTime? DisconnectedAt { get; init; }

    /// <summary>Who ended it: client, server or network.</summary>
    public string? EndedBy { get; init; }

    /// <summary>The reason code of its end.</summary>
    public int? ReasonCode { get; init; }

    /// <summary>Why it ended, in words.</summary>
    public string? Reason { get; init; }

    /// <summary>Control packets received from it on that connection.</summary>
    public long PacketsReceived { get; init; }

    /// <summary>Control packets sent to it.</summary>
    public long PacketsSent { get; init; }

    /// <summary>PUBLISH packets received from it.</summary>
    public long PublishReceived { get; init; }

    /// <summary>PUBLISH packets sent to it.</summary>
    public long PublishSent { get; init; }

    /// <summary>Bytes received from it.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Bytes sent to it.</summary>
    public long BytesSent { get; init; }

    /// <summary>Seconds that its session outlives the connection; 4294967295 for ever. Null if it has none.</summary>
    public long? SessionExpiryInterval { get; init; }

    /// <summary>QoS 1 and 2 messages that wait or are in flight.</summary>
    public long QueuedMessages { get; init; }

    /// <summary>About how many bytes wait.</summary>
    public long QueuedBytes { get; init; }

    /// <summary>Messages that were sent and are not acknowledged yet.</summary>
    public int InFlight { get; init; }

    /// <summary>How many subscriptions it has.</summary>
    public int Subscriptions { get; init; }
}

/// <summary>Something that happened to a client.</summary>
public sealed record TimelineEvent
{
    /// <summary>Its number, in order of time.</summary>
    public required long Id { get; init; }

    /// <summary>When.</summary>
    public required DateTime At { get; init; }

    /// <summary>The client; empty where it gave no name, or where no client is concerned.</summary>
    public required string ClientId { get; init; }

    /// <summary>What: connected, disconnected, refused, taken_over, subscribed, unsubscribed, session_expired, session_ended, dropped or left_out.</summary>
    public required string Kind { get; init; }

    /// <summary>The whole of it in plain words.</summary>
    public required string Text { get; init; }

    /// <summary>Who ended it: client, server or network.</summary>
    public string? EndedBy { get; init; }

    /// <summary>The reason code.</summary>
    public int? ReasonCode { get; init; }

    /// <summary>Where the client connects from, or who took it over.</summary>
    public string? Address { get; init; }

    /// <summary>The reason, the filter, or why messages were dropped.</summary>
    public string? Detail { get; init; }

    /// <summary>How many messages or events.</summary>
    public long? Count { get; init; }
}

/// <summary>A subscription.</summary>
/// <param name="ClientId">Whose it is.</param>
/// <param name="Filter">The whole filter, with <c>$share</c>.</param>
/// <param name="ShareName">The ShareName, or null.</param>
/// <param name="QoS">The QoS that was granted.</param>
/// <param name="NoLocal">Whether the client's own messages stay away.</param>
/// <param name="RetainAsPublished">Whether RETAIN is forwarded as it was published.</param>
/// <param name="RetainHandling">When retained messages are sent: 0 at each subscribe, 1 at a new subscription only, 2 never.</param>
/// <param name="Identifier">Subscription Identifier, or null.</param>
/// <param name="IsConnected">Whether the client is connected.</param>
public sealed record SubscriptionView(
    string ClientId, string Filter, string? ShareName, int QoS, bool NoLocal, bool RetainAsPublished, int RetainHandling, long? Identifier, bool IsConnected);

/// <summary>A client that would get a message.</summary>
/// <param name="ClientId">The client.</param>
/// <param name="IsConnected">Whether it is connected; else the message waits in its queue.</param>
/// <param name="QoS">The highest QoS of its matching subscriptions.</param>
/// <param name="Subscriptions">Its matching subscriptions.</param>
public sealed record ReceiverView(string ClientId, bool IsConnected, int QoS, IReadOnlyList<SubscriptionView> Subscriptions);

/// <summary>A shared subscription.</summary>
/// <param name="Filter">The whole filter.</param>
/// <param name="ShareName">The ShareName.</param>
/// <param name="Members">Its members, one of which gets each message.</param>
public sealed record ShareGroupView(string Filter, string ShareName, IReadOnlyList<SubscriptionView> Members);

/// <summary>Who would get a message of a topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Receivers">The clients that each get a copy.</param>
/// <param name="ShareGroups">The groups, one member of each of which gets a copy.</param>
public sealed record TopicReceiversView(string Topic, IReadOnlyList<ReceiverView> Receivers, IReadOnlyList<ShareGroupView> ShareGroups);

using Broker.Core.Protocol;

namespace Broker.Web.Operations.Messages;

/// <summary>A User Property.</summary>
public sealed record UserPropertyView(string Name, string Value);

/// <summary>The properties of MQTT 5 that go with a message.</summary>
public sealed record MessagePropertiesView
{
    /// <summary>Whether the payload is announced as UTF-8; null if nothing is said.</summary>
    public bool? IsText { get; init; }

    /// <summary>Content Type.</summary>
    public string? ContentType { get; init; }

    /// <summary>Response Topic.</summary>
    public string? ResponseTopic { get; init; }

    /// <summary>Correlation Data, in base64.</summary>
    public byte[]? CorrelationData { get; init; }

    /// <summary>User Properties in their order.</summary>
    public IReadOnlyList<UserPropertyView> UserProperties { get; init; } = [];

    /// <summary>Decodes properties as they stand on the wire.</summary>
    internal static MessagePropertiesView Of(ReadOnlyMemory<byte> encoded)
    {
        var properties = new Properties(encoded);
        return new MessagePropertiesView
        {
            IsText = properties.Number(PropertyId.PayloadFormatIndicator) is { } format ? format == 1 : null,
            ContentType = properties.Text(PropertyId.ContentType),
            ResponseTopic = properties.Text(PropertyId.ResponseTopic),
            CorrelationData = properties.Data(PropertyId.CorrelationData)?.ToArray(),
            UserProperties = [.. properties.UserProperties.Select(pair => new UserPropertyView(pair.Name, pair.Value))],
        };
    }

    /// <summary>Encodes them as on the wire.</summary>
    internal ReadOnlyMemory<byte> Encode()
    {
        var builder = new PropertiesBuilder();
        if (IsText is { } text) builder.Add(PropertyId.PayloadFormatIndicator, text ? 1u : 0u);
        if (ContentType is { Length: > 0 }) builder.Add(PropertyId.ContentType, ContentType);
        if (ResponseTopic is { Length: > 0 }) builder.Add(PropertyId.ResponseTopic, ResponseTopic);
        if (CorrelationData is { } data) builder.Add(PropertyId.CorrelationData, data.AsSpan());
        foreach (var (name, value) in UserProperties) builder.AddUserProperty(name, value);
        return builder.Build().Encoded;
    }
}

/// <summary>A retained message.</summary>
public sealed record RetainedView
{
    /// <summary>Its topic.</summary>
    public required string Topic { get; init; }

    /// <summary>The QoS that it was published with.</summary>
    public required int QoS { get; init; }

    /// <summary>The client that published it; null if it came from the broker or through the API.</summary>
    public string? Publisher { get; init; }

    /// <summary>When it was stored; null where nothing is.</summary>
    public DateTime? StoredAt { get; init; }

    /// <summary>When it expires, or null.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>The payload: in a list its beginning.</summary>
    public required PayloadView Payload { get; init; }

    /// <summary>The properties of MQTT 5.</summary>
    public required MessagePropertiesView Properties { get; init; }
}

/// <summary>One level of the tree of retained topics.</summary>
/// <param name="Level">The name of the level.</param>
/// <param name="Topic">The whole topic up to it.</param>
/// <param name="HasMessage">Whether a message is retained right here.</param>
/// <param name="HasChildren">Whether there are topics below.</param>
/// <param name="Messages">How many messages are retained here and below.</param>
/// <param name="HasMore">Whether there are more: counting ends at a thousand.</param>
public sealed record TopicLevelView(string Level, string Topic, bool HasMessage, bool HasChildren, int Messages, bool HasMore);

/// <summary>What a bulk deletion would delete.</summary>
/// <param name="Count">How many.</param>
/// <param name="Sample">Some of them.</param>
public sealed record DeletionPreview(long Count, IReadOnlyList<string> Sample);

/// <summary>A message that waits for a client or is in flight to it.</summary>
public sealed record QueuedMessageView
{
    /// <summary>Its place in the queue.</summary>
    public required long Sequence { get; init; }

    /// <summary>The packet identifier that it is sent with.</summary>
    public required int PacketIdentifier { get; init; }

    /// <summary>Where it stands: waiting, sent (PUBACK or PUBREC is due) or released (PUBCOMP is due).</summary>
    public required string State { get; init; }

    /// <summary>Its topic; null where it was sent and is kept no longer.</summary>
    public string? Topic { get; init; }

    /// <summary>The QoS it is delivered with.</summary>
    public required int QoS { get; init; }

    /// <summary>RETAIN of the copy.</summary>
    public bool Retain { get; init; }

    /// <summary>The filter of the share group it came through, or null.</summary>
    public string? ShareFilter { get; init; }

    /// <summary>The client that published it, or null.</summary>
    public string? Publisher { get; init; }

    /// <summary>When it expires, or null.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>The beginning of the payload; null where it is kept no longer.</summary>
    public PayloadView? Payload { get; init; }
}

/// <summary>A message to publish.</summary>
public sealed record PublishMessage
{
    /// <summary>The topic.</summary>
    public required string Topic { get; init; }

    /// <summary>The payload.</summary>
    public byte[] Payload { get; init; } = [];

    /// <summary>The QoS: 0, 1 or 2.</summary>
    public int QoS { get; init; }

    /// <summary>Whether the topic keeps it.</summary>
    public bool Retain { get; init; }

    /// <summary>Message Expiry Interval in seconds, or null.</summary>
    public long? ExpiryInterval { get; init; }

    /// <summary>The properties of MQTT 5.</summary>
    public MessagePropertiesView Properties { get; init; } = new();
}

/// <summary>What became of a message that was published.</summary>
/// <param name="Topic">Its topic.</param>
/// <param name="MatchedSubscribers">How many sessions and share groups it matched.</param>
/// <param name="Persisted">Whether something of it had to be stored, and now is.</param>
public sealed record PublishResult(string Topic, int MatchedSubscribers, bool Persisted);

using System.Text;

namespace Broker.Core.Protocol;

/// <summary>
/// An application message while it passes through the broker: nothing is owned, everything lies in the bytes that were received. Who needs it longer
/// keeps an <see cref="ApplicationMessage"/> of it.
/// </summary>
public readonly ref struct Publication
{
    /// <summary>Topic Name in UTF-8, never empty.</summary>
    public required ReadOnlySpan<byte> Topic { get; init; }

    /// <summary>The properties that go to the subscribers, in wire form (see <see cref="Protocol.Properties.CopyForwarded"/>).</summary>
    public ReadOnlySpan<byte> Properties { get; init; }

    /// <summary>The payload.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>The QoS that it was published with.</summary>
    public QualityOfService QoS { get; init; }

    /// <summary>Whether it was published with RETAIN.</summary>
    public bool Retain { get; init; }

    /// <summary>When it expires, in milliseconds since 1970; <see cref="ApplicationMessage.Never"/> if it does not.</summary>
    public required long ExpiresAt { get; init; }

    /// <summary>The client identifier of its publisher, or null if it comes from the server itself.</summary>
    public string? Publisher { get; init; }

    /// <summary>The user that its publisher had proven to be, or null.</summary>
    public string? PublisherUser { get; init; }
}

/// <summary>An application message that is kept: in a session's queue, as a retained message or as a will (MQTT 5, section 1.2).</summary>
public sealed class ApplicationMessage
{
    /// <summary>The <see cref="ExpiresAt"/> of a message that does not expire.</summary>
    public const long Never = long.MaxValue;

    private readonly byte[] bytes;
    private readonly int topicLength;
    private readonly int propertiesLength;

    /// <summary>Keeps a copy of a publication.</summary>
    public ApplicationMessage(in Publication publication)
    {
        topicLength = publication.Topic.Length;
        propertiesLength = publication.Properties.Length;
        bytes = GC.AllocateUninitializedArray<byte>(topicLength + propertiesLength + publication.Payload.Length);
        publication.Topic.CopyTo(bytes);
        publication.Properties.CopyTo(bytes.AsSpan(topicLength));
        publication.Payload.CopyTo(bytes.AsSpan(topicLength + propertiesLength));
        QoS = publication.QoS;
        Retain = publication.Retain;
        ExpiresAt = publication.ExpiresAt;
        Publisher = publication.Publisher;
        PublisherUser = publication.PublisherUser;
    }

    /// <summary>Topic Name in UTF-8.</summary>
    public ReadOnlySpan<byte> Topic => bytes.AsSpan(0, topicLength);

    /// <summary>Topic Name as text.</summary>
    public string TopicText => Encoding.UTF8.GetString(Topic);

    /// <summary>The properties that go to the subscribers, in wire form.</summary>
    public ReadOnlySpan<byte> Properties => bytes.AsSpan(topicLength, propertiesLength);

    /// <summary>The payload.</summary>
    public ReadOnlySpan<byte> Payload => bytes.AsSpan(topicLength + propertiesLength);

    /// <summary>Topic, properties and payload, one behind the other.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <summary>The QoS that it was published with.</summary>
    public QualityOfService QoS { get; }

    /// <summary>Whether it was published with RETAIN.</summary>
    public bool Retain { get; }

    /// <summary>When it expires, in milliseconds since 1970; <see cref="Never"/> if it does not.</summary>
    public long ExpiresAt { get; }

    /// <summary>The client identifier of its publisher, or null if it comes from the server itself.</summary>
    public string? Publisher { get; }

    /// <summary>The user that its publisher had proven to be, or null; known of retained messages and wills.</summary>
    public string? PublisherUser { get; }

    /// <summary>The order in which it was retained, counted from 1; 0 if it was not.</summary>
    internal long RetainedSequence { get; set; }

    /// <summary>How many bytes of payload lie in the store only: all of it, or 0.</summary>
    internal int MissingPayload { get; set; }

    /// <summary>Whether its payload is in memory.</summary>
    internal bool IsWhole => MissingPayload == 0;

    /// <summary>Whether it is committed as a retained message.</summary>
    internal bool IsStored { get; set; }

    /// <summary>The bytes that it holds.</summary>
    public int Size => bytes.Length;

    /// <summary>A retained message whose payload lies in the store only.</summary>
    internal ApplicationMessage WithoutPayload() => new(AsPublication() with { Payload = [] })
    {
        RetainedSequence = RetainedSequence,
        MissingPayload = Payload.Length,
        IsStored = true,
    };

    /// <summary>The message as it passes through the broker.</summary>
    public Publication AsPublication() => new()
    {
        Topic = Topic,
        Properties = Properties,
        Payload = Payload,
        QoS = QoS,
        Retain = Retain,
        ExpiresAt = ExpiresAt,
        Publisher = Publisher,
        PublisherUser = PublisherUser,
    };
}

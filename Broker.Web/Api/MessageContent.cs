using Broker.Web.Operations;
using Broker.Web.Operations.Messages;

namespace Broker.Web.Api;

/// <summary>What is published, but for its topic.</summary>
internal record MessageContent
{
    /// <summary>The payload as text.</summary>
    public string? Payload { get; init; }

    /// <summary>The payload in base64, instead.</summary>
    public string? PayloadBase64 { get; init; }

    /// <summary>The QoS: 0, 1 or 2.</summary>
    public int QoS { get; init; }

    /// <summary>Message Expiry Interval in seconds.</summary>
    public long? ExpiryInterval { get; init; }

    /// <summary>The properties of MQTT 5.</summary>
    public MessagePropertiesView? Properties { get; init; }

    /// <summary>The message.</summary>
    /// <param name="topic">Its topic.</param>
    /// <param name="at">What stands before the names of its parts where one is wrong.</param>
    /// <exception cref="InvalidInputException">The payload cannot be read.</exception>
    public PublishMessage For(string topic, string at = "") => new()
    {
        Topic = topic,
        Payload = Bytes(at),
        QoS = QoS,
        ExpiryInterval = ExpiryInterval,
        Properties = Properties ?? new MessagePropertiesView(),
    };

    private byte[] Bytes(string at)
    {
        if (PayloadBase64 is null) return System.Text.Encoding.UTF8.GetBytes(Payload ?? "");
        if (Payload is not null) throw new InvalidInputException(at + "payloadBase64", "allowed is payload or payloadBase64, not both");
        try
        {
            return Convert.FromBase64String(PayloadBase64);
        }
        catch (FormatException)
        {
            throw new InvalidInputException(at + "payloadBase64", "it is no base64");
        }
    }
}

/// <summary>A message to publish.</summary>
internal sealed record PublishRequest : MessageContent
{
    /// <summary>The topic.</summary>
    public required string Topic { get; init; }

    /// <summary>Whether the topic keeps it.</summary>
    public bool Retain { get; init; }

    /// <summary>The message.</summary>
    /// <param name="at">What stands before the names of its parts where one is wrong.</param>
    public PublishMessage Message(string at = "") => For(Topic, at) with { Retain = Retain };
}

/// <summary>Messages to publish in their order.</summary>
/// <param name="Messages">The messages.</param>
internal sealed record PublishBatchRequest(IReadOnlyList<PublishRequest> Messages);

/// <summary>What became of each message, in their order.</summary>
/// <param name="Results">The results.</param>
internal sealed record PublishBatchAnswer(IReadOnlyList<PublishResult> Results);

using System.Text;
using Broker.Web.Operations.Messages;

namespace Broker.Web.Components;

/// <summary>A retained message that is being written.</summary>
public sealed class RetainedDraft
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Its topic.</summary>
    public string Topic { get; set; } = "";

    /// <summary>Whether the topic keeps one already, and is not to be changed.</summary>
    public bool IsKnown { get; init; }

    /// <summary>The payload as text, or as pairs of hex digits.</summary>
    public string Payload { get; set; } = "";

    /// <summary>Whether <see cref="Payload"/> is hex.</summary>
    public bool IsHex { get; set; }

    /// <summary>The QoS.</summary>
    public int QoS { get; set; } = 1;

    /// <summary>Seconds until it expires, or null.</summary>
    public long? Expiry { get; set; }

    /// <summary>Content Type.</summary>
    public string ContentType { get; set; } = "";

    private MessagePropertiesView Properties { get; init; } = new();

    /// <summary>A draft of a message that is there: what the form does not show stays as it is.</summary>
    internal static RetainedDraft Of(RetainedView message)
    {
        var text = TextOf(message.Payload.Bytes);
        return new RetainedDraft
        {
            Topic = message.Topic,
            IsKnown = true,
            Payload = text ?? Convert.ToHexStringLower(message.Payload.Bytes),
            IsHex = text is null,
            QoS = message.QoS,
            Expiry = message.ExpiresAt is { } at ? Math.Max(1, (long)(at - DateTime.UtcNow).TotalSeconds) : null,
            ContentType = message.Properties.ContentType ?? "",
            Properties = message.Properties,
        };
    }

    /// <summary>The message.</summary>
    /// <exception cref="FormatException">The payload is not hex as it says.</exception>
    internal PublishMessage ToMessage() => new()
    {
        Topic = Topic,
        Payload = IsHex ? FromHex(Payload) : Encoding.UTF8.GetBytes(Payload),
        QoS = QoS,
        Retain = true,
        ExpiryInterval = Expiry,
        Properties = Properties with { ContentType = ContentType.Length == 0 ? null : ContentType },
    };

    private static byte[] FromHex(string text)
    {
        try
        {
            return Convert.FromHexString(string.Concat(text.Where(letter => !char.IsWhiteSpace(letter))));
        }
        catch (FormatException)
        {
            throw new FormatException("The payload is not hex: write pairs of the digits 0 to 9 and a to f.");
        }
    }

    private static string? TextOf(byte[] payload)
    {
        try
        {
            return Strict.GetString(payload);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}

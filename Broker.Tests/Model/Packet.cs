using System.Text;
using Broker.Core.Protocol;

namespace Broker.Tests.Model;

/// <summary>
/// A packet from the broker as far as the standard determines it, or what the model expects it to be. Subscription Identifiers count as a set, and a topic
/// alias as the topic that it stands for.
/// </summary>
/// <param name="Order">Packets with the same word here keep their order.</param>
/// <param name="Text">What must be equal.</param>
public sealed record Packet(string Order, string Text)
{
    /// <summary>The text that is right as well.</summary>
    public string? Or { get; init; }

    /// <summary>Expected: the milliseconds until the message expires.</summary>
    public long? Remaining { get; init; }

    /// <summary>Received: the Message Expiry Interval.</summary>
    public uint? Expiry { get; init; }

    /// <summary>Whether a received packet is what was expected. The remaining interval may be rounded either way.</summary>
    public bool IsMetBy(Packet received) => (received.Text == Text || (Or is not null && received.Text == Or))
        && (Remaining is null) == (received.Expiry is null)
        && (Remaining is not { } remaining || Math.Abs(Math.Max(0, remaining) - received.Expiry!.Value * 1000L) < 1000);

    /// <inheritdoc/>
    public override string ToString() => Text + (Remaining is { } remaining ? $" expiring in {remaining / 1000.0} s" : Expiry is { } seconds ? $" expiring in {seconds} s" : "");

    /// <summary>The end of the connection.</summary>
    public static readonly Packet Closed = new("end", "the end of the connection");

    /// <summary>CONNACK.</summary>
    public static Packet ConnAck(bool present, ReasonCode reason) => new("CONNACK", $"CONNACK {reason}{(present ? ", session present" : "")}");

    /// <summary>DISCONNECT.</summary>
    public static Packet Disconnect(ReasonCode reason) => new("end", $"DISCONNECT {reason}");

    /// <summary>An answer to PUBLISH, PUBREC or PUBREL.</summary>
    public static Packet Answer(ControlPacketType type, ushort identifier, ReasonCode reason) =>
        new(type == ControlPacketType.PubRel ? "PUBREL" : "answers", AnswerText(type, identifier, reason));

    /// <summary>PUBACK or PUBREC to a message that nobody gets: the server may say so.</summary>
    public static Packet AnswerForNobody(ControlPacketType type, ushort identifier) =>
        Answer(type, identifier, ReasonCode.Success) with { Or = AnswerText(type, identifier, ReasonCode.NoMatchingSubscribers) };

    /// <summary>SUBACK or UNSUBACK.</summary>
    public static Packet Answer(ControlPacketType type, ushort identifier, IEnumerable<byte> reasons) =>
        new("answers", $"{type} {identifier}: {string.Join(' ', reasons.Select(reason => $"{reason:X2}"))}");

    /// <summary>PUBLISH.</summary>
    public static Packet Publish(string topic, string payload, PublishFlags flags, ushort identifier, IEnumerable<uint> subscriptions, string? user)
    {
        var text = new StringBuilder($"PUBLISH {topic} '{payload}' QoS {(int)flags.QoS}");
        if (identifier > 0) text.Append($" with identifier {identifier}");
        if (flags.Retain) text.Append(" RETAIN");
        if (flags.Duplicate) text.Append(" DUP");
        string matched = string.Join(' ', subscriptions.Order());
        if (matched.Length > 0) text.Append($" for subscriptions {matched}");
        if (user is not null) text.Append($" with user property {user}");
        return new($"{topic} QoS {(int)flags.QoS}", text.ToString());
    }

    private static string AnswerText(ControlPacketType type, ushort identifier, ReasonCode reason) => $"{type} {identifier} {reason}";
}

/// <summary>The fixed header flags of a PUBLISH.</summary>
public readonly record struct PublishFlags(QualityOfService QoS, bool Retain, bool Duplicate);

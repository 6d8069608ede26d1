using System.Diagnostics.CodeAnalysis;

namespace Broker.Core.Protocol;

/// <summary>
/// The peer broke the standard. It carries the reason code to answer with and says what was wrong; the connection that sent the packet ends
/// (MQTT 5, section 4.13), nothing else does.
/// </summary>
public sealed class ProtocolViolation(ReasonCode reason, string message) : Exception(message)
{
    /// <summary>The reason code that the peer is told.</summary>
    public ReasonCode Reason => reason;

    /// <summary>What operators are told beyond the message, and the peer is not; null for nothing.</summary>
    public string? Detail { get; init; }

    /// <summary>What operators are told.</summary>
    public string Told => Detail is null ? Message : $"{Message}: {Detail}";

    /// <summary>Throws the violation; a method of its own so that callers on the hot path stay small.</summary>
    /// <exception cref="ProtocolViolation">Always.</exception>
    [DoesNotReturn]
    public static void Throw(ReasonCode reason, string message) => throw new ProtocolViolation(reason, message);
}

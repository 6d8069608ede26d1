using Broker.Core.Protocol;

namespace Broker.Core.Diagnostics;

/// <summary>A session as it stood at one moment.</summary>
public sealed record SessionState
{
    /// <summary>The broker's own name for it, as in the store.</summary>
    public required long Key { get; init; }

    /// <summary>The client's name.</summary>
    public required string ClientIdentifier { get; init; }

    /// <summary>The client while it is connected, or null.</summary>
    public required ConnectedClient? Client { get; init; }

    /// <summary>Whether a connection has it, even one that is not let in yet.</summary>
    public required bool IsConnected { get; init; }

    /// <summary>How long it outlives its connection, in seconds; 0xFFFFFFFF for ever.</summary>
    public required uint ExpiryInterval { get; init; }

    /// <summary>Whether its queue is in the store.</summary>
    public required bool IsStored { get; init; }

    /// <summary>QoS 1 and 2 messages that wait or are in flight.</summary>
    public required long Queued { get; init; }

    /// <summary>About how many bytes wait for the client, in memory and in the store.</summary>
    public required long QueuedBytes { get; init; }

    /// <summary>Messages that were sent on this connection and are not acknowledged yet.</summary>
    public required int InFlight { get; init; }

    /// <summary>How many subscriptions it has.</summary>
    public required int Subscriptions { get; init; }

    /// <summary>The highest sequence that was ever sent to the client.</summary>
    public required long HighestSent { get; init; }
}

/// <summary>Where a QoS 1 or 2 message stands with its receiver.</summary>
public enum QueuedState
{
    /// <summary>It waits for its turn, or for its commit.</summary>
    Waiting,

    /// <summary>It was sent; PUBACK or PUBREC is due.</summary>
    Sent,

    /// <summary>PUBREC came; PUBCOMP is due.</summary>
    Released,
}

/// <summary>A QoS 1 or 2 message of a session that is in memory.</summary>
/// <param name="Sequence">Its place in the queue.</param>
/// <param name="PacketIdentifier">The packet identifier that it is sent with.</param>
/// <param name="QoS">The QoS it is delivered with.</param>
/// <param name="Retain">RETAIN of the copy.</param>
/// <param name="State">Where it stands.</param>
/// <param name="ShareFilter">The whole filter of the share group it came through, or null.</param>
/// <param name="Message">The message; null where it was sent and is kept no longer.</param>
public sealed record QueuedMessage(long Sequence, ushort PacketIdentifier, QualityOfService QoS, bool Retain, QueuedState State, string? ShareFilter, ApplicationMessage? Message);

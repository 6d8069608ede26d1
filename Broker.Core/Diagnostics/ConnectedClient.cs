using Broker.Core.Protocol;

namespace Broker.Core.Diagnostics;

/// <summary>A client that is connected, or was, as it stood at one moment.</summary>
public sealed record ConnectedClient
{
    /// <summary>Its client identifier.</summary>
    public required string ClientIdentifier { get; init; }

    /// <summary>The user that it proved to be, or null if it is anonymous.</summary>
    public required string? UserName { get; init; }

    /// <summary>Where it connects from, or null where its carrier has no address.</summary>
    public required string? Address { get; init; }

    /// <summary>The URL of the listener that accepted it.</summary>
    public required string Listener { get; init; }

    /// <summary>The protocol version that it speaks.</summary>
    public required ProtocolVersion Version { get; init; }

    /// <summary>When CONNACK 0x00 was given to it.</summary>
    public required DateTimeOffset ConnectedAt { get; init; }

    /// <summary>What it had sent and received up to that moment; nobody counts on in this copy.</summary>
    public required Traffic Traffic { get; init; }
}

using Broker.Core.Protocol;

namespace Broker.Core.Storage;

/// <summary>What a store held when it was opened.</summary>
/// <param name="Sessions">The sessions that were not discarded.</param>
/// <param name="Retained">The retained messages, in the order in which they were stored.</param>
/// <param name="LastSession">The highest key that a session ever had, as far as the store knows: keys of new ones are higher.</param>
/// <param name="LastMessage">The highest id of a message that is stored once for several entries.</param>
public sealed record StoredState(IReadOnlyList<StoredSession> Sessions, IReadOnlyList<StoredRetained> Retained, long LastSession, long LastMessage)
{
    /// <summary>A store that holds nothing.</summary>
    public static StoredState Empty { get; } = new([], [], 0, 0);
}

/// <summary>A session as it was stored.</summary>
public sealed class StoredSession
{
    /// <summary>Its key.</summary>
    public required long Key { get; init; }

    /// <summary>The client's name.</summary>
    public required string ClientIdentifier { get; init; }

    /// <summary>The user that made it, or null.</summary>
    public string? UserName { get; init; }

    /// <summary>Whether an administrator let go of it, and nobody took it since.</summary>
    public bool IsReleased { get; init; }

    /// <summary>How long it outlives its connection, in seconds; 0: it ended with it.</summary>
    public required uint ExpiryInterval { get; init; }

    /// <summary>When its connection ended, in milliseconds since 1970; null if it was connected when the process ended.</summary>
    public long? DetachedAt { get; init; }

    /// <summary>
    /// The highest sequence that counts as sent. Of a session that was connected when the process ended, at least that of the entry with which its stored
    /// entries reach the connection's Receive Maximum.
    /// </summary>
    public long HighestSent { get; init; }

    /// <summary>How many entries with a sequence above 0 are stored.</summary>
    public long Entries { get; init; }

    /// <summary>The bytes of their messages.</summary>
    public long EntryBytes { get; init; }

    /// <summary>Their lowest sequence, or 0.</summary>
    public long FirstSequence { get; init; }

    /// <summary>Their highest sequence, or 0.</summary>
    public long LastSequence { get; init; }

    /// <summary>How many of them came through a share group.</summary>
    public long SharedEntries { get; init; }

    /// <summary>The lowest sequence below 0: that of an entry beside the queue; or 0.</summary>
    public long LowestBeside { get; init; }

    /// <summary>Its subscriptions.</summary>
    public List<StoredSubscription> Subscriptions { get; } = [];

    /// <summary>Packet identifiers of QoS 2 messages that the client published and did not release.</summary>
    public List<ushort> Identifiers { get; } = [];

    /// <summary>Its will, or null.</summary>
    public WillStored? Will { get; set; }
}

/// <summary>A subscription as it was stored.</summary>
/// <param name="Number">Its number within the session.</param>
/// <param name="Filter">The whole text of its filter.</param>
/// <param name="Options">What it asks for.</param>
/// <param name="Identifier">Subscription Identifier, or 0.</param>
public readonly record struct StoredSubscription(int Number, string Filter, SubscriptionOptions Options, uint Identifier);

/// <summary>A retained message as it was stored.</summary>
/// <param name="Topic">The broker's number for the topic.</param>
/// <param name="Message">The message; without its payload where the store was told to leave it out.</param>
/// <param name="PayloadLength">How long the payload is, in bytes.</param>
public readonly record struct StoredRetained(long Topic, ApplicationMessage Message, int PayloadLength);

/// <summary>An entry of a session's queue as it was stored.</summary>
/// <param name="Sequence">Its place.</param>
/// <param name="Message">The message.</param>
/// <param name="QoS">The QoS it is delivered with.</param>
/// <param name="Retain">RETAIN of the copy.</param>
/// <param name="Identifiers">Subscription Identifiers of the copy.</param>
/// <param name="ShareFilter">The whole filter of the share group it came through, or null.</param>
/// <param name="IsReleased">Whether PUBREC came for it.</param>
public readonly record struct StoredEntry(
    long Sequence, ApplicationMessage Message, QualityOfService QoS, bool Retain, uint[] Identifiers, string? ShareFilter, bool IsReleased);

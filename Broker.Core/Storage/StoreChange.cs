using Broker.Core.Protocol;

namespace Broker.Core.Storage;

/// <summary>
/// One change of what outlives the process. Sessions are named by the key that the broker made for them, never by the client identifier, so that a late
/// change for a discarded session cannot land in its successor.
/// </summary>
public abstract record StoreChange
{
    /// <summary>Whether the change has become needless before it was written: a message that its receiver acknowledged first.</summary>
    public virtual bool IsElided => false;
}

/// <summary>A session begins, or its owner's settings change.</summary>
public sealed record SessionStored(long Session, string ClientIdentifier, uint ExpiryInterval) : StoreChange;

/// <summary>A session ends; all that belongs to it goes with it.</summary>
public sealed record SessionDiscarded(long Session) : StoreChange;

/// <summary>A session's connection ended, at that time in milliseconds since 1970, with that highest sequence sent.</summary>
public sealed record SessionDetached(long Session, uint ExpiryInterval, long At, long HighestSequenceSent) : StoreChange;

/// <summary>A subscription is new or changed.</summary>
public sealed record SubscriptionStored(long Session, string Filter, SubscriptionOptions Options, uint Identifier) : StoreChange;

/// <summary>A subscription was taken back.</summary>
public sealed record SubscriptionRemoved(long Session, string Filter) : StoreChange;

/// <summary>A message waits for a session.</summary>
public sealed record EntryQueued(
    long Session, long Sequence, ApplicationMessage Message, QualityOfService QoS, bool Retain, uint[] Identifiers) : StoreChange
{
    private volatile bool elided;

    /// <inheritdoc/>
    public override bool IsElided => elided;

    /// <summary>The receiver has acknowledged it: it need not be written if it was not written yet.</summary>
    public void Elide() => elided = true;
}

/// <summary>The receiver of a QoS 2 message sent PUBREC: from now on PUBREL is sent for it.</summary>
public sealed record EntryReleased(long Session, long Sequence) : StoreChange;

/// <summary>A message is done for a session: acknowledged, expired or refused.</summary>
public sealed record EntrySettled(long Session, long Sequence) : StoreChange;

/// <summary>A QoS 2 PUBLISH with this packet identifier was routed and is not to be routed again.</summary>
public sealed record IdentifierSeen(long Session, ushort PacketIdentifier) : StoreChange;

/// <summary>PUBREL came: the packet identifier stands for a new message from now on.</summary>
public sealed record IdentifierForgotten(long Session, ushort PacketIdentifier) : StoreChange;

/// <summary>A topic's retained message is new.</summary>
public sealed record RetainedStored(ApplicationMessage Message) : StoreChange;

/// <summary>A topic has no retained message any more.</summary>
public sealed record RetainedCleared(byte[] Topic) : StoreChange;

/// <summary>A session has a will.</summary>
public sealed record WillStored(long Session, ApplicationMessage Message, uint DelayInterval) : StoreChange;

/// <summary>A session's will was deleted or published.</summary>
public sealed record WillRemoved(long Session) : StoreChange;

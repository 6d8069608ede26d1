using Broker.Core.Protocol;

namespace Broker.Core.Storage;

/// <summary>
/// One change of what outlives the process. Sessions are named by the key that the broker made for them, never by the client identifier, so that a late
/// change for a discarded session cannot land in its successor.
/// </summary>
public abstract record StoreChange
{
    /// <summary>About how many bytes it keeps in memory until it is committed.</summary>
    public virtual int Size => 100;
}

/// <summary>A session begins, or a connection takes it; from now on it counts as connected.</summary>
/// <param name="Session">Its key.</param>
/// <param name="ClientIdentifier">The client's name.</param>
/// <param name="UserName">The user that the client proved to be, if any.</param>
/// <param name="ExpiryInterval">How long it outlives its connection, in seconds; 0 ends it with the connection, 0xFFFFFFFF never.</param>
/// <param name="ReceiveMaximum">How many messages may be in flight to this connection.</param>
/// <param name="At">When, in milliseconds since 1970.</param>
public sealed record SessionStored(long Session, string ClientIdentifier, string? UserName, uint ExpiryInterval, int ReceiveMaximum, long At) : StoreChange;

/// <summary>A session ends; all that belongs to it goes with it, now or in time.</summary>
/// <param name="Session">Its key.</param>
/// <param name="At">When, in milliseconds since 1970.</param>
public sealed record SessionDiscarded(long Session, long At) : StoreChange;

/// <summary>A session's connection ended.</summary>
/// <param name="Session">Its key.</param>
/// <param name="ExpiryInterval">How long the session lasts from now on, in seconds.</param>
/// <param name="At">When, in milliseconds since 1970.</param>
/// <param name="HighestSent">The highest sequence that was ever sent to the client.</param>
public sealed record SessionDetached(long Session, uint ExpiryInterval, long At, long HighestSent) : StoreChange;

/// <summary>A subscription is new or changed.</summary>
/// <param name="Session">Whose it is.</param>
/// <param name="Number">Its number within the session, the same as long as it exists.</param>
/// <param name="Filter">The whole text of its filter, with <c>$share</c>.</param>
/// <param name="Options">What it asks for; the QoS is the one granted.</param>
/// <param name="Identifier">Subscription Identifier, or 0.</param>
public sealed record SubscriptionStored(long Session, int Number, string Filter, SubscriptionOptions Options, uint Identifier) : StoreChange
{
    /// <inheritdoc/>
    public override int Size => 100 + Filter.Length;
}

/// <summary>A subscription was taken back.</summary>
public sealed record SubscriptionRemoved(long Session, int Number) : StoreChange;

/// <summary>A message waits for a session.</summary>
/// <param name="Session">Whose queue it stands in.</param>
/// <param name="Sequence">Its place there. A negative one stands beside the queue: a message of a share group that a member without a stored session has.</param>
/// <param name="Message">The message.</param>
/// <param name="QoS">The QoS it is delivered with, 1 or 2.</param>
/// <param name="Retain">RETAIN of the copy.</param>
/// <param name="Identifiers">Subscription Identifiers of the copy.</param>
/// <param name="ShareFilter">The whole filter of the share group it came through, or null.</param>
public sealed record EntryQueued(
    long Session, long Sequence, ApplicationMessage Message, QualityOfService QoS, bool Retain, uint[] Identifiers, string? ShareFilter) : StoreChange
{
    private const int Waiting = 0, Elided = 1, Cut = 2, Committed = 3;
    private int state;
    private JournalUnit? unit;

    /// <inheritdoc/>
    public override int Size => 160 + Message.Size;

    /// <summary>The message; null once it is committed, as a session may hold on to this for longer.</summary>
    public ApplicationMessage Message { get; private set; } = Message;

    /// <summary>
    /// Where several entries of one unit hold the same message, its id, so that it is stored once beside them; 0 where this entry is the only one and holds
    /// the message itself. Set by the journal when the batch is cut.
    /// </summary>
    public long MessageId { get; internal set; }

    /// <summary>Whether the receiver has got it and is likely to acknowledge it soon; see <see cref="Journal.Patience"/>. Set before it is appended.</summary>
    public bool IsAwaited { get; internal set; }

    /// <summary>The unit that it was appended with, until it is elided or committed.</summary>
    internal JournalUnit? Unit => Volatile.Read(ref unit);

    /// <summary>Whether it is still to be committed.</summary>
    public bool IsPending => Volatile.Read(ref state) is Waiting or Cut;

    /// <summary>The receiver has acknowledged it. If it was not cut into a batch yet, it is never written, and nothing has to be taken back.</summary>
    /// <returns>Whether it is never written.</returns>
    public bool TryElide()
    {
        if (Interlocked.CompareExchange(ref state, Elided, Waiting) != Waiting) return false;
        Leave();
        return true;
    }

    /// <summary>It is appended with a unit, which counts it once, whether it was elided before or will be.</summary>
    internal void Join(JournalUnit to)
    {
        Interlocked.Exchange(ref unit, to);
        if (Volatile.Read(ref state) == Elided) Leave();
    }

    /// <summary>The journal cuts it into a batch.</summary>
    /// <returns>False if it was elided.</returns>
    internal bool TryCut() => Interlocked.CompareExchange(ref state, Cut, Waiting) == Waiting;

    /// <summary>The batch is committed, or the store has refused it for ever.</summary>
    internal void MarkCommitted()
    {
        Message = null!;
        Volatile.Write(ref unit, null);
        Volatile.Write(ref state, Committed);
    }

    private void Leave() => Interlocked.Exchange(ref unit, null)?.Elide();
}

/// <summary>The receiver of a QoS 2 message sent PUBREC: from now on PUBREL is sent for it.</summary>
public sealed record EntryReleased(long Session, long Sequence) : StoreChange;

/// <summary>Messages that follow each other are done for a session: acknowledged, expired, moved or refused. Until the journal takes the change, more of them can join it.</summary>
/// <param name="Session">Whose queue they stand in.</param>
/// <param name="First">The place of the first one there.</param>
public sealed record EntrySettled(long Session, long First) : StoreChange
{
    /// <summary>As many can be in one change, so that no batch becomes too large.</summary>
    public const int Most = 4_096;

    private const long Taken = long.MinValue;
    private long next = First + 1;

    /// <summary>The place of the last one; it stays once the journal has taken the change.</summary>
    public long Last { get; private set; } = First;

    /// <summary>How many there are.</summary>
    public int Count => (int)(Last - First + 1);

    /// <summary>One more is done.</summary>
    /// <returns>False if it does not follow the last one, there are <see cref="Most"/>, or the journal has taken the change: then it needs one of its own.</returns>
    public bool TryExtend(long sequence) => sequence - First < Most && Interlocked.CompareExchange(ref next, sequence + 1, sequence) == sequence;

    /// <summary>The journal takes it. Called once.</summary>
    /// <returns>How many there are.</returns>
    internal int Take()
    {
        Last = Interlocked.Exchange(ref next, Taken) - 1;
        return Count;
    }
}

/// <summary>A QoS 2 PUBLISH with this packet identifier was routed and is not to be routed again.</summary>
public sealed record IdentifierSeen(long Session, ushort PacketIdentifier) : StoreChange;

/// <summary>PUBREL came: the packet identifier stands for a new message from now on.</summary>
public sealed record IdentifierForgotten(long Session, ushort PacketIdentifier) : StoreChange;

/// <summary>A topic's retained message is new. Changes of one topic come in the order in which they happened.</summary>
/// <param name="Topic">The broker's number for the topic, the same as long as it has a retained message.</param>
/// <param name="Message">The message, whole.</param>
/// <param name="At">When, in milliseconds since 1970.</param>
public sealed record RetainedStored(long Topic, ApplicationMessage Message, long At) : StoreChange
{
    /// <inheritdoc/>
    public override int Size => 100 + Message.Size;
}

/// <summary>A topic has no retained message any more.</summary>
public sealed record RetainedCleared(long Topic) : StoreChange;

/// <summary>A session has a will.</summary>
/// <param name="Session">Whose it is.</param>
/// <param name="Message">What is published.</param>
/// <param name="DelayInterval">Will Delay Interval in seconds.</param>
/// <param name="ExpiryInterval">Message Expiry Interval in seconds, counted from its publication, or null.</param>
public sealed record WillStored(long Session, ApplicationMessage Message, uint DelayInterval, uint? ExpiryInterval) : StoreChange
{
    /// <inheritdoc/>
    public override int Size => 100 + Message.Size;
}

/// <summary>An administrator gave a session to another user, or let go of it.</summary>
/// <param name="Session">The session's key.</param>
/// <param name="UserName">The user that it belongs to, or null for an anonymous client.</param>
/// <param name="IsReleased">Whether the next client of its identifier becomes the owner, whoever that is.</param>
public sealed record SessionOwned(long Session, string? UserName, bool IsReleased) : StoreChange;

/// <summary>A session's will was deleted or published.</summary>
public sealed record WillRemoved(long Session) : StoreChange;

/// <summary>Somebody changed something: the row that tells who and what, committed with the change itself.</summary>
/// <param name="At">When, in milliseconds since 1970.</param>
/// <param name="Actor">The account or API key that did it.</param>
/// <param name="Address">Where the request came from, or null.</param>
/// <param name="Action">What was done, a verb and a noun such as <c>session deleted</c>.</param>
/// <param name="Target">To what: a client identifier, a topic, a name.</param>
/// <param name="Detail">What else there is to say, or null.</param>
public sealed record AuditRecorded(long At, string Actor, string? Address, string Action, string Target, string? Detail) : StoreChange
{
    /// <inheritdoc/>
    public override int Size => 100 + Target.Length + (Detail?.Length ?? 0);
}

/// <summary>What a program asked for with a key was done: whoever sends it again gets the same answer. Of two with one key the later one stays: a key may be used again after a day.</summary>
/// <param name="Key">Stands for who asked, and the key that they gave.</param>
/// <param name="Request">Stands for what was asked for.</param>
/// <param name="At">When, in milliseconds since 1970.</param>
public sealed record RequestAnswered(string Key, string Request, long At) : StoreChange
{
    /// <summary>How many sessions and share groups a message matched.</summary>
    public int Matched { get; init; }

    /// <summary>Whether something of the message had to be stored.</summary>
    public bool IsPersisted { get; init; }

    /// <inheritdoc/>
    public override int Size => 100 + Key.Length + Request.Length;
}

using System.Collections.Concurrent;
using Broker.Core.Access;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Storage;

namespace Broker.Core.Sessions;

/// <summary>What a connection wants of its session.</summary>
/// <param name="Client">Who comes.</param>
/// <param name="CleanStart">Whether an existing one is discarded first.</param>
/// <param name="ExpiryInterval">How long it outlives the connection, in seconds.</param>
/// <param name="ReceiveMaximum">How many QoS 1 and 2 messages may be in flight to the client.</param>
/// <param name="Will">The Will Message, if there is one.</param>
internal sealed record AttachRequest(ClientIdentity Client, bool CleanStart, uint ExpiryInterval, int ReceiveMaximum, PendingWill? Will)
{
    /// <summary>Whose session.</summary>
    public string ClientIdentifier => Client.ClientIdentifier;

    /// <summary>Where the connection comes from.</summary>
    public string? Address => Client.Address?.ToString();
}

/// <summary>
/// All sessions by client identifier: attach, take over, expire (MQTT 5, sections 3.1.2.4, 3.1.2.11.2 and 3.1.4). One connection at a time has a
/// session; who comes later waits until the earlier one has let go of it.
/// </summary>
public sealed partial class SessionRegistry : IDisposable
{
    private readonly ConcurrentDictionary<string, Session> sessions = new(StringComparer.Ordinal);
    /// <summary>How long a CONNECT waits for the store.</summary>
    private static readonly TimeSpan StorePatience = TimeSpan.FromSeconds(5);

    private readonly SessionServices services;
    private readonly SessionClock clock;
    private long lastKey;

    /// <summary>Makes an empty registry.</summary>
    public SessionRegistry(SessionServices services)
    {
        this.services = services;
        clock = new SessionClock(services.Time, Due);
    }

    /// <summary>Publishes a will, and takes it from the session of this key in the same transaction, if that is not 0; called under no lock.</summary>
    public Action<PendingWill, long> PublishWill { get; set; } = (_, _) => { };

    /// <summary>The number of sessions, connected or not.</summary>
    public int Count => sessions.Count;

    /// <summary>The sessions at this moment.</summary>
    public IEnumerable<Session> All => sessions.Values;

    /// <summary>The session of a client identifier, or null.</summary>
    public Session? Find(string clientIdentifier) => sessions.GetValueOrDefault(clientIdentifier);

    /// <summary>Gives a connection its session: the existing one or a new one, once an earlier connection has let go of it.</summary>
    /// <returns>The session, and whether it existed before [MQTT-3.2.2-3].</returns>
    /// <exception cref="OperationCanceledException">The connection has ended while it waited for an earlier one.</exception>
    internal async ValueTask<(Session Session, bool Present)> AttachAsync(AttachRequest request, Outbox outbox, CancellationToken cancellation = default)
    {
        bool discarded = false;
        await RequireStoreAsync(request, cancellation).ConfigureAwait(false);
        while (true)
        {
            if (sessions.Count >= services.Limits.Sessions && Find(request.ClientIdentifier) is null)
                ProtocolViolation.Throw(ReasonCode.QuotaExceeded, $"there are as many sessions as allowed: {services.Limits.Sessions} (Mqtt:Limits:Sessions)");
            var session = sessions.GetOrAdd(request.ClientIdentifier, static (id, registry) => registry.Create(id), this);
            Outbox? earlier;
            bool present = false, discard = false, hadWill = false, ended, isOthers;
            lock (session.Gate)
            {
                ended = session.IsEnded;
                isOthers = !ended && !session.BelongsTo(request.Client);
                earlier = session.Owner;
                if (!ended && !isOthers && earlier is null)
                {
                    present = session.Attachments > 0;
                    discard = present && request.CleanStart; // [MQTT-3.1.2-4]
                    if (!discard)
                    {
                        session.ExpiryInterval = request.ExpiryInterval;
                        session.Deadlines.Expiry = session.Deadlines.Will = SessionDeadlines.Never;
                        hadWill = session.Will is not null;
                        session.Will = request.Will;
                        session.Take(request.Client);
                        session.Attach(outbox, request.ReceiveMaximum);
                    }
                }
            }
            if (ended)
            {
                await Task.Yield(); // it is being taken out of the table
                continue;
            }
            if (isOthers) ThrowOthers(session);
            if (earlier is not null)
            {
                services.Counters.TookOver();
                services.Events.Tell(new SessionTakenOver(request.ClientIdentifier, request.Address));
                earlier.Connection.Disconnect(ReasonCode.SessionTakenOver, "another connection took the session over"); // [MQTT-3.1.4-3]
                Failpoints.Reached(Failpoint.TakeOver);
                await earlier.Connection.Detached.WaitAsync(cancellation).ConfigureAwait(false);
                continue;
            }
            if (discard)
            {
                End(session);
                services.Events.Tell(new SessionEnded(request.ClientIdentifier, "a connection with Clean Start"));
                discarded = true;
                continue;
            }
            try
            {
                await CommitAttachAsync(session, request, discarded, hadWill, cancellation).ConfigureAwait(false);
            }
            catch (ProtocolViolation)
            {
                Detach(session, outbox, willIsDue: false); // it was never connected
                throw;
            }
            if (present) HoldToRules(session);
            return (session, present);
        }
    }

    /// <summary>A connection lets go of its session: it goes on without, or ends; and the will is published, now or later, if it is due.</summary>
    internal void Detach(Session session, Outbox outbox, bool willIsDue)
    {
        PendingWill? will = null;
        bool end;
        lock (session.Gate)
        {
            if (session.Owner != outbox) return;
            session.Detach();
            end = session.ExpiryInterval == 0;
            if (!willIsDue) DeleteWill(session); // [MQTT-3.14.4-3]
            if (end) will = Close(session);
            else will = Part(session);
        }
        Publish(will, session);
        if (end) Bury(session);
        else HandOver(session);
    }

    /// <inheritdoc/>
    public void Dispose() => clock.Dispose();

    private long Now => services.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private Session Create(string clientIdentifier) => new(Interlocked.Increment(ref lastKey), clientIdentifier, services);

    // A connection that ends before the commit lets go of the session as any other does. One that waits too long is told that the store is away.
    private async Task CommitAttachAsync(Session session, AttachRequest request, bool discarded, bool hadWill, CancellationToken cancellation)
    {
        var journal = services.Journal;
        if (!journal.IsDurable) return;
        Task commit;
        if (session.ExpiryInterval == 0 && session.Will is null && !session.IsStored)
        {
            if (!discarded) return;
            commit = journal.FlushAsync();
        }
        else
        {
            session.IsStored = true;
            var stored = new SessionStored(session.Key, session.ClientIdentifier, request.Client.UserName, session.ExpiryInterval, request.ReceiveMaximum, Now);
            commit = session.Will is { } will ? journal.CommitAsync(stored, new WillStored(session.Key, will.Message, will.DelayInterval, will.ExpiryInterval))
                : hadWill ? journal.CommitAsync(stored, new WillRemoved(session.Key))
                : journal.CommitAsync(stored);
        }
        try
        {
            await commit.WaitAsync(StorePatience, services.Time, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception away) when (away is TimeoutException or StoreUnavailableException)
        {
            ThrowStoreAway();
        }
    }

    // While the store is known to be away, a CONNECT that needs it waits before it changes anything.
    private async Task RequireStoreAsync(AttachRequest request, CancellationToken cancellation)
    {
        if (services.Journal.IsAccepting) return;
        bool needsStore = request.ExpiryInterval > 0 || request.Will is not null || Find(request.ClientIdentifier) is { IsStored: true };
        if (!needsStore) return;
        var accepting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        services.Journal.WhenAccepting(() => accepting.TrySetResult());
        try
        {
            await accepting.Task.WaitAsync(StorePatience, services.Time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            ThrowStoreAway();
        }
    }

    // Whoever has the session notices nothing of it.
    private void ThrowOthers(Session session)
    {
        services.Counters.Refused();
        string owner = session.UserName is { } user ? $"user '{user}'" : "an anonymous client";
        throw new ProtocolViolation(ReasonCode.NotAuthorized, "the session belongs to somebody else") { Detail = $"to {owner}; an administrator can release it" };
    }

    private void ThrowStoreAway() =>
        ProtocolViolation.Throw(ReasonCode.ServerUnavailable, $"the store is away: {services.Journal.Trouble ?? "it takes too long to write"}");

    private void Due(Session session)
    {
        PendingWill? will = null;
        bool end;
        lock (session.Gate)
        {
            if (session.IsEnded || session.IsConnected) return;
            long now = clock.Now;
            end = session.Deadlines.Expiry <= now; // [MQTT-4.1.0-2]
            if (end) will = Close(session);
            else if (session.Deadlines.Will <= now) will = TakeWill(session);
            if (!end) clock.Schedule(session);
        }
        Publish(will, session);
        if (!end) return;
        services.Counters.SessionExpired();
        services.Events.Tell(new SessionExpired(session.ClientIdentifier));
        Bury(session);
    }

    // Returns whether it was this that ended it.
    private bool End(Session session, AuditRecorded? audit = null)
    {
        PendingWill? will;
        lock (session.Gate)
        {
            if (session.IsEnded || session.IsConnected) return false;
            will = Close(session);
        }
        Publish(will, session);
        Bury(session, audit);
        return true;
    }

    // Under the session's lock: it goes on without a connection.
    private PendingWill? Part(Session session)
    {
        PendingWill? will = null;
        long now = clock.Now;
        if (session.ExpiryInterval != uint.MaxValue) session.Deadlines.Expiry = now + session.ExpiryInterval * 1000L;
        if (session.Will is { DelayInterval: 0 }) will = TakeWill(session);
        else if (session.Will is { } later) session.Deadlines.Will = now + later.DelayInterval * 1000L;
        clock.Schedule(session);
        if (session.IsStored) services.Journal.Append(new SessionDetached(session.Key, session.ExpiryInterval, Now, session.HighestSent));
        return will;
    }

    // Under the session's lock: it ends, so that nobody attaches it any more; its will is due now at the latest (section 3.1.3.2.2).
    private static PendingWill? Close(Session session)
    {
        session.End();
        return TakeWill(session);
    }

    // Under no lock, after Close: what it keeps for its share groups moves, then it is gone.
    private void Bury(Session session, AuditRecorded? audit = null)
    {
        var moved = HandOver(session);
        sessions.TryRemove(new KeyValuePair<string, Session>(session.ClientIdentifier, session));
        clock.Forget(session);
        if (!session.IsJournaled && services.Journal.IsDurable) session.AbandonBeside();
        if (!session.IsStored && audit is null) return;
        if (moved.IsCompleted) Discard(session, audit);
        else _ = DiscardAfterAsync(moved, session, audit);
    }

    private void Discard(Session session, AuditRecorded? audit)
    {
        if (!services.Journal.IsDurable) return;
        var unit = new JournalUnit();
        if (session.IsStored) unit.Changes.Add(new SessionDiscarded(session.Key, Now));
        if (audit is not null) unit.Changes.Add(audit);
        services.Journal.Append(unit);
    }

    private async Task DiscardAfterAsync(Task moved, Session session, AuditRecorded? audit)
    {
        await moved.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Discard(session, audit);
    }

    private Task HandOver(Session session)
    {
        var delivery = Delivery.Rent(services.Time);
        var moved = session.HandOver(delivery);
        delivery.Return();
        return moved;
    }

    // Under the session's lock: whoever takes it publishes it, and it leaves the store in the same transaction.
    private static PendingWill? TakeWill(Session session)
    {
        var will = session.Will;
        session.Will = null;
        session.Deadlines.Will = SessionDeadlines.Never;
        return will;
    }

    private void DeleteWill(Session session)
    {
        if (TakeWill(session) is not null && session.IsStored) services.Journal.Append(new WillRemoved(session.Key));
    }

    private void Publish(PendingWill? will, Session session)
    {
        if (will is null) return;
        if (session.MayPublishWill(will.Message, out var decision))
        {
            PublishWill(will, session.IsStored ? session.Key : 0);
            return;
        }
        services.Counters.Denied();
        services.Events.Tell(new AccessDenied(session.ClientIdentifier, "publish its will to", will.Message.TopicText, decision.ToString()));
        if (session.IsStored) services.Journal.Append(new WillRemoved(session.Key));
    }
}

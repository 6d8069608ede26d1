using System.Collections.Concurrent;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Storage;

namespace Broker.Core.Sessions;

/// <summary>What a connection wants of its session.</summary>
/// <param name="ClientIdentifier">Whose session.</param>
/// <param name="CleanStart">Whether an existing one is discarded first.</param>
/// <param name="ExpiryInterval">How long it outlives the connection, in seconds.</param>
/// <param name="ReceiveMaximum">How many QoS 1 and 2 messages may be in flight to the client.</param>
/// <param name="Will">The Will Message, if there is one.</param>
internal sealed record AttachRequest(string ClientIdentifier, bool CleanStart, uint ExpiryInterval, int ReceiveMaximum, PendingWill? Will)
{
    /// <summary>Where the connection comes from.</summary>
    public string? Address { get; init; }
}

/// <summary>
/// All sessions by client identifier: attach, take over, expire (MQTT 5, sections 3.1.2.4, 3.1.2.11.2 and 3.1.4). One connection at a time has a
/// session; who comes later waits until the earlier one has let go of it.
/// </summary>
public sealed class SessionRegistry : IDisposable
{
    private readonly ConcurrentDictionary<string, Session> sessions = new(StringComparer.Ordinal);
    private readonly SessionServices services;
    private readonly SessionClock clock;
    private long lastKey;

    /// <summary>Makes an empty registry.</summary>
    public SessionRegistry(SessionServices services)
    {
        this.services = services;
        clock = new SessionClock(services.Time, Due);
    }

    /// <summary>Publishes a will; called under no lock.</summary>
    public Action<PendingWill> PublishWill { get; set; } = _ => { };

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
        while (true)
        {
            var session = sessions.GetOrAdd(request.ClientIdentifier, static (id, registry) => registry.Create(id), this);
            Outbox? earlier;
            bool present = false, discard = false, hadWill = false, ended;
            lock (session.Gate)
            {
                ended = session.IsEnded;
                earlier = session.Owner;
                if (!ended && earlier is null)
                {
                    present = session.Attachments > 0;
                    discard = present && request.CleanStart; // [MQTT-3.1.2-4]
                    if (!discard)
                    {
                        session.ExpiryInterval = request.ExpiryInterval;
                        session.Deadlines.Expiry = session.Deadlines.Will = SessionDeadlines.Never;
                        hadWill = session.Will is not null;
                        session.Will = request.Will;
                        session.Attach(outbox, request.ReceiveMaximum);
                    }
                }
            }
            if (ended)
            {
                await Task.Yield(); // it is being taken out of the table
                continue;
            }
            if (earlier is not null)
            {
                services.Counters.TookOver();
                services.Events.Tell(new SessionTakenOver(request.ClientIdentifier, request.Address));
                earlier.Disconnect(ReasonCode.SessionTakenOver, "another connection took the session over"); // [MQTT-3.1.4-3]
                await earlier.Detached.WaitAsync(cancellation).ConfigureAwait(false);
                continue;
            }
            if (discard)
            {
                End(session);
                services.Events.Tell(new SessionEnded(request.ClientIdentifier, "a connection with Clean Start"));
                discarded = true;
                continue;
            }
            // A connection that ends before the commit lets go of the session as any other does.
            await CommitAttachAsync(session, discarded || present, hadWill).WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
            if (!willIsDue) TakeWill(session); // [MQTT-3.14.4-3]
            if (end) will = Close(session);
            else will = Part(session);
        }
        if (end) Bury(session);
        else HandOver(session);
        if (will is not null) PublishWill(will);
    }

    /// <inheritdoc/>
    public void Dispose() => clock.Dispose();

    private Session Create(string clientIdentifier) => new(Interlocked.Increment(ref lastKey), clientIdentifier, services);

    private Task CommitAttachAsync(Session session, bool changed, bool hadWill)
    {
        if (!services.Journal.IsDurable || !(changed || session.ExpiryInterval > 0 || session.Will is not null)) return Task.CompletedTask;
        var stored = new SessionStored(session.Key, session.ClientIdentifier, null, session.ExpiryInterval, 0, services.Time.GetUtcNow().ToUnixTimeMilliseconds());
        if (session.Will is { } will) return services.Journal.CommitAsync(stored, new WillStored(session.Key, will.Message, will.DelayInterval, will.ExpiryInterval));
        return hadWill ? services.Journal.CommitAsync(stored, new WillRemoved(session.Key)) : services.Journal.CommitAsync(stored);
    }

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
        if (end)
        {
            services.Counters.SessionExpired();
            services.Events.Tell(new SessionExpired(session.ClientIdentifier));
            Bury(session);
        }
        if (will is not null) PublishWill(will);
    }

    private void End(Session session)
    {
        PendingWill? will;
        lock (session.Gate)
        {
            if (session.IsEnded || session.IsConnected) return;
            will = Close(session);
        }
        Bury(session);
        if (will is not null) PublishWill(will);
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
        if (services.Journal.IsDurable)
            services.Journal.Append(new SessionDetached(session.Key, session.ExpiryInterval, services.Time.GetUtcNow().ToUnixTimeMilliseconds(), session.HighestSent));
        return will;
    }

    // Under the session's lock: it ends, so that nobody attaches it any more; its will is due now at the latest (section 3.1.3.2.2).
    private PendingWill? Close(Session session)
    {
        session.End();
        return TakeWill(session);
    }

    // Under no lock, after Close: what it keeps for its share groups moves, then it is gone.
    private void Bury(Session session)
    {
        HandOver(session);
        services.Journal.Append(new SessionDiscarded(session.Key, services.Time.GetUtcNow().ToUnixTimeMilliseconds()));
        sessions.TryRemove(new KeyValuePair<string, Session>(session.ClientIdentifier, session));
        clock.Forget(session);
    }

    private void HandOver(Session session)
    {
        var delivery = Delivery.Rent(services.Time);
        session.HandOver(delivery);
        delivery.Return();
    }

    private PendingWill? TakeWill(Session session)
    {
        var will = session.Will;
        session.Will = null;
        session.Deadlines.Will = SessionDeadlines.Never;
        if (will is not null && services.Journal.IsDurable) services.Journal.Append(new WillRemoved(session.Key));
        return will;
    }
}

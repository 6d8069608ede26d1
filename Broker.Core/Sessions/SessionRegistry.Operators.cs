using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Storage;

namespace Broker.Core.Sessions;

/// <content>What operators do to sessions. Each comes with the audit row that is committed with it.</content>
public sealed partial class SessionRegistry
{
    private const int DroppedAtOnce = 5_000;

    /// <summary>Ends a client's connection with 0x98 (Administrative action); its session goes on as it would otherwise.</summary>
    /// <returns>Whether it was connected.</returns>
    internal bool Disconnect(string clientIdentifier, string why, AuditRecorded? audit)
    {
        if (Find(clientIdentifier)?.Owner is not { } owner) return false;
        if (audit is not null) services.Journal.Append(audit);
        owner.Connection.Disconnect(ReasonCode.AdministrativeAction, why);
        return true;
    }

    /// <summary>Ends a session with all that belongs to it; a client that is connected is disconnected first. Its will is published, as it is at any end of a session.</summary>
    /// <returns>Whether there was one, once its end is committed.</returns>
    internal async Task<bool> DeleteAsync(string clientIdentifier, string why, AuditRecorded? audit, CancellationToken cancellation)
    {
        if (Find(clientIdentifier) is not { } session) return false;
        while (!End(session, audit))
        {
            if (session.Owner is { } owner)
            {
                owner.Connection.Disconnect(ReasonCode.AdministrativeAction, why);
                await owner.Connection.Detached.WaitAsync(cancellation).ConfigureAwait(false);
            }
            lock (session.Gate)
            {
                if (!session.IsEnded) continue; // it came back meanwhile
            }
            if (audit is not null) services.Journal.Append(audit); // it ended with its connection
            break;
        }
        services.Events.Tell(new SessionEnded(clientIdentifier, why));
        await services.Journal.FlushAsync().ConfigureAwait(false);
        return true;
    }

    /// <summary>Holds every session to the rules of this moment, those of clients that are connected first.</summary>
    internal void HoldToRules()
    {
        foreach (var session in sessions.Values.OrderByDescending(session => session.IsConnected)) HoldToRules(session);
    }

    /// <summary>Gives a session to another user, or lets go of it; its client is disconnected.</summary>
    /// <returns>Whether there is one, once that is committed.</returns>
    internal async Task<bool> ReassignAsync(string clientIdentifier, string? userName, bool release, string why, AuditRecorded? audit)
    {
        if (Find(clientIdentifier) is not { } session) return false;
        var unit = new JournalUnit();
        var owned = session.Reassign(userName, release);
        session.Owner?.Connection.Disconnect(ReasonCode.AdministrativeAction, why);
        if (session.IsStored && services.Journal.IsDurable) unit.Changes.Add(owned);
        if (audit is not null) unit.Changes.Add(audit);
        HoldToRules(session);
        await services.Journal.CommitAsync(unit).ConfigureAwait(false);
        return true;
    }

    private void HoldToRules(Session session)
    {
        var delivery = Delivery.Rent(services.Time);
        session.HoldToRules(delivery);
        if (delivery.TakeUnit() is { } unit) services.Journal.Append(unit);
        delivery.Return();
    }

    /// <summary>Drops what waits for a client and was never sent to it, some thousands at a time.</summary>
    /// <param name="clientIdentifier">Whose queue.</param>
    /// <param name="audit">The audit row.</param>
    /// <param name="progress">Told how many were dropped so far.</param>
    /// <param name="cancellation">Ends it between two of the steps.</param>
    /// <returns>How many were dropped, once that is committed; null if there is no such session.</returns>
    internal async Task<long?> DropQueueAsync(string clientIdentifier, AuditRecorded? audit, Action<long> progress, CancellationToken cancellation)
    {
        if (Find(clientIdentifier) is not { } session) return null;
        long dropped = 0, from = 0;
        for (bool more = true; more;)
        {
            cancellation.ThrowIfCancellationRequested();
            var unit = new JournalUnit();
            dropped += session.DropQueue(ref from, DroppedAtOnce, unit, out more);
            if (audit is not null) unit.Changes.Add(audit);
            audit = null;
            progress(dropped);
            if (unit.Changes.Count > 0) await services.Journal.CommitAsync(unit).ConfigureAwait(false);
        }
        return dropped;
    }
}

using Broker.Core.Storage;

namespace Broker.Core.Sessions;

/// <content>The sessions that were stored when the process ended (its own or the one before).</content>
public sealed partial class SessionRegistry
{
    /// <summary>
    /// Takes over what was stored. Time that has passed counts: a session that was without connection goes on from where it was left, one that was connected
    /// counts as left now. Wills and sessions that are due meanwhile follow at once.
    /// </summary>
    /// <returns>Ends when what share groups had given to members without a stored session is queued again.</returns>
    internal async Task RestoreAsync(StoredState state)
    {
        lastKey = state.LastSession;
        var over = new List<Session>();
        var beside = new List<Session>();
        long wall = Now, monotonic = clock.Now;
        foreach (var stored in state.Sessions.OrderByDescending(session => session.Key))
        {
            var session = new Session(stored.Key, stored.ClientIdentifier, services);
            session.Restore(stored);
            if (stored.LowestBeside < 0) beside.Add(session);
            // A session that ended with its connection; or one that was discarded, whose messages had yet to move to other members of its share groups.
            if (stored.ExpiryInterval == 0 || !sessions.TryAdd(stored.ClientIdentifier, session))
            {
                over.Add(session);
                continue;
            }
            if (stored.DetachedAt is null) services.Journal.Append(new SessionDetached(stored.Key, stored.ExpiryInterval, wall, stored.HighestSent));
            long left = monotonic - (wall - (stored.DetachedAt ?? wall));
            if (stored.ExpiryInterval != uint.MaxValue) session.Deadlines.Expiry = left + stored.ExpiryInterval * 1000L;
            if (stored.Will is { } will) session.Deadlines.Will = left + will.DelayInterval * 1000L;
        }
        foreach (var session in beside) await session.RestoreBesideAsync().ConfigureAwait(false);
        foreach (var session in over) End(session);
        foreach (var session in sessions.Values)
        {
            if (Math.Min(session.Deadlines.Will, session.Deadlines.Expiry) <= monotonic) Due(session); // it was due while nobody was there to see to it
            else clock.Schedule(session);
        }
    }
}

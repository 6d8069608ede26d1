using Broker.Core.Access;
using Broker.Core.Diagnostics;
using Broker.Core.Storage;

namespace Broker.Core;

/// <content>Who may do what, for the host and for operators.</content>
public sealed partial class MqttBroker
{
    private const int MostShown = 1_000;

    /// <summary>The rules that hold now.</summary>
    public AccessPolicy Policy => access.Policy;

    /// <summary>From now on these rules hold: for what clients do next at once, for subscriptions that exist before this returns.</summary>
    public void UseAccess(AccessPolicy policy)
    {
        access.Policy = policy;
        sessions.HoldToRules();
    }

    /// <summary>The subscriptions of clients, connected or away, that other rules would end, and those that they would let go on with less QoS.</summary>
    public (AffectedSubscriptions<RevokedSubscription> Revoked, AffectedSubscriptions<LoweredSubscription> Lowered) WouldAffect(AccessPolicy policy)
    {
        var (revoked, lowered) = (new List<RevokedSubscription>(), new List<LoweredSubscription>());
        var (allRevoked, allLowered) = (0, 0);
        foreach (var affected in sessions.All.SelectMany(session => session.WouldAffect(policy)))
        {
            if (affected is RevokedSubscription ended && allRevoked++ < MostShown) revoked.Add(ended);
            if (affected is LoweredSubscription kept && allLowered++ < MostShown) lowered.Add(kept);
        }
        return (new(allRevoked, revoked), new(allLowered, lowered));
    }

    /// <summary>Who a client is, as it connected last; null if it has no session.</summary>
    public ClientIdentity? IdentityOf(string clientIdentifier) => sessions.Find(clientIdentifier)?.Identity;

    /// <summary>Whether the next client of this identifier gets its session, whoever it is.</summary>
    public bool IsReleased(string clientIdentifier) => sessions.Find(clientIdentifier)?.IsReleased == true;

    /// <summary>Gives a session to a user; a client that is connected with it is disconnected.</summary>
    /// <param name="clientIdentifier">Whose session.</param>
    /// <param name="userName">The new owner; null for an anonymous client.</param>
    /// <param name="audit">The audit row.</param>
    /// <returns>Whether there is such a session, once that is committed.</returns>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    public Task<bool> ReassignSessionAsync(string clientIdentifier, string? userName, AuditRecorded? audit = null) =>
        WhenCommitted(() => sessions.ReassignAsync(clientIdentifier, userName, release: false, "an administrator gave the session to another user", audit));

    /// <summary>Lets go of a session: the next client of its identifier becomes its owner, whoever that is. A client that is connected with it is disconnected.</summary>
    /// <returns>Whether there is such a session, once that is committed.</returns>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    public Task<bool> ReleaseSessionAsync(string clientIdentifier, AuditRecorded? audit = null) =>
        WhenCommitted(() => sessions.ReassignAsync(clientIdentifier, sessions.Find(clientIdentifier)?.UserName, release: true, "an administrator released the session", audit));
}

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

    /// <summary>The subscriptions of clients, connected or away, that other rules would end: how many, and the first thousand of them.</summary>
    public (int Count, IReadOnlyList<RevokedSubscription> Sample) WouldRevoke(AccessPolicy policy)
    {
        var sample = new List<RevokedSubscription>();
        int count = 0;
        foreach (var revoked in sessions.All.SelectMany(session => session.WouldLose(policy)))
        {
            if (count++ < MostShown) sample.Add(revoked);
        }
        return (count, sample);
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

using System.Globalization;
using Broker.Core;
using Broker.Core.Protocol;
using Broker.Web.Operations.Work;

namespace Broker.Web.Operations.Clients;

/// <summary>What is asked of a subscription that an operator makes for a client.</summary>
/// <param name="Filter">The topic filter, perhaps shared.</param>
/// <param name="QoS">The highest QoS to deliver with.</param>
/// <param name="NoLocal">Whether the client's own messages stay away.</param>
/// <param name="RetainAsPublished">Whether RETAIN is forwarded as it was published.</param>
/// <param name="RetainHandling">When retained messages are sent: 0 now, 1 if the subscription is new, 2 never.</param>
/// <param name="Identifier">Subscription Identifier, or null.</param>
public sealed record SubscriptionWish(string Filter, int QoS = 0, bool NoLocal = false, bool RetainAsPublished = false, int RetainHandling = 0, long? Identifier = null);

/// <summary>What operators do to clients. Each change has its row in the audit, committed together with it.</summary>
internal sealed class ClientActions(MqttBroker broker, Jobs jobs, TimeProvider time)
{
    private const long MostIdentifier = 268_435_455;
    private const int MostReason = 200;

    /// <summary>Ends a client's connection with 0x98 (Administrative action); its session goes on.</summary>
    /// <returns>Whether it was connected.</returns>
    public bool Disconnect(string clientId, string? reason, Caller caller)
    {
        string why = Why(reason, "disconnected by an administrator");
        return broker.Disconnect(clientId, why, caller.Audit(time, "client disconnected", clientId, reason));
    }

    /// <summary>Deletes a client's session: subscriptions, queue and all; a client that is connected is disconnected.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    public Task<bool> DeleteSessionAsync(string clientId, Caller caller) => StoreFailures.GuardAsync(
        () => broker.DeleteSessionAsync(clientId, "deleted by an administrator", caller.Audit(time, "session deleted", clientId)));

    /// <summary>Deletes the sessions of clients, one after the other, as a job.</summary>
    public Job DeleteSessions(IReadOnlyList<string> clientIds, Caller caller) => jobs.Start("delete sessions", $"{clientIds.Count} sessions", clientIds.Count, caller, async job =>
    {
        long deleted = 0;
        foreach (string client in clientIds)
        {
            job.Cancellation.ThrowIfCancellationRequested();
            if (await DeleteSessionAsync(client, caller)) deleted++;
            job.Report(deleted);
        }
    });

    /// <summary>Drops what waits for a client and was never sent to it, as a job; null if it has no session.</summary>
    public Job? DeleteQueue(string clientId, Caller caller)
    {
        if (broker.FindSession(clientId) is not { } session) return null;
        var audit = caller.Audit(time, "queue deleted", clientId, string.Create(CultureInfo.InvariantCulture, $"about {session.Queued} messages"));
        return jobs.Start("delete queue", clientId, session.Queued, caller, job =>
            StoreFailures.GuardAsync(() => broker.DropQueueAsync(clientId, audit, job.Report, job.Cancellation)));
    }

    /// <summary>Subscribes for a client.</summary>
    /// <returns>The QoS granted; null if it has no session.</returns>
    /// <exception cref="InvalidInputException">Something in the wish is not allowed.</exception>
    /// <exception cref="RefusedException">It has as many subscriptions as allowed.</exception>
    public async Task<int?> SubscribeAsync(string clientId, SubscriptionWish wish, Caller caller)
    {
        SubscriptionQueries.RequireFilter(wish.Filter, "filter");
        if (wish.QoS is < 0 or > 2) throw new InvalidInputException("qos", "allowed is 0, 1 or 2");
        if (wish.RetainHandling is < 0 or > 2) throw new InvalidInputException("retainHandling", "allowed is 0, 1 or 2");
        if (wish.Identifier is < 1 or > MostIdentifier) throw new InvalidInputException("identifier", $"allowed is a number from 1 to {MostIdentifier}");
        if (wish.NoLocal && TopicFilter.Parse(wish.Filter).ShareName is not null) throw new InvalidInputException("noLocal", "a shared subscription cannot leave out the client's own messages");
        var options = new SubscriptionOptions((QualityOfService)wish.QoS, wish.NoLocal, wish.RetainAsPublished, (byte)wish.RetainHandling);
        var reason = await StoreFailures.GuardAsync(() => broker.SubscribeAsync(
            clientId, wish.Filter, options, (uint)(wish.Identifier ?? 0), caller.Audit(time, "subscribed for client", clientId, wish.Filter)));
        if (reason?.IsError() == true) throw new RefusedException("quota_exceeded", "the client has as many subscriptions as allowed");
        return (int?)reason;
    }

    /// <summary>Takes a client's subscription back.</summary>
    /// <returns>Whether it existed; null if the client has no session.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    public Task<bool?> UnsubscribeAsync(string clientId, string filter, Caller caller) => StoreFailures.GuardAsync(
        () => broker.UnsubscribeAsync(clientId, filter, caller.Audit(time, "unsubscribed for client", clientId, filter)));

    private static string Why(string? reason, string otherwise) =>
        string.IsNullOrWhiteSpace(reason) ? otherwise
        : reason.Length <= MostReason ? reason
        : throw new InvalidInputException("reason", $"allowed is a text of at most {MostReason} characters");
}

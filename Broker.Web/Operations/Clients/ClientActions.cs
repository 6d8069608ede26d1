using System.Globalization;
using Broker.Core;
using Broker.Core.Protocol;
using Broker.Web.Operations.Work;
using Broker.Web.Security;
using Broker.Web.Security.Users;

namespace Broker.Web.Operations.Clients;

/// <summary>What is asked of a subscription that an operator makes for a client.</summary>
/// <param name="Filter">The topic filter, perhaps shared.</param>
/// <param name="QoS">The highest QoS to deliver with.</param>
/// <param name="NoLocal">Whether the client's own messages stay away.</param>
/// <param name="RetainAsPublished">Whether RETAIN is forwarded as it was published.</param>
/// <param name="RetainHandling">When retained messages are sent: 0 now, 1 if the subscription is new, 2 never.</param>
/// <param name="Identifier">Subscription Identifier, or null.</param>
public sealed record SubscriptionWish(string Filter, int QoS = 0, bool NoLocal = false, bool RetainAsPublished = false, int RetainHandling = 0, long? Identifier = null);

/// <summary>Which clients are meant by a change of many: those that are named, or all that have a session and match.</summary>
/// <param name="ClientIds">Their identifiers.</param>
/// <param name="Text">What the identifier holds or begins with; capitals and small letters are alike.</param>
/// <param name="IsPrefix">Whether it must begin with the text.</param>
/// <param name="State">Where they stand, or null.</param>
public sealed record ClientSelection(IReadOnlyList<string>? ClientIds = null, string? Text = null, bool IsPrefix = false, ClientState? State = null);

/// <summary>What operators do to clients. Each change has its record in the audit, committed together with it.</summary>
internal sealed class ClientActions(MqttBroker broker, Changes changes, Jobs jobs)
{
    private const long MostIdentifier = 268_435_455;
    private const int MostReason = 200;

    /// <summary>The clients with a session that a selection means, by their identifiers.</summary>
    /// <exception cref="InvalidInputException">It says nothing.</exception>
    public IReadOnlyList<string> Select(ClientSelection selection)
    {
        if (selection.ClientIds is { Count: > 0 } named) return [.. named.Distinct(StringComparer.Ordinal).Where(client => broker.FindSession(client) is not null)];
        if (string.IsNullOrEmpty(selection.Text) && selection.State is null) throw new InvalidInputException("clientIds", "name clients, or say by text or state which are meant");
        var filter = new ClientFilter(selection.Text, selection.IsPrefix);
        return
        [
            .. broker.Sessions.Where(session => filter.Means(session.ClientIdentifier))
                .Where(session => selection.State is null || selection.State == (session.Client is null ? ClientState.Offline : ClientState.Connected))
                .Select(session => session.ClientIdentifier).Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Ends a client's connection with 0x98 (Administrative action); its session goes on.</summary>
    /// <returns>Whether it was connected.</returns>
    /// <exception cref="InvalidInputException">The reason is too long.</exception>
    public Task<bool> DisconnectAsync(string clientId, string? reason, Actor by)
    {
        string why = Why(reason, "disconnected by an administrator");
        return changes.MakeAsync(by, "client disconnected", clientId, reason, record => Task.FromResult(broker.Disconnect(clientId, why, record)));
    }

    /// <summary>Ends the connections of clients.</summary>
    /// <returns>How many were connected.</returns>
    public async Task<int> DisconnectAsync(IReadOnlyList<string> clientIds, string? reason, Actor by)
    {
        int ended = 0;
        foreach (string client in clientIds)
            if (await DisconnectAsync(client, reason, by)) ended++;
        return ended;
    }

    /// <summary>Deletes a client's session: subscriptions, queue and all; a client that is connected is disconnected.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    public Task<bool> DeleteSessionAsync(string clientId, Actor by) =>
        changes.MakeAsync(by, "session deleted", clientId, null, record => broker.DeleteSessionAsync(clientId, "deleted by an administrator", record));

    /// <summary>Deletes the sessions of clients, one after the other, as a job.</summary>
    public Job DeleteSessions(IReadOnlyList<string> clientIds, Actor by) => jobs.Start("delete sessions", $"{clientIds.Count} sessions", clientIds.Count, by, async job =>
    {
        long deleted = 0;
        foreach (string client in clientIds)
        {
            job.Cancellation.ThrowIfCancellationRequested();
            if (await DeleteSessionAsync(client, by)) deleted++;
            job.Report(deleted);
        }
    });

    /// <summary>Drops what waits for a client and was never sent to it, as a job; null if it has no session.</summary>
    public Job? DeleteQueue(string clientId, Actor by)
    {
        if (broker.FindSession(clientId) is not { } session) return null;
        string about = string.Create(CultureInfo.InvariantCulture, $"about {session.Queued} messages");
        return jobs.Start("delete queue", clientId, session.Queued, by, job =>
            changes.MakeAsync(by, "queue deleted", clientId, about, record => broker.DropQueueAsync(clientId, record, job.Report, job.Cancellation)));
    }

    /// <summary>Subscribes for a client.</summary>
    /// <returns>The QoS granted; null if it has no session.</returns>
    /// <exception cref="InvalidInputException">Something in the wish is not allowed.</exception>
    /// <exception cref="RefusedException">The rules of access forbid it.</exception>
    /// <exception cref="LimitReachedException">It has as many subscriptions as allowed.</exception>
    public async Task<int?> SubscribeAsync(string clientId, SubscriptionWish wish, Actor by)
    {
        SubscriptionQueries.RequireFilter(wish.Filter, "filter");
        if (wish.QoS is < 0 or > 2) throw new InvalidInputException("qos", "allowed is 0, 1 or 2");
        if (wish.RetainHandling is < 0 or > 2) throw new InvalidInputException("retainHandling", "allowed is 0, 1 or 2");
        if (wish.Identifier is < 1 or > MostIdentifier) throw new InvalidInputException("identifier", $"allowed is a number from 1 to {MostIdentifier}");
        if (wish.NoLocal && TopicFilter.Parse(wish.Filter).ShareName is not null) throw new InvalidInputException("noLocal", "a shared subscription cannot leave out the client's own messages");
        var options = new SubscriptionOptions((QualityOfService)wish.QoS, wish.NoLocal, wish.RetainAsPublished, (byte)wish.RetainHandling);
        var reason = await changes.MakeAsync(
            by, "subscribed for client", clientId, wish.Filter, record => broker.SubscribeAsync(clientId, wish.Filter, options, (uint)(wish.Identifier ?? 0), record));
        if (reason == ReasonCode.NotAuthorized) throw new RefusedException(RefusalKind.Conflict, "filter", "the rules of access do not let the client subscribe to it");
        if (reason?.IsError() == true) throw new LimitReachedException("the client has as many subscriptions as allowed");
        return (int?)reason;
    }

    /// <summary>Takes a client's subscription back.</summary>
    /// <returns>Whether it existed; null if the client has no session.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    public Task<bool?> UnsubscribeAsync(string clientId, string filter, Actor by) =>
        changes.MakeAsync(by, "unsubscribed for client", clientId, filter, record => broker.UnsubscribeAsync(clientId, filter, record));

    /// <summary>Gives a client's session to a user, or to an anonymous client; whoever is connected with it is disconnected.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="InvalidInputException">No user can have the name.</exception>
    /// <exception cref="UnavailableException">The store is away.</exception>
    public Task<bool> ReassignAsync(string clientId, string? userName, Actor by)
    {
        if (userName is not null && !UserNames.IsPossible(userName)) throw new InvalidInputException("userName", "no user can have this name");
        return changes.MakeAsync(by, "session reassigned", clientId, userName is null ? "to an anonymous client" : $"to user {userName}", record => broker.ReassignSessionAsync(clientId, userName, record));
    }

    /// <summary>Lets go of a client's session: the next client of its identifier becomes its owner. Whoever is connected with it is disconnected.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    public Task<bool> ReleaseAsync(string clientId, Actor by) =>
        changes.MakeAsync(by, "session released", clientId, null, record => broker.ReleaseSessionAsync(clientId, record));

    private static string Why(string? reason, string otherwise) =>
        string.IsNullOrWhiteSpace(reason) ? otherwise
        : reason.Length <= MostReason ? reason
        : throw new InvalidInputException("reason", $"allowed is a text of at most {MostReason} characters");
}

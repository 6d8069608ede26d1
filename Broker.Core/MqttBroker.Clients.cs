using System.Text;
using Broker.Core.Connections;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Core.Storage;

namespace Broker.Core;

/// <content>Sessions and subscriptions, for operators.</content>
public sealed partial class MqttBroker
{
    /// <summary>How long an operator's change waits for its commit.</summary>
    private static readonly TimeSpan OperatorPatience = TimeSpan.FromSeconds(10);

    /// <summary>The sessions, connected or not. Reading goes on while sessions come and go.</summary>
    public IEnumerable<SessionState> Sessions => sessions.All.Select(session => session.State);

    /// <summary>The session of a client, or null.</summary>
    public SessionState? FindSession(string clientIdentifier) => sessions.Find(clientIdentifier)?.State;

    /// <summary>The identifiers of the clients that have a session.</summary>
    public IEnumerable<string> ClientIdentifiers => sessions.All.Select(session => session.ClientIdentifier);

    /// <summary>The subscriptions of a client, by their numbers.</summary>
    public IReadOnlyList<SubscriptionState> SubscriptionsOf(string clientIdentifier) =>
        sessions.Find(clientIdentifier) is { } session ? [.. session.Subscriptions.Select(Session.StateOf).OrderBy(subscription => subscription.Number)] : [];

    /// <summary>The subscriptions of all clients in the order of their sessions' keys and their numbers, from behind one of them on.</summary>
    public IEnumerable<SubscriptionState> SubscriptionsBehind(long session, int number) =>
        from one in sessions.All.Where(one => one.Key >= session).OrderBy(one => one.Key)
        from subscription in one.Subscriptions.OrderBy(subscription => subscription.Number)
        where one.Key > session || subscription.Number > number
        select Session.StateOf(subscription);

    /// <summary>The shared subscriptions that have members.</summary>
    public IReadOnlyList<ShareGroupState> ShareGroups =>
    [
        .. from session in sessions.All
           from subscription in session.Subscriptions
           where subscription.Filter.ShareName is not null
           group Session.StateOf(subscription) by subscription.Filter.Text into one
           orderby one.Key
           select new ShareGroupState(one.Key, one.First().ShareName!, [.. one]),
    ];

    /// <summary>Who would get a message of this topic now.</summary>
    public TopicReceivers ReceiversOf(string topic)
    {
        byte[] name = Encoding.UTF8.GetBytes(topic);
        var receivers = subscriptions.Overlapping(name).GroupBy(subscription => subscription.Subscriber).Select(own => new TopicReceiver(
            own.Key.ClientIdentifier, own.Key.IsConnected, own.Max(subscription => subscription.Options.QoS), [.. own.Select(Session.StateOf)]));
        var groups = subscriptions.Match(name).Groups.Select(group => new ShareGroupState(
            group.Filter, group.Name, [.. subscriptions.Members(TopicFilter.Parse(group.Filter)).Select(Session.StateOf)]));
        return new TopicReceivers([.. receivers.OrderBy(receiver => receiver.ClientIdentifier, StringComparer.Ordinal)], [.. groups]);
    }

    /// <summary>The messages of a client's queue that are in memory, from behind a sequence on, and the sequence from which on the store has the rest.</summary>
    public (IReadOnlyList<QueuedMessage> Messages, long RestFrom) QueueBehind(string clientIdentifier, long sequence, int most) =>
        sessions.Find(clientIdentifier)?.QueueBehind(sequence, most) ?? ([], 0);

    /// <summary>Begins to look at what happens to clients, until the ring is disposed of.</summary>
    public TailRing<(DateTimeOffset At, ClientEvent Happened)> WatchEvents() => eventTail.Watch();

    /// <summary>Ends a client's connection with 0x98 (Administrative action).</summary>
    /// <param name="clientIdentifier">The client.</param>
    /// <param name="why">The reason in words, for the client and its timeline.</param>
    /// <param name="audit">The audit row.</param>
    /// <returns>Whether it was connected.</returns>
    public bool Disconnect(string clientIdentifier, string why, AuditRecorded? audit = null) => sessions.Disconnect(clientIdentifier, why, audit);

    /// <summary>Ends a session with all that belongs to it, and its client's connection.</summary>
    /// <returns>Whether there was one, once its end is committed.</returns>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    public Task<bool> DeleteSessionAsync(string clientIdentifier, string why, AuditRecorded? audit = null, CancellationToken cancellation = default) =>
        WhenCommitted(() => sessions.DeleteAsync(clientIdentifier, why, audit, cancellation));

    /// <summary>Drops what waits for a client and was never sent to it.</summary>
    /// <param name="clientIdentifier">The client.</param>
    /// <param name="audit">The audit row.</param>
    /// <param name="progress">Told how many messages went so far.</param>
    /// <param name="cancellation">Ends it; what went is gone.</param>
    /// <returns>How many messages went; null if there is no such session.</returns>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    public Task<long?> DropQueueAsync(string clientIdentifier, AuditRecorded? audit, Action<long> progress, CancellationToken cancellation)
    {
        RequireStore();
        return sessions.DropQueueAsync(clientIdentifier, audit, progress, cancellation);
    }

    /// <summary>Subscribes for a client, as if it had done so itself.</summary>
    /// <param name="clientIdentifier">The client.</param>
    /// <param name="filter">A valid filter.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="identifier">Subscription Identifier, or 0.</param>
    /// <param name="audit">The audit row.</param>
    /// <returns>The QoS granted or why not, once it is committed; null if there is no such session.</returns>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    public Task<ReasonCode?> SubscribeAsync(string clientIdentifier, string filter, SubscriptionOptions options, uint identifier, AuditRecorded? audit) =>
        WhenCommitted(() => services.SubscribeAsync(clientIdentifier, TopicFilter.Parse(filter), options, identifier, audit));

    /// <summary>Takes a client's subscription back.</summary>
    /// <returns>Whether it existed, once that is committed; null if there is no such session.</returns>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    public Task<bool?> UnsubscribeAsync(string clientIdentifier, string filter, AuditRecorded? audit) =>
        WhenCommitted(() => services.UnsubscribeAsync(clientIdentifier, filter, audit));

    /// <summary>Ends once all that operators and clients have changed up to now is committed.</summary>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    public Task FlushAsync() => WhenCommitted(async () =>
    {
        await journal.FlushAsync().ConfigureAwait(false);
        return true;
    });

    private void RequireStore()
    {
        if (!journal.IsAccepting) throw new StoreUnavailableException(journal.Trouble ?? "the store takes too long to write");
    }

    private async Task<T> WhenCommitted<T>(Func<Task<T>> change)
    {
        RequireStore();
        try
        {
            return await change().WaitAsync(OperatorPatience, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new StoreUnavailableException("the store takes too long to write; the change is made when it is back");
        }
    }
}

using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Core.Storage;

namespace Broker.Core.Connections;

/// <summary>Subscribes and unsubscribes for clients, on an operator's word. Each comes with the audit row that is committed with it.</summary>
internal static class SubscribeFor
{
    /// <summary>Subscribes for a client, which gets what is retained as after its own SUBSCRIBE.</summary>
    /// <returns>The QoS granted or why not, once it is committed; null if there is no such session.</returns>
    public static async Task<ReasonCode?> SubscribeAsync(
        this ConnectionServices services, string clientIdentifier, TopicFilter filter, SubscriptionOptions options, uint identifier, AuditRecorded? audit)
    {
        if (services.Sessions.Find(clientIdentifier) is not { } session) return null;
        var granted = options with { QoS = options.QoS < services.Limits.MaximumQoS ? options.QoS : services.Limits.MaximumQoS };
        var outcome = Subscribe(services, session, filter, granted, identifier, audit, out var commit);
        if (!outcome.IsGranted) return outcome.Reason;
        granted = granted with { QoS = (QualityOfService)outcome.Reason };
        services.Events.Tell(new Subscribed(clientIdentifier, filter.Text, granted.QoS));
        await commit.ConfigureAwait(false);
        Follow(services, session, filter, granted, identifier, outcome.IsNew);
        return outcome.Reason;
    }

    /// <summary>Unsubscribes for a client.</summary>
    /// <returns>Whether it had subscribed, once that is committed; null if there is no such session.</returns>
    public static async Task<bool?> UnsubscribeAsync(this ConnectionServices services, string clientIdentifier, string filter, AuditRecorded? audit)
    {
        if (services.Sessions.Find(clientIdentifier) is not { } session) return null;
        if (!Unsubscribe(services, session, filter, audit, out var commit)) return false;
        services.Events.Tell(new Unsubscribed(clientIdentifier, filter));
        await commit.ConfigureAwait(false);
        return true;
    }

    private static SubscribeOutcome Subscribe(
        ConnectionServices services, Session session, TopicFilter filter, SubscriptionOptions options, uint identifier, AuditRecorded? audit, out Task commit)
    {
        var delivery = Delivery.Rent(services.Time);
        var outcome = session.Subscribe(filter, options, identifier, delivery, out _);
        commit = Commit(services, audit, delivery, isChanged: outcome.IsGranted);
        delivery.Return();
        return outcome;
    }

    private static bool Unsubscribe(ConnectionServices services, Session session, string filter, AuditRecorded? audit, out Task commit)
    {
        var delivery = Delivery.Rent(services.Time);
        bool existed = session.Unsubscribe(filter, delivery);
        commit = Commit(services, audit, delivery, isChanged: existed);
        delivery.Return();
        return existed;
    }

    private static Task Commit(ConnectionServices services, AuditRecorded? audit, Delivery delivery, bool isChanged)
    {
        var unit = delivery.TakeUnit();
        if (isChanged && audit is not null) (unit ??= new()).Changes.Add(audit);
        return unit is null ? Task.CompletedTask : services.Journal.CommitAsync(unit);
    }

    private static void Follow(ConnectionServices services, Session session, TopicFilter filter, SubscriptionOptions options, uint identifier, bool isNew)
    {
        var delivery = Delivery.Rent(services.Time);
        if (filter.ShareName is not null) session.TakeOverShared(delivery);
        else if (SubscribeFlow.WantsRetained(filter, options, isNew))
            session.DeliverRetained(SubscribeFlow.Retained(services, filter), options, identifier, delivery);
        delivery.Return();
    }
}

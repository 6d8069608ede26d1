using System.Text;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Routing;
using Broker.Core.Sessions;
using Broker.Core.Topics;

namespace Broker.Core.Connections;

/// <summary>SUBSCRIBE and UNSUBSCRIBE (MQTT 5, sections 3.8 to 3.11).</summary>
internal sealed class SubscribeFlow(
    ConnectionServices services, Session session, ProtocolVersion version, AcknowledgementQueue acknowledgements, Denials denials)
{
    /// <summary>SUBSCRIBE came. Each filter is granted or refused alone [MQTT-3.8.4-6]; SUBACK goes out first, then what is retained.</summary>
    public void Subscribe(Subscribe subscribe, Delivery delivery)
    {
        uint identifier = subscribe.Properties.Number(PropertyId.SubscriptionIdentifier) ?? 0;
        if (identifier > 0 && !services.Limits.SubscriptionIdentifierAvailable)
            ProtocolViolation.Throw(ReasonCode.SubscriptionIdentifiersNotSupported, "subscription identifiers are not offered");

        var reasons = new List<ReasonCode>(subscribe.Requests.Count);
        List<(Func<List<(RetainedTopic Topic, ApplicationMessage Message)>> Match, SubscriptionOptions Options)>? retained = null;
        bool shared = false;
        foreach (var request in subscribe.Requests)
        {
            var reason = Refusal(request, out var filter);
            if (reason is null)
            {
                var granted = request.Options with { QoS = request.Options.QoS < services.Limits.MaximumQoS ? request.Options.QoS : services.Limits.MaximumQoS };
                var outcome = session.Subscribe(filter!, granted, identifier, delivery, out var decision);
                reason = outcome.Reason;
                if (!decision.Allows) denials.Tell("subscribe to", filter!.Text, decision);
                if (outcome.IsGranted)
                {
                    granted = granted with { QoS = (QualityOfService)outcome.Reason };
                    shared |= filter!.ShareName is not null;
                    services.Events.Tell(new Subscribed(session.ClientIdentifier, request.Filter, granted.QoS));
                    if (WantsRetained(filter, granted, outcome.IsNew)) (retained ??= []).Add((Retained(services, filter), granted));
                }
            }
            reasons.Add(reason.Value);
        }
        var suback = new SubAck(subscribe.PacketIdentifier, reasons) { Properties = acknowledgements.Explain(reasons) };
        acknowledgements.Send(suback, delivery.TakeUnit(), delivery, shared || retained is not null ? Follow : null);

        void Follow(Delivery now)
        {
            if (shared) session.TakeOverShared(now);
            foreach (var (match, options) in retained ?? []) session.DeliverRetained(match, options, identifier, now);
        }
    }

    /// <summary>UNSUBSCRIBE came.</summary>
    public void Unsubscribe(Unsubscribe unsubscribe, Delivery delivery)
    {
        var reasons = new List<ReasonCode>(unsubscribe.Filters.Count);
        foreach (string filter in unsubscribe.Filters)
        {
            reasons.Add(!TopicFilter.TryParse(filter, out _, out _) ? ReasonCode.TopicFilterInvalid
                : session.Unsubscribe(filter, delivery) ? ReasonCode.Success
                : ReasonCode.NoSubscriptionExisted);
            if (reasons[^1] == ReasonCode.Success) services.Events.Tell(new Unsubscribed(session.ClientIdentifier, filter));
        }
        acknowledgements.Send(new UnsubAck(unsubscribe.PacketIdentifier, reasons) { Properties = acknowledgements.Explain(reasons) }, delivery.TakeUnit(), delivery);
    }

    private ReasonCode? Refusal(SubscriptionRequest request, out TopicFilter? filter)
    {
        var limits = services.Limits;
        if (!TopicFilter.TryParse(request.Filter, out filter, out string? error))
        {
            // MQTT 3.1 has no SUBACK that refuses.
            if (version == ProtocolVersion.V31) ProtocolViolation.Throw(ReasonCode.TopicFilterInvalid, error);
            return ReasonCode.TopicFilterInvalid;
        }
        if (filter.ShareName is not null && request.Options.NoLocal)
            ProtocolViolation.Throw(ReasonCode.ProtocolError, "No Local on a shared subscription"); // [MQTT-3.8.3-4]
        if (Encoding.UTF8.GetByteCount(request.Filter) > limits.TopicBytes || TopicName.Levels(filter.Utf8) > limits.TopicLevels)
            return ReasonCode.TopicFilterInvalid;
        if (filter.ShareName is not null && !limits.SharedSubscriptionAvailable) return ReasonCode.SharedSubscriptionsNotSupported;
        if (filter.HoldsWildcards && !limits.WildcardSubscriptionAvailable) return ReasonCode.WildcardSubscriptionsNotSupported;
        return null;
    }

    // [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11]; a shared subscription gets none (section 4.8.2).
    internal static bool WantsRetained(TopicFilter filter, SubscriptionOptions options, bool isNew) =>
        filter.ShareName is null && (options.RetainHandling == 0 || (options.RetainHandling == 1 && isNew));

    // They are looked for when their turn comes; what was retained after the subscription was made has come as a live message by then. What the broker
    // tells of itself is read at once: its lock must not be taken under a session's.
    internal static Func<List<(RetainedTopic Topic, ApplicationMessage Message)>> Retained(ConnectionServices services, TopicFilter filter)
    {
        long upTo = services.Retained.Sequence;
        if (!SystemTopics.Concerns(filter)) return () => services.Retained.MatchUpTo(filter, upTo);
        List<(RetainedTopic, ApplicationMessage)> values = [.. services.SystemTopics.Match(filter), .. services.Retained.Match(filter)];
        return () => values;
    }
}

using Broker.Core.Access;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Routing;
using Broker.Core.Sessions;
using Broker.Core.Storage;

namespace Broker.Core.Connections;

/// <summary>What a client publishes, and the handshakes of QoS 1 and 2 in both directions (MQTT 5, sections 3.3 to 3.7 and 4.3).</summary>
internal sealed class PublishFlow(
    ConnectionServices services, Session session, ProtocolVersion version, AcknowledgementQueue acknowledgements, Denials denials, Traffic traffic)
{
    private readonly TopicAliases aliases = new(services.Limits.TopicAliasMaximum);
    private readonly MatchCache cache = services.Router.CreateCache();
    private readonly PublishRights rights = new(session);

    /// <summary>PUBLISH came.</summary>
    /// <returns>False if it needs the store, which takes nothing now: nothing was done, and it has to come again, before any later one of this client.</returns>
    public bool TryPublish(in Publish publish, Delivery delivery)
    {
        RequireOffered(publish);
        var properties = Forwarded(publish, delivery, out ushort alias, out uint? expiry);
        var topic = aliases.Resolve(publish.Topic, alias);
        if (!services.Journal.IsAccepting && NeedsStore(publish, topic.Span)) return false;
        traffic.PublishReceived++;
        traffic.PublishBytesReceived += publish.Payload.Length;
        var order = services.Router.OrderOf(topic.Span, publish.Retain);
        order?.Enter();
        try
        {
            Publish(publish, topic.Span, properties, expiry, delivery);
        }
        finally
        {
            order?.Exit();
        }
        delivery.FlushIfUrgent();
        return true;
    }

    private void Publish(in Publish publish, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> properties, uint? expiry, Delivery delivery)
    {
        if (!RequireQuota(publish, delivery))
        {
            // A duplicate shares the commit of the first: it is not routed again, and gets no PUBREC before it [MQTT-4.3.3-10].
            Reply(publish, ReasonCode.Success, services.Journal.IsDurable ? new JournalUnit() : null, delivery);
            return;
        }
        var reason = Refusal(topic, publish);
        if (reason == ReasonCode.Success)
        {
            reason = services.Router.Route(
                new Publication
                {
                    Topic = topic,
                    Properties = properties,
                    Payload = publish.Payload.Span,
                    QoS = publish.QoS,
                    Retain = publish.Retain,
                    ExpiresAt = expiry is { } seconds ? delivery.Now + seconds * 1000L : ApplicationMessage.Never,
                    Publisher = session.ClientIdentifier,
                    PublisherUser = session.UserName,
                },
                cache,
                delivery);
        }
        if (reason.IsError() && publish.QoS == QualityOfService.ExactlyOnce && version == ProtocolVersion.V5)
            session.Forget(publish.PacketIdentifier, delivery); // [MQTT-4.3.3-9]
        Reply(publish, reason, delivery.TakeUnit(), delivery);
    }

    /// <summary>PUBREL came: the exchange ends, and the packet identifier stands for a new message.</summary>
    public void Release(in PubRel release, Delivery delivery)
    {
        Failpoints.Reached(Failpoint.BetweenPubRecAndPubRel);
        bool known = session.Forget(release.PacketIdentifier, delivery);
        var reason = known ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound;
        acknowledgements.Send(new PubComp(release.PacketIdentifier, reason), delivery.TakeUnit(), delivery);
        Failpoints.Reached(Failpoint.BetweenPubRelAndPubComp);
    }

    /// <summary>PUBREC came for a message that was sent.</summary>
    public void Received(in PubRec received, Delivery delivery)
    {
        if (session.Release(received.PacketIdentifier, received.Reason, delivery) is { } reason)
            acknowledgements.Send(new PubRel(received.PacketIdentifier, reason), delivery.TakeUnit(), delivery);
    }

    private bool NeedsStore(in Publish publish, ReadOnlySpan<byte> topic) =>
        (publish.QoS == QualityOfService.ExactlyOnce && session.IsJournaled) || services.Router.NeedsStore(topic, publish.QoS, publish.Retain, cache);

    // What was not announced as available may not be used (sections 3.2.2.3.4 and 3.2.2.3.5).
    private void RequireOffered(in Publish publish)
    {
        if (publish.QoS > services.Limits.MaximumQoS) ProtocolViolation.Throw(ReasonCode.QoSNotSupported, $"QoS {(int)publish.QoS} is not offered");
        if (publish.Retain && !services.Limits.RetainAvailable) ProtocolViolation.Throw(ReasonCode.RetainNotSupported, "retained messages are not offered");
    }

    // Returns whether the message is to be routed: it is not a QoS 2 message that was routed before. Throws before it remembers anything.
    private bool RequireQuota(in Publish publish, Delivery delivery)
    {
        int quota = version == ProtocolVersion.V5 ? services.Limits.ReceiveMaximum - acknowledgements.Publishes : int.MaxValue;
        switch (publish.QoS)
        {
            case QualityOfService.AtMostOnce: return true;
            case QualityOfService.ExactlyOnce: return session.Receive(publish.PacketIdentifier, quota, delivery);
            default:
                if (quota <= session.Received) Session.ThrowReceiveMaximumExceeded();
                return true;
        }
    }

    private static ReadOnlySpan<byte> Forwarded(in Publish publish, Delivery delivery, out ushort alias, out uint? expiry)
    {
        (alias, expiry) = (0, null);
        if (publish.Properties.IsEmpty) return [];
        byte[] scratch = delivery.Scratch(publish.Properties.Encoded.Length);
        (int length, alias, expiry) = publish.Properties.CopyForwarded(scratch);
        return scratch.AsSpan(0, length);
    }

    private ReasonCode Refusal(ReadOnlySpan<byte> topic, in Publish publish)
    {
        if (services.Limits.ValidatePayloadFormat && !PayloadFormat.IsValid(publish.Properties, publish.Payload.Span)) return ReasonCode.PayloadFormatInvalid;
        if (topic.Length > services.Limits.TopicBytes || TopicName.Levels(topic) > services.Limits.TopicLevels) return ReasonCode.TopicNameInvalid;
        var decision = rights.Decide(topic, publish.QoS, publish.Retain);
        if (decision.Allows) return ReasonCode.Success;
        denials.Tell("publish to", topic, decision);
        session.Drop(DropReason.NotAuthorized);
        if (version != ProtocolVersion.V5 && services.RefusedPublish == RefusedPublish.Disconnect)
            ProtocolViolation.Throw(ReasonCode.NotAuthorized, "it published where it may not");
        return ReasonCode.NotAuthorized;
    }

    // Before MQTT 5 a refused message is acknowledged like any other [MQTT 3.1.1: MQTT-3.3.5-2]; nobody gets it.
    private void Reply(in Publish publish, ReasonCode reason, JournalUnit? changes, Delivery delivery)
    {
        switch (publish.QoS)
        {
            case QualityOfService.AtLeastOnce:
                acknowledgements.Send(new PubAck(publish.PacketIdentifier, reason) { Properties = acknowledgements.Explain(reason) }, changes, delivery);
                break;
            case QualityOfService.ExactlyOnce:
                // 0x10 is an option that PUBACK takes; in PUBREC some clients take whatever is not 0x00 for a failure.
                if (reason == ReasonCode.NoMatchingSubscribers) reason = ReasonCode.Success;
                acknowledgements.Send(new PubRec(publish.PacketIdentifier, reason) { Properties = acknowledgements.Explain(reason) }, changes, delivery);
                break;
            default:
                if (changes is not null) services.Journal.Append(changes);
                break;
        }
    }
}

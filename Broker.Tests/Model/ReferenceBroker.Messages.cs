using Broker.Core.Protocol;

namespace Broker.Tests.Model;

/// <content>Subscriptions, messages and their handshakes.</content>
internal sealed partial class ReferenceBroker
{
    public const byte FilterInvalid = (byte)ReasonCode.TopicFilterInvalid;

    /// <summary>SUBSCRIBE came.</summary>
    public void Subscribe(ReferenceSession session, SubscribeStep step, ushort identifier)
    {
        bool v5 = session.Connection!.Version == ProtocolVersion.V5;
        var reasons = new List<byte>();
        var wanted = new List<ReferenceSubscription>();
        foreach (var request in step.Requests)
        {
            if (request.Filter.Contains("#/", StringComparison.Ordinal))
            {
                reasons.Add(v5 ? FilterInvalid : (byte)0x80);
                continue;
            }
            var options = v5 ? request.Options : new SubscriptionOptions(request.Options.QoS);
            var subscription = new ReferenceSubscription(request.Filter, options, v5 ? step.Identifier : 0);
            bool isNew = session.Subscriptions.RemoveAll(earlier => earlier.Filter == request.Filter) == 0;
            session.Subscriptions.Add(subscription);
            reasons.Add((byte)options.QoS);
            if (!request.Filter.StartsWith('$') && (options.RetainHandling == 0 || (options.RetainHandling == 1 && isNew))) wanted.Add(subscription);
        }
        session.Expect(Packet.Answer(ControlPacketType.SubAck, identifier, reasons));
        foreach (var subscription in wanted)
        {
            session.Backlog.Add(new Retained([.. retained.Values.Where(message => Matches(subscription.Filter, message.Topic))], subscription));
            session.SendWaiting(Now);
        }
    }

    /// <summary>UNSUBSCRIBE came.</summary>
    public static void Unsubscribe(ReferenceSession session, UnsubscribeStep step, ushort identifier)
    {
        var reasons = new List<byte>();
        foreach (string filter in step.Filters)
        {
            bool existed = session.Subscriptions.RemoveAll(subscription => subscription.Filter == filter) > 0;
            reasons.Add(filter.Contains("#/", StringComparison.Ordinal) ? FilterInvalid : existed ? (byte)0 : (byte)ReasonCode.NoSubscriptionExisted);
        }
        session.Expect(Packet.Answer(ControlPacketType.UnsubAck, identifier, session.Connection!.Version == ProtocolVersion.V5 ? reasons : []));
    }

    /// <summary>PUBLISH came.</summary>
    public void Publish(ReferenceSession session, PublishStep step)
    {
        bool v5 = session.Connection!.Version == ProtocolVersion.V5;
        int open = session.Incoming.Values.Count(connection => connection == session.Connections);
        bool known = false;
        if (step.QoS == QualityOfService.ExactlyOnce)
        {
            known = session.Incoming.TryGetValue(step.Identifier, out int connection);
            if (connection == session.Connections) open = 0; // it is one of them
        }
        if (v5 && step.QoS > 0 && open >= receiveMaximum)
        {
            Refuse(session, ReasonCode.ReceiveMaximumExceeded);
            return;
        }
        if (step.QoS == QualityOfService.ExactlyOnce) session.Incoming[step.Identifier] = session.Connections;
        var answer = step.QoS == QualityOfService.AtLeastOnce ? ControlPacketType.PubAck : ControlPacketType.PubRec;
        bool reached = true;
        if (!known)
        {
            long? expires = v5 && step.Expiry is { } seconds ? Now + seconds * 1000L : null;
            reached = Route(new Message(step.Topic, step.Payload, step.QoS, step.Retain, session.Client, expires, v5 ? step.User : null));
        }
        if (step.QoS == QualityOfService.AtMostOnce) return;
        session.Expect(reached || !v5 ? Packet.Answer(answer, step.Identifier, ReasonCode.Success) : Packet.AnswerForNobody(answer, step.Identifier));
    }

    /// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP came.</summary>
    public void Acknowledge(ReferenceSession session, ControlPacketType type, ushort identifier, ReasonCode reason)
    {
        bool v5 = session.Connection!.Version == ProtocolVersion.V5;
        var unknown = v5 ? ReasonCode.PacketIdentifierNotFound : ReasonCode.Success;
        var outgoing = session.Outgoing.Find(outgoing => outgoing.Identifier == identifier);
        switch (type)
        {
            case ControlPacketType.PubRel:
                session.Expect(Packet.Answer(ControlPacketType.PubComp, identifier, session.Incoming.Remove(identifier) ? ReasonCode.Success : unknown));
                break;
            case ControlPacketType.PubRec when outgoing is null:
                session.Expect(Packet.Answer(ControlPacketType.PubRel, identifier, unknown));
                break;
            case ControlPacketType.PubRec when !reason.IsError():
                outgoing.Released = true;
                session.Expect(Packet.Answer(ControlPacketType.PubRel, identifier, ReasonCode.Success));
                break;
            default:
                if (outgoing is null) break;
                session.Outgoing.Remove(outgoing);
                session.SendWaiting(Now);
                break;
        }
    }

    /// <summary>Brings a message to everyone who subscribed to it.</summary>
    /// <returns>Whether a subscription matched that leaves out nobody's own messages.</returns>
    private bool Route(Message message)
    {
        if (message.Retain)
        {
            if (message.Payload.Length == 0) retained.Remove(message.Topic);
            else retained[message.Topic] = message;
        }
        bool reached = false;
        foreach (var session in sessions)
        {
            var matching = session.Subscriptions.FindAll(subscription => Matches(subscription.Filter, message.Topic));
            matching.RemoveAll(subscription => subscription.Options.NoLocal && session.Client == message.Publisher);
            if (matching.Count > 0)
            {
                var qos = matching.Max(subscription => subscription.Options.QoS);
                bool retain = message.Retain && matching.Exists(subscription => subscription.Options.RetainAsPublished);
                session.Deliver(message, Min(qos, message.QoS), retain, [.. matching.SelectMany(subscription => subscription.Identifiers)], Now);
                reached = true;
            }
            var own = session.Subscriptions.Find(subscription => subscription.Filter.StartsWith("$share/own", StringComparison.Ordinal));
            if (own is not null && message.Topic.StartsWith("q/", StringComparison.Ordinal))
            {
                session.Deliver(message, Min(own.Options.QoS, message.QoS), message.Retain && own.Options.RetainAsPublished, own.Identifiers, Now);
                reached = true;
            }
        }
        return RouteToMany(message) || reached;
    }

    // The group of many: one of those who are connected gets it, at QoS 0.
    private bool RouteToMany(Message message)
    {
        if (message.Topic != ScriptGenerator.ManyTopic) return false;
        var members = sessions.FindAll(session => session.Subscriptions.Exists(subscription => subscription.Filter == ScriptGenerator.ManyFilter));
        var connected = members.FindAll(member => member.Connection is not null);
        if (connected.Count > 0)
        {
            var chosen = Choose(connected, message);
            var membership = chosen.Subscriptions.Find(subscription => subscription.Filter == ScriptGenerator.ManyFilter)!;
            chosen.Deliver(message, QualityOfService.AtMostOnce, message.Retain && membership.Options.RetainAsPublished, membership.Identifiers, Now);
        }
        return members.Count > 0;
    }

    private static QualityOfService Min(QualityOfService one, QualityOfService other) => one < other ? one : other;
}

using Broker.Core.Protocol;

namespace Broker.Tests.Model;

/// <summary>An application message in the model.</summary>
/// <param name="Topic">Topic Name.</param>
/// <param name="Payload">The payload; empty clears what is retained.</param>
/// <param name="QoS">The QoS that it was published with.</param>
/// <param name="Retain">Whether it was published with RETAIN.</param>
/// <param name="Publisher">The client identifier of its publisher.</param>
/// <param name="Expires">When it expires, in milliseconds; null for never.</param>
/// <param name="User">The value of its one User Property, if it has one.</param>
internal sealed record Message(string Topic, string Payload, QualityOfService QoS, bool Retain, string Publisher, long? Expires, string? User);

/// <summary>A subscription of a session.</summary>
internal sealed record ReferenceSubscription(string Filter, SubscriptionOptions Options, uint Identifier)
{
    public uint[] Identifiers => Identifier == 0 ? [] : [Identifier];
}

/// <summary>A QoS 1 or 2 message on its way to a client.</summary>
internal sealed class Outgoing(ushort identifier, Message message, QualityOfService qos, bool retain, uint[] subscriptions)
{
    public ushort Identifier => identifier;
    public Message Message => message;
    public QualityOfService QoS => qos;
    public bool Retain => retain;
    public uint[] Subscriptions => subscriptions;

    /// <summary>PUBLISH was sent on some connection.</summary>
    public bool Sent { get; set; }

    /// <summary>PUBREC came.</summary>
    public bool Released { get; set; }

    /// <summary>PUBLISH or PUBREL was sent on this connection.</summary>
    public bool Handled { get; set; }

    /// <summary>PUBLISH was sent on this connection: it counts against the client's Receive Maximum.</summary>
    public bool Counted { get; set; }
}

/// <summary>Retained messages for one subscription, from the moment when it was made; their order is chosen when their turn has come.</summary>
internal sealed class Retained(List<Message> messages, ReferenceSubscription subscription)
{
    public List<Message> Messages { get; set; } = messages;
    public bool Ordered { get; set; }
    public ReferenceSubscription Subscription => subscription;
}

/// <summary>The client's side of a connection, and what the broker is expected to send on it in this step.</summary>
internal sealed record ReferenceConnection(ProtocolVersion Version, int ReceiveMaximum)
{
    public List<Packet> Expected { get; } = [];
}

/// <summary>A session in the model: lists and loops.</summary>
internal sealed class ReferenceSession(string client, Func<string, Message?> retained, Func<string, List<Message>, List<Message>> inOrder)
{
    private ushort lastIdentifier;

    public string Client => client;
    public ReferenceConnection? Connection { get; set; }
    public uint Expiry { get; set; }
    public long? EndsAt { get; set; }
    public WillWish? Will { get; set; }
    public long? WillAt { get; set; }
    public List<ReferenceSubscription> Subscriptions { get; } = [];
    public List<Outgoing> Outgoing { get; } = [];

    /// <summary>Retained messages that subscriptions are still to get.</summary>
    public List<Retained> Backlog { get; } = [];

    /// <summary>Packet identifiers of QoS 2 messages from the client, with the number of the connection that they last came on.</summary>
    public Dictionary<ushort, int> Incoming { get; } = [];
    public int Connections { get; private set; }

    public void Open(ReferenceConnection connection)
    {
        Connection = connection;
        Connections++;
        foreach (var outgoing in Outgoing) outgoing.Handled = outgoing.Counted = false;
    }

    public void Expect(Packet packet) => Connection!.Expected.Add(packet);

    /// <summary>A copy of a message goes to the client, now or later.</summary>
    public void Deliver(Message message, QualityOfService qos, bool retain, uint[] subscriptions, long now)
    {
        if (qos == QualityOfService.AtMostOnce)
        {
            if (Connection is not null) Send(message, new PublishFlags(qos, retain, false), 0, subscriptions, now);
            return;
        }
        Outgoing.Add(new Outgoing(++lastIdentifier, message, qos, retain, subscriptions));
        SendWaiting(now);
    }

    /// <summary>Sends what waits, in order, as far as the client's Receive Maximum allows; then retained messages.</summary>
    public void SendWaiting(long now)
    {
        if (Connection is null) return;
        foreach (var next in Outgoing.Where(outgoing => !outgoing.Handled).ToList())
        {
            if (next.Released)
            {
                Expect(Packet.Answer(ControlPacketType.PubRel, next.Identifier, ReasonCode.Success));
            }
            else if (Outgoing.Count(outgoing => outgoing.Counted) >= Connection.ReceiveMaximum)
            {
                return;
            }
            else if (!next.Sent && next.Message.Expires <= now)
            {
                Outgoing.Remove(next);
                continue;
            }
            else
            {
                Send(next.Message, new PublishFlags(next.QoS, next.Retain, next.Sent), next.Identifier, next.Subscriptions, now);
                next.Sent = next.Counted = true;
            }
            next.Handled = true;
        }
        while (Backlog.Count > 0 && Outgoing.All(outgoing => outgoing.Handled))
        {
            var next = Backlog[0];
            next.Messages.RemoveAll(message => retained(message.Topic) != message || message.Expires <= now); // a successor came as a live message
            if (next.Messages.Count == 0)
            {
                Backlog.RemoveAt(0);
                continue;
            }
            if (!next.Ordered && next.Messages.Count > 1) next.Messages = inOrder(next.Subscription.Filter, next.Messages);
            next.Ordered = true;
            var first = next.Messages[0];
            next.Messages.RemoveAt(0);
            var qos = first.QoS < next.Subscription.Options.QoS ? first.QoS : next.Subscription.Options.QoS;
            Deliver(first, qos, true, next.Subscription.Identifiers, now);
        }
    }

    /// <summary>What the client has received on this connection and has not acknowledged to the end.</summary>
    public List<Outgoing> Unacknowledged => [.. Outgoing.Where(outgoing => outgoing.Handled)];

    private void Send(Message message, PublishFlags flags, ushort identifier, uint[] subscriptions, long now)
    {
        bool v5 = Connection!.Version == ProtocolVersion.V5;
        var packet = Packet.Publish(message.Topic, message.Payload, flags, identifier, v5 ? subscriptions : [], v5 ? message.User : null);
        Expect(v5 && message.Expires is { } expires ? packet with { Remaining = expires - now } : packet);
    }
}

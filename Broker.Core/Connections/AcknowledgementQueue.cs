using System.Diagnostics;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Core.Storage;

namespace Broker.Core.Connections;

/// <summary>
/// The replies that a connection owes, in the order in which they were asked for [MQTT-4.6.0-2]. Each leaves when what it promises is committed; the read
/// loop goes on meanwhile. Replies to one batch gather and are flushed once.
/// </summary>
internal sealed class AcknowledgementQueue(Outbox outbox, Journal journal, TimeProvider time) : ICommitObserver
{
    private readonly Lock gate = new();

    // The replies that wait, the ticket of the first one, how many of them from the first on can leave, and the tickets of others whose changes are committed.
    private Queue<Reply>? waiting;
    private long first, sampled = -1, sampledAt;
    private volatile int ready;
    private HashSet<long>? ahead;
    private int publishes;

    /// <summary>Told how long a PUBACK waited for its commit: of one at a time, so that most messages cost no look at a clock.</summary>
    public Action<TimeSpan> Waited { get; init; } = static _ => { };

    /// <summary>QoS 1 messages whose PUBACK is still owed; they count against our Receive Maximum.</summary>
    public int Publishes => Volatile.Read(ref publishes);

    /// <summary>Sends a reply once the changes are committed; at once if there are none and nothing waits before it.</summary>
    /// <param name="packet">The reply.</param>
    /// <param name="changes">What it promises, or null.</param>
    /// <param name="delivery">The delivery at hand.</param>
    /// <param name="then">What follows the reply, under no lock.</param>
    public void Send<TPacket>(in TPacket packet, JournalUnit? changes, Delivery delivery, Action<Delivery>? then = null) where TPacket : IControlPacket
    {
        long ticket;
        bool waits;
        lock (gate)
        {
            int before = waiting?.Count ?? 0;
            ticket = first + before;
            waits = changes is not null || before > 0;
            if (waits)
            {
                (waiting ??= new()).Enqueue(Reply.For(packet, then));
                if (packet.Type == ControlPacketType.PubAck)
                {
                    publishes++;
                    if (sampled < 0 && changes is not null) (sampled, sampledAt) = (ticket, Stopwatch.GetTimestamp());
                }
                if (changes is null) Ready(ticket);
            }
            else
            {
                outbox.Write(packet, delivery);
            }
        }
        if (!waits) then?.Invoke(delivery);
        if (changes is null) return;
        changes.Observers.Add((this, ticket));
        journal.Append(changes);
        if (changes.IsElided) journal.TellElided([changes]); // the receivers were quicker
    }

    /// <summary>A Reason String for a failure, if the client wants to know.</summary>
    public Properties Explain(ReasonCode reason) => reason.IsError() ? Explain([reason]) : Properties.None;

    /// <summary>A Reason String for the first failure among reason codes, if the client wants to know [MQTT-3.1.2-29] and it fits [MQTT-3.4.2-2].</summary>
    public Properties Explain(IReadOnlyList<ReasonCode> reasons)
    {
        if (outbox.Version != ProtocolVersion.V5 || !outbox.ProblemInformation) return Properties.None;
        foreach (var reason in reasons)
        {
            if (!reason.IsError()) continue;
            var explanation = new PropertiesBuilder().Add(PropertyId.ReasonString, Words(reason)).Build();
            return 16 + reasons.Count + explanation.Encoded.Length <= outbox.MaximumPacketSize ? explanation : Properties.None;
        }
        return Properties.None;
    }

    void ICommitObserver.Committed(long ticket)
    {
        lock (gate) Ready(ticket);
    }

    void ICommitObserver.Refused(long ticket) => outbox.Connection.Disconnect(ReasonCode.ImplementationSpecificError, "the store cannot take what it sent; the broker's log says why");

    void ICommitObserver.BatchCommitted()
    {
        if (ready == 0) return;
        var delivery = Delivery.Rent(time);
        List<Action<Delivery>>? following = null;
        long waitedSince = 0;
        lock (gate)
        {
            for (; ready > 0; ready--)
            {
                if (first == sampled) (sampled, waitedSince) = (-1, sampledAt);
                first++;
                var reply = waiting!.Dequeue();
                if (reply.Then is { } then) (following ??= []).Add(then);
                if (reply.Type == ControlPacketType.PubAck) publishes--;
                if (reply.Type == ControlPacketType.PubRec) Failpoints.Reached(Failpoint.BeforePubRec);
                reply.Write(outbox, delivery);
            }
        }
        try
        {
            foreach (var then in following ?? []) then(delivery);
            if (waitedSince != 0) Waited(Stopwatch.GetElapsedTime(waitedSince));
        }
        finally
        {
            delivery.Return();
        }
    }

    // Under the lock: a reply can leave as soon as those before it can.
    private void Ready(long ticket)
    {
        if (ticket != first + ready)
        {
            (ahead ??= []).Add(ticket);
            return;
        }
        do ready++;
        while (ahead is { Count: > 0 } && ahead.Remove(first + ready));
    }

    private static string Words(ReasonCode reason) => reason switch
    {
        ReasonCode.NotAuthorized => "an access rule forbids it",
        ReasonCode.TopicNameInvalid => "the topic name is longer or deeper than the broker allows",
        ReasonCode.TopicFilterInvalid => "the topic filter is malformed, or longer or deeper than the broker allows",
        ReasonCode.QuotaExceeded => "a limit of the broker is reached: retained messages, or subscriptions of this client",
        ReasonCode.PayloadFormatInvalid => "the payload is announced as UTF-8 and is none",
        ReasonCode.SharedSubscriptionsNotSupported => "shared subscriptions are switched off",
        ReasonCode.WildcardSubscriptionsNotSupported => "wildcard subscriptions are switched off",
        _ => reason.ToString(),
    };

    // A packet that waits. The one that is most frequent takes no object.
    private readonly struct Reply
    {
        private readonly Packet? packet;
        private readonly ushort acknowledged;

        private Reply(Packet? packet, ushort acknowledged, Action<Delivery>? then) => (this.packet, this.acknowledged, Then) = (packet, acknowledged, then);

        public Action<Delivery>? Then { get; }

        public ControlPacketType Type => packet?.Type ?? ControlPacketType.PubAck;

        public static Reply For<TPacket>(in TPacket packet, Action<Delivery>? then) where TPacket : IControlPacket =>
            packet is PubAck { Reason: ReasonCode.Success, Properties.IsEmpty: true } plain
                ? new(null, plain.PacketIdentifier, then)
                : new(new Packet<TPacket>(packet), 0, then);

        public void Write(Outbox outbox, Delivery delivery)
        {
            if (packet is not null) packet.Write(outbox, delivery);
            else outbox.Write(new PubAck(acknowledged), delivery);
        }
    }

    private abstract class Packet
    {
        public abstract ControlPacketType Type { get; }

        public abstract void Write(Outbox outbox, Delivery delivery);
    }

    private sealed class Packet<TPacket>(TPacket packet) : Packet where TPacket : IControlPacket
    {
        public override ControlPacketType Type => packet.Type;

        public override void Write(Outbox outbox, Delivery delivery) => outbox.Write(packet, delivery);
    }
}

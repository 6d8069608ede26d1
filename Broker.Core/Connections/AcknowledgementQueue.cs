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
    private readonly Queue<Reply> waiting = new();
    private readonly HashSet<long> committed = [];
    private Delivery? batch;
    private long first;
    private int publishes;

    /// <summary>QoS 1 messages whose PUBACK is still owed; they count against our Receive Maximum.</summary>
    public int Publishes => Volatile.Read(ref publishes);

    /// <summary>Sends a reply once the changes are committed; at once if there are none and nothing waits before it.</summary>
    public void Send<TPacket>(in TPacket packet, JournalUnit? changes, Delivery delivery) where TPacket : IControlPacket
    {
        long ticket;
        lock (gate)
        {
            if (changes is null && waiting.Count == 0)
            {
                outbox.Write(packet, delivery);
                return;
            }
            ticket = first + waiting.Count;
            waiting.Enqueue(new Reply<TPacket>(packet));
            if (packet.Type == ControlPacketType.PubAck) publishes++;
            if (changes is null) committed.Add(ticket);
        }
        if (changes is null) return;
        changes.Observers.Add((this, ticket));
        journal.Append(changes);
    }

    void ICommitObserver.Committed(long ticket)
    {
        batch ??= Delivery.Rent(time);
        lock (gate)
        {
            committed.Add(ticket);
            while (waiting.Count > 0 && committed.Remove(first))
            {
                first++;
                var reply = waiting.Dequeue();
                if (reply.Type == ControlPacketType.PubAck) publishes--;
                reply.Write(outbox, batch);
            }
        }
    }

    void ICommitObserver.BatchCommitted()
    {
        batch?.Return();
        batch = null;
    }

    private abstract class Reply
    {
        public abstract ControlPacketType Type { get; }

        public abstract void Write(Outbox outbox, Delivery delivery);
    }

    private sealed class Reply<TPacket>(TPacket packet) : Reply where TPacket : IControlPacket
    {
        public override ControlPacketType Type => packet.Type;

        public override void Write(Outbox outbox, Delivery delivery) => outbox.Write(packet, delivery);
    }
}

using Broker.Core.Protocol;
using Broker.Core.Storage;

namespace Broker.Core.Sessions;

/// <content>The handshakes of QoS 1 and 2 in both directions (MQTT 5, section 4.3).</content>
public sealed partial class Session
{
    // Packet identifiers of QoS 2 messages that were routed and not released yet, with the connection that sent them last.
    private Dictionary<ushort, int>? inbound;
    private int received;

    /// <summary>QoS 2 messages that the client sent on this connection and did not release yet; they count against our Receive Maximum.</summary>
    internal int Received
    {
        get
        {
            lock (Gate) return received;
        }
    }

    /// <summary>A QoS 2 PUBLISH came: is it the first with this packet identifier [MQTT-4.3.3-10]?</summary>
    /// <exception cref="ProtocolViolation">0x93: the client has more than its quota unacknowledged [MQTT-3.3.4-7]. Then nothing is remembered.</exception>
    internal bool Receive(ushort packetIdentifier, int quota, Delivery delivery)
    {
        lock (Gate)
        {
            inbound ??= [];
            bool known = inbound.TryGetValue(packetIdentifier, out int connection);
            if (connection != Attachments)
            {
                if (received >= quota) ThrowReceiveMaximumExceeded();
                received++;
                inbound[packetIdentifier] = Attachments;
            }
            if (!known && IsJournaled) delivery.Unit.Changes.Add(new IdentifierSeen(Key, packetIdentifier));
            return !known;
        }
    }

    /// <summary>Throws: the client did not keep to our Receive Maximum.</summary>
    internal static void ThrowReceiveMaximumExceeded() =>
        ProtocolViolation.Throw(ReasonCode.ReceiveMaximumExceeded, "more QoS 1 and 2 messages are unacknowledged than the Receive Maximum allows");

    /// <summary>A QoS 2 PUBLISH was refused: its identifier stands for a new message [MQTT-4.3.3-9]. Or PUBREL came for it [MQTT-4.3.3-12].</summary>
    /// <returns>Whether the identifier was known.</returns>
    internal bool Forget(ushort packetIdentifier, Delivery delivery)
    {
        lock (Gate)
        {
            if (inbound is null || !inbound.Remove(packetIdentifier, out int connection)) return false;
            if (connection == Attachments) received--;
            if (IsJournaled) delivery.Unit.Changes.Add(new IdentifierForgotten(Key, packetIdentifier));
            return true;
        }
    }

    /// <summary>PUBACK came.</summary>
    /// <returns>The unit of the journal of which nothing is left to be written now, if this was the last of its messages; see <see cref="Journal.TellElided"/>.</returns>
    internal JournalUnit? Acknowledge(ushort packetIdentifier, Delivery delivery)
    {
        lock (Gate)
        {
            int index = queue.Find(packetIdentifier);
            if (index < 0 || queue[index] is not { QoS: QualityOfService.AtLeastOnce, State: EntryState.Sent }) return null;
            var unit = queue[index].Stored?.Unit;
            answers?.Acknowledged(queue.First + index);
            Settle(index);
            SendWaiting(delivery);
            return unit is { IsElided: true } ? unit : null;
        }
    }

    /// <summary>PUBREC came.</summary>
    /// <returns>The reason code of the PUBREL to send, or null if the exchange is over.</returns>
    internal ReasonCode? Release(ushort packetIdentifier, ReasonCode reason, Delivery delivery)
    {
        lock (Gate)
        {
            int index = queue.Find(packetIdentifier);
            if (index < 0 || queue[index].QoS != QualityOfService.ExactlyOnce || queue[index].State is not (EntryState.Sent or EntryState.Released))
                return reason.IsError() ? null : ReasonCode.PacketIdentifierNotFound;
            if (reason.IsError())
            {
                Settle(index); // no PUBREL after a refusal [MQTT-4.3.3-4]
                SendWaiting(delivery);
                return null;
            }
            if (queue[index].State == EntryState.Sent)
            {
                queue.Release(index);
                if (IsJournaled) delivery.Unit.Changes.Add(new EntryReleased(Key, queue.First + index));
                else if (queue[index].Stored is { } beside) SettleBeside(ref queue[index].Stored, beside, delivery);
            }
            return ReasonCode.Success;
        }
    }

    /// <summary>PUBCOMP came.</summary>
    internal void Complete(ushort packetIdentifier, Delivery delivery)
    {
        lock (Gate)
        {
            int index = queue.Find(packetIdentifier);
            if (index < 0 || queue[index] is not { QoS: QualityOfService.ExactlyOnce, State: EntryState.Released }) return;
            Settle(index);
            SendWaiting(delivery);
        }
    }
}

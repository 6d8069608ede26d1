using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Core.Topics;

namespace Broker.Core.Sessions;

/// <content>Messages on their way to the client: sent at once, or queued and sent in order when there is room (MQTT 5, sections 4.3 to 4.9).</content>
public sealed partial class Session
{
    /// <summary>Delivers a live message to this session.</summary>
    /// <returns>Whether it was sent or queued.</returns>
    internal bool Deliver(in Publication message, in Match<Session> match, Delivery delivery)
    {
        if (!MayReceive(message.Topic)) return false;
        if ((match.NoLocal || match.Local.Length > 0) && message.Publisher == ClientIdentifier) // [MQTT-3.8.3-3]
            return match.Local is [var local] && Deliver(message, local, delivery);
        var qos = match.QoS < message.QoS ? match.QoS : message.QoS; // [MQTT-3.8.4-8]
        bool retain = message.Retain && match.RetainAsPublished; // [MQTT-3.3.1-12] [MQTT-3.3.1-13]
        if (qos == QualityOfService.AtMostOnce) return SendOnce(message, new PublishCopy(qos, retain, false, 0, match.Identifiers), delivery);
        lock (Gate) return Enqueue(message, qos, retain, match.Identifiers, null, delivery);
    }

    /// <summary>Offers a message of a share group to this member.</summary>
    /// <param name="message">The message.</param>
    /// <param name="member">The membership.</param>
    /// <param name="group">The group.</param>
    /// <param name="mayKeep">Whether it may be kept for later; else the member must be able to take it now.</param>
    /// <param name="delivery">The delivery at hand.</param>
    /// <returns>Whether the member took it.</returns>
    internal bool DeliverShared(in Publication message, Subscription<Session> member, ShareGroup<Session> group, bool mayKeep, Delivery delivery)
    {
        if (!MayReceive(message.Topic)) return false;
        var qos = member.Options.QoS < message.QoS ? member.Options.QoS : message.QoS; // [MQTT-4.8.2-3]
        bool retain = message.Retain && member.Options.RetainAsPublished;
        uint[] identifiers = member.Identifier == 0 ? [] : [member.Identifier];
        if (qos == QualityOfService.AtMostOnce)
            return (mayKeep || outbox is { IsFull: false }) && SendOnce(message, new PublishCopy(qos, retain, false, 0, identifiers), delivery);
        lock (Gate)
        {
            if (!mayKeep && (outbox is null || !CanSendNext)) return false;
            return Enqueue(message, qos, retain, identifiers, group, delivery);
        }
    }

    /// <summary>Under no lock: sends what waits, as far as there is room.</summary>
    internal void Pump(Delivery delivery)
    {
        lock (Gate) SendWaiting(delivery);
    }

    /// <inheritdoc/>
    void IOutboxSource.Pump(Delivery delivery) => Pump(delivery);

    /// <summary>Retained messages are due for a subscription (MQTT 5, section 3.3.1.3).</summary>
    /// <param name="match">Finds them, when their turn has come; called under the session's lock.</param>
    /// <param name="options">What the subscription asks for.</param>
    /// <param name="identifier">Its Subscription Identifier, or 0.</param>
    /// <param name="delivery">The delivery at hand.</param>
    internal void DeliverRetained(
        Func<List<(RetainedTopic Topic, ApplicationMessage Message)>> match, SubscriptionOptions options, uint identifier, Delivery delivery)
    {
        lock (Gate)
        {
            (retained ??= new()).Enqueue(new RetainedBacklog(match, options, identifier == 0 ? [] : [identifier]));
            SendWaiting(delivery);
        }
    }

    /// <inheritdoc/>
    void ICommitObserver.Committed(long ticket)
    {
        lock (Gate)
        {
            wasTold = true;
            if (ticket == Mark) reading = false;
            if (ticket == Told) asked = false;
            long index = ticket - queue.First;
            if (index >= 0 && index < queue.Count && queue[(int)index] is { State: EntryState.Committing }) queue[(int)index].State = EntryState.Waiting;
        }
    }

    /// <inheritdoc/>
    void ICommitObserver.Refused(long ticket)
    {
        lock (Gate)
        {
            wasTold = true;
            long index = ticket - queue.First;
            if (index >= 0 && index < queue.Count && queue[(int)index] is { State: EntryState.Committing }) Settle((int)index);
        }
    }

    /// <inheritdoc/>
    void ICommitObserver.BatchCommitted()
    {
        lock (Gate)
        {
            if (!wasTold) return;
            wasTold = false;
        }
        var delivery = Delivery.Rent(services.Time);
        Pump(delivery);
        delivery.Return();
    }

    // QoS 0 needs no session state: it takes only the outbox's lock.
    private bool SendOnce(in Publication message, in PublishCopy copy, Delivery delivery)
    {
        if (outbox is not { } to) return false;
        switch (to.Publish(message, copy, delivery))
        {
            case Sent.Yes: return true;
            case Sent.SlowReader: Drop(DropReason.SlowReader); return false;
            case Sent.TooLarge: Drop(DropReason.PacketTooLarge); return false;
            default: return false;
        }
    }

    private bool HasQuota => inFlight < sendMaximum && !queue.IdentifiersExhausted;

    private bool CanSendNext => outbox is { IsFull: false } && HasQuota && !HasWaiting;

    private bool IsQueueFull => IsPersistent
        ? queue.Waiting + queue.Rest.Count >= services.Limits.QueueMessages || queue.WaitingBytes + queue.Rest.Bytes >= services.Limits.QueueBytes
        : queue.Waiting >= services.Limits.TransientQueueMessages || queue.WaitingBytes >= services.Limits.TransientQueueBytes;

    /// <summary>Whether a message of QoS 1 or 2 could be taken now.</summary>
    internal bool HasRoom
    {
        get
        {
            lock (Gate) return CanSendNext || !IsQueueFull;
        }
    }

    // Sequence, window and outbox are taken in one step, so that messages leave in the order in which they came [MQTT-4.6.0-5].
    private bool Enqueue(in Publication message, QualityOfService qos, bool retain, uint[] identifiers, ShareGroup<Session>? group, Delivery delivery)
    {
        if (IsEnded || (owner is null && !IsPersistent)) return false;
        bool now = CanSendNext;
        if (!now && IsQueueFull)
        {
            Drop(DropReason.QueueFull);
            if (services.Limits.QueueFull != QueueFull.DropOldest || !TryDropOldest()) return false;
        }
        bool mustKeep = IsPersistent || group is not null || !now;
        long sequence = queue.NextSequence;
        if (group is not null) shared++;
        var stored = IsJournaled ? new EntryQueued(Key, sequence, delivery.Keep(message), qos, retain, identifiers, group?.Filter)
            : group is null ? null
            : KeepBeside(message, qos, retain, group, delivery);
        if (stored is not null) delivery.Unit.Changes.Add(stored);
        if (MustStayInStore(now))
        {
            AppendToRest(stored!, delivery);
            return true;
        }
        ref var entry = ref queue.Append(new Entry
        {
            Message = mustKeep ? delivery.Keep(message) : null,
            Stored = stored,
            Group = group,
            Identifiers = identifiers,
            QoS = qos,
            State = EntryState.Waiting,
            Retain = retain,
        });
        if (IsJournaled && qos == QualityOfService.ExactlyOnce)
        {
            // Before the commit a crash could give its identifier to another message.
            entry.State = EntryState.Committing;
            delivery.Unit.Observers.Add((this, sequence));
            return true;
        }
        if (!now)
        {
            SendQueued(delivery);
            return true;
        }
        SendNext(message, delivery);
        if (stored is not null && qos == QualityOfService.AtLeastOnce && entry.State == EntryState.Sent)
        {
            answers ??= new();
            answers.Sent(sequence, queue.First, delivery.Now);
            stored.IsAwaited = answers.AreWithin(services.Journal.Patience, delivery.Now);
        }
        return true;
    }

    private void SendWaiting(Delivery delivery)
    {
        while (SendEntries(delivery) && outbox is { } to)
        {
            if (!HasWaiting && retained is not null && !to.IsFull) SendRetained(delivery);
            if (queue.Waiting == 0 && (queue.HasRest || retained is null || retained.Peek().IsReading)) break; // whoever reads it comes back here
            to.WantsMore();
            if (to.IsFull) break;
        }
        ReadBack();
    }

    // While a message is being routed: the entries only, as retained messages would take the delivery from it. A full outbox must be asked to tell when
    // it has room: no acknowledgement may be due that would pump.
    private void SendQueued(Delivery delivery)
    {
        while (SendEntries(delivery) && queue.Waiting > 0 && outbox is { } to)
        {
            to.WantsMore();
            if (to.IsFull) return;
        }
    }

    // Returns false where something else than the outbox holds it up: an acknowledgement or a commit, which pumps when it comes.
    private bool SendEntries(Delivery delivery)
    {
        while (queue.Waiting > 0 && outbox is { IsFull: false } to)
        {
            ref var entry = ref queue[queue.Next];
            switch (entry.State)
            {
                case EntryState.Committing or EntryState.Moving:
                    return false;
                case EntryState.Done:
                    queue.Advance();
                    break;
                case EntryState.Released:
                    to.Write(new PubRel(OutboundQueue.IdentifierOf(queue.First + queue.Next)), delivery);
                    queue.Advance();
                    break;
                default:
                    if (!HasQuota || (entry.QoS == QualityOfService.ExactlyOnce && MustWaitForCommits())) return false;
                    var message = entry.Message!;
                    if (!entry.WasSent && message.ExpiresAt <= delivery.Now)
                    {
                        Drop(DropReason.Expired);
                        Settle(queue.Next);
                        break;
                    }
                    if (MustHold) return false;
                    if (!entry.WasSent && !MayReceive(message.Topic)) // it was queued before the rules denied it
                    {
                        Drop(DropReason.NotAuthorized);
                        Settle(queue.Next);
                        break;
                    }
                    delivery.Encoder.Reset();
                    SendNext(message.AsPublication(), delivery);
                    delivery.Encoder.Reset();
                    break;
            }
        }
        return true;
    }

    private void SendNext(in Publication message, Delivery delivery)
    {
        ref var entry = ref queue[queue.Next];
        ushort identifier = OutboundQueue.IdentifierOf(queue.First + queue.Next);
        Failpoints.Reached(Failpoint.Delivery);
        var sent = outbox!.Publish(message, new PublishCopy(entry.QoS, entry.Retain, entry.WasSent, identifier, entry.Identifiers), delivery);
        if (sent == Sent.TooLarge)
        {
            Drop(DropReason.PacketTooLarge);
            Settle(queue.Next); // as if its delivery were complete [MQTT-3.1.2-25]
            return;
        }
        HighestSent = Math.Max(HighestSent, queue.First + queue.Next);
        entry.State = EntryState.Sent;
        entry.WasSent = entry.Counted = true;
        inFlight++;
        // A session that ends with its connection never sends twice, so its messages need not be kept; those of a group may move to another member.
        queue.Advance(forgets: !IsPersistent && entry.Group is null);
    }

    private void Settle(int index, Delivery? movedBy = null)
    {
        ref var entry = ref queue[index];
        if (entry.Counted) inFlight--;
        if (entry.Group is not null) shared--;
        if (entry.Stored is { } stored)
        {
            // A message that moves leaves here in the transaction in which it comes there, and was promised until then.
            if (movedBy is not null) movedBy.Unit.Changes.Add(new EntrySettled(stored.Session, stored.Sequence));
            else if (!stored.TryElide()) AppendSettled(stored.Session, stored.Sequence);
        }
        else if (IsJournaled)
        {
            AppendSettled(Key, queue.First + index);
        }
        queue.Settle(index);
    }

    private void SendRetained(Delivery delivery)
    {
        SendBacklogs(delivery);
        delivery.Begin();
        if (delivery.TakeUnit() is { } unit) services.Journal.Append(unit);
    }

    private async Task ReadRetainedAsync(RetainedBacklog backlog, int connection)
    {
        var (places, topics) = backlog.BeginReading();
        var read = await services.Reader.ReadRetainedAsync(topics, () => outbox is not null && Attachments == connection).ConfigureAwait(false);
        var delivery = Delivery.Rent(services.Time);
        lock (Gate)
        {
            backlog.EndReading(places, read);
            SendWaiting(delivery);
        }
        delivery.Return();
    }

    private void SendBacklogs(Delivery delivery)
    {
        while (retained is not null && retained.TryPeek(out var backlog))
        {
            while (backlog.TryNext(delivery.Now, out var message))
            {
                if (outbox is not { IsFull: false } || HasWaiting)
                {
                    backlog.PutBack();
                    return;
                }
                if (!message.IsWhole)
                {
                    backlog.PutBack();
                    if (!backlog.IsReading) _ = ReadRetainedAsync(backlog, Attachments);
                    return;
                }
                if (!MayReceiveRetained(message)) continue;
                delivery.Begin(message);
                var qos = backlog.Options.QoS < message.QoS ? backlog.Options.QoS : message.QoS;
                var publication = message.AsPublication();
                if (qos == QualityOfService.AtMostOnce) SendOnce(publication, new PublishCopy(qos, true, false, 0, backlog.Identifiers), delivery);
                else Enqueue(publication, qos, true, backlog.Identifiers, null, delivery);
            }
            retained.Dequeue();
        }
        retained = null;
    }
}

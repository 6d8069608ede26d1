using Broker.Core.Storage;

namespace Broker.Core.Sessions;

/// <content>
/// The rest of a stored queue: what lies in the store only, so that a queue of any length costs no memory. It is all of it while the client is away, and what
/// comes behind a full head of the queue while the client is slow. It is read back in order, at the client's pace, as far as it is committed; only when
/// nothing of it is left do messages go to the client directly again.
/// </content>
public sealed partial class Session
{
    // Tickets that are no sequences: the end of waiting for a commit before reading, and only being told.
    private const long Mark = 0, Told = -1;
    private const int TellEvery = 256;

    // What was given to the journal and was not committed when it was last looked at, in order of sequence.
    private Queue<EntryQueued>? uncommitted;
    private bool reading, asked;

    // What was settled and may not be committed yet, with the journal's numbers; the last change of this queue's own, which may still take more; and how many entries all are.
    private Queue<(long Unit, EntrySettled Change)>? settling;
    private EntrySettled? lastSettled;
    private int settlingEntries;

    private ReadPage Page => new(1_000, (int)Math.Min(services.Limits.QueueMemoryBytes / 2, 512 * 1024));

    private bool HasWaiting => queue.Waiting > 0 || queue.HasRest;

    private bool MustStayInStore(bool canSendNow) =>
        IsJournaled && (outbox is null || queue.HasRest || (!canSendNow && queue.WaitingBytes >= services.Limits.QueueMemoryBytes));

    private void AppendToRest(EntryQueued stored, Delivery delivery)
    {
        queue.AppendToRest(stored.Message.Size);
        Readable();
        (uncommitted ??= new()).Enqueue(stored);
        if (uncommitted.Count % TellEvery == 0) delivery.Unit.Observers.Add((this, Told)); // so that the list does not hold on to what is committed
    }

    // The highest sequence of the rest up to which everything is committed. What a slower publisher has yet to append holds it down.
    private long Readable()
    {
        while (uncommitted is { Count: > 0 } && !uncommitted.Peek().IsPending) uncommitted.Dequeue();
        return uncommitted is { Count: > 0 } ? uncommitted.Peek().Sequence - 1 : queue.NextSequence - 1;
    }

    // An entry that must be settled was cut into a batch already, and the journal takes what may be extended before it cuts: so the change comes behind the entry.
    private void AppendSettled(long session, long sequence)
    {
        settlingEntries++;
        if (session == Key && lastSettled is not null && lastSettled.TryExtend(sequence)) return;
        Settling();
        var change = new EntrySettled(session, sequence);
        if (session == Key) lastSettled = change;
        (settling ??= new()).Enqueue((services.Journal.Append(change), change));
    }

    private int Settling()
    {
        long committed = services.Journal.CommittedUnits;
        while (settling is { Count: > 0 } && settling.Peek().Unit <= committed) settlingEntries -= settling.Dequeue().Change.Count;
        return settlingEntries;
    }

    // After a crash as many of the stored entries count as sent as the client takes at once. A QoS 2 message that was sent must be among them: it goes out when
    // enough of what stands before it has left the store.
    private bool MustWaitForCommits()
    {
        if (!IsJournaled || inFlight + Settling() < sendMaximum) return false;
        if (asked) return true;
        asked = true;
        services.Journal.TellWhenCommitted(this, Told);
        return true;
    }

    // The client has gone: all lies in the store, or will when the journal has written it.
    private void Unload()
    {
        Queue<EntryQueued> pending = new();
        for (int i = 0; i < queue.Count; i++)
            if (queue[i].Stored is { IsPending: true } stored) pending.Enqueue(stored);
        foreach (var stored in uncommitted ?? []) pending.Enqueue(stored);
        uncommitted = pending.Count > 0 ? pending : null;
        queue.Unload();
    }

    private void ReadBack()
    {
        if (reading || !queue.HasRest || outbox is null) return;
        var page = Page;
        if (queue.Waiting >= page.Entries / 2 || queue.WaitingBytes >= page.Bytes) return;
        reading = true;
        long from = queue.End, upTo = Readable();
        if (upTo < from)
        {
            services.Journal.TellWhenCommitted(this, Mark);
            return;
        }
        _ = ReadBackAsync(Attachments, from, upTo, page);
    }

    private async Task ReadBackAsync(int connection, long from, long upTo, ReadPage page)
    {
        var read = await services.Reader.ReadEntriesAsync(Key, from, upTo, page, () => outbox is not null && Attachments == connection).ConfigureAwait(false);
        if (read is not var (entries, isWhole)) return;
        var delivery = Delivery.Rent(services.Time);
        lock (Gate)
        {
            if (Attachments == connection && owner is not null)
            {
                reading = false;
                if (queue.End == from)
                {
                    foreach (var entry in entries) TakeBack(entry);
                    if (isWhole) queue.SkipTo(upTo + 1);
                }
                SendWaiting(delivery);
            }
        }
        delivery.Return();
    }

    private void TakeBack(in StoredEntry stored)
    {
        if (moved is not null && moved.Contains(stored.Sequence)) return;
        var group = stored.ShareFilter is { } filter ? services.Subscriptions.Group(filter) : null;
        if (stored.ShareFilter is not null && group is null) shared--;
        queue.ReadBack(stored.Sequence, new Entry
        {
            Message = stored.IsReleased ? null : stored.Message,
            Group = group,
            Identifiers = stored.Identifiers,
            QoS = stored.QoS,
            State = stored.IsReleased ? EntryState.Released : EntryState.Waiting,
            Retain = stored.Retain,
            WasSent = stored.Sequence <= HighestSent,
        });
    }

    // The oldest message that was never sent makes room for the newest.
    private bool TryDropOldest()
    {
        for (int i = queue.Next; i < queue.Count; i++)
        {
            if (queue[i] is not { State: EntryState.Waiting, WasSent: false }) continue;
            Settle(i);
            return true;
        }
        if (queue.Count > 0 || !queue.HasRest || queue.End <= HighestSent) return false;
        long oldest = queue.End;
        Readable();
        if (uncommitted is not { Count: > 0 } || uncommitted.Peek().Sequence != oldest || !uncommitted.Peek().TryElide())
            AppendSettled(Key, oldest);
        queue.DropFromRest();
        return true;
    }
}

using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Core.Topics;

namespace Broker.Core.Sessions;

/// <summary>Where a QoS 1 or 2 message stands with its receiver.</summary>
internal enum EntryState : byte
{
    /// <summary>It must be committed before it is sent.</summary>
    Committing,

    /// <summary>It is being offered to another member of its share group.</summary>
    Moving,

    /// <summary>It waits to be sent.</summary>
    Waiting,

    /// <summary>PUBLISH was sent; PUBACK or PUBREC is due.</summary>
    Sent,

    /// <summary>PUBREC came; PUBREL is due or was sent, PUBCOMP is due.</summary>
    Released,

    /// <summary>It is done and only keeps its place.</summary>
    Done,
}

/// <summary>A QoS 1 or 2 message for one session.</summary>
internal struct Entry
{
    /// <summary>The message; null once it was sent and can never be sent again.</summary>
    public ApplicationMessage? Message;

    /// <summary>What was given to the journal for it in this process, or null: then it was read back from the store, or is not stored.</summary>
    public EntryQueued? Stored;
    public ShareGroup<Session>? Group;
    public uint[] Identifiers;
    public QualityOfService QoS;
    public EntryState State;
    public bool Retain;

    /// <summary>Sent on this or an earlier connection: sent again, it bears DUP.</summary>
    public bool WasSent;

    /// <summary>It counts against the client's Receive Maximum on this connection.</summary>
    public bool Counted;
}

/// <summary>
/// The QoS 1 and 2 messages of one session in their order: those in flight, then those that wait in memory, then the rest, which lies in the store only.
/// Each has a sequence number, from which its packet identifier follows, so that a message sent again bears the same one. Belongs to its session's lock.
/// </summary>
/// <remarks>The rest is joined to what is in memory by reading it back from <see cref="End"/> on. It is empty where the next to read is the next to assign.</remarks>
internal sealed class OutboundQueue
{
    private const int Identifiers = 65_535;

    private Entry[] ring = [];
    private int head;

    /// <summary>The sequence of the first entry.</summary>
    public long First { get; private set; } = 1;

    /// <summary>How many entries are in memory.</summary>
    public int Count { get; private set; }

    /// <summary>How many entries, from the first on, were dealt with on this connection; the entry at this index is the next to send.</summary>
    public int Next { get; private set; }

    /// <summary>The bytes of the messages in memory that were not sent on this connection.</summary>
    public long WaitingBytes { get; private set; }

    /// <summary>The bytes of all messages in memory; whoever does not hold the lock may read it a moment late.</summary>
    public long MemoryBytes { get; private set; }

    /// <summary>How many entries in memory were not dealt with on this connection.</summary>
    public int Waiting => Count - Next;

    /// <summary>The sequence behind those in memory: that of the next one to read back, or to assign.</summary>
    public long End => First + Count;

    /// <summary>The sequence that the next message gets.</summary>
    public long NextSequence { get; private set; } = 1;

    /// <summary>Whether some lie in the store only.</summary>
    public bool HasRest => NextSequence > End;

    /// <summary>How many lie in the store only, and the bytes of their messages.</summary>
    public (long Count, long Bytes) Rest { get; private set; }

    /// <summary>Whether the next entry's packet identifier is still in use by an older one.</summary>
    public bool IdentifiersExhausted => Next >= Identifiers;

    public ref Entry this[int index] => ref ring[(head + index) & (ring.Length - 1)];

    public static ushort IdentifierOf(long sequence) => (ushort)(1 + (sequence - 1) % Identifiers);

    /// <summary>Adds a message behind those in memory; there must be no rest.</summary>
    public ref Entry Append(in Entry entry)
    {
        NextSequence++;
        return ref Add(entry);
    }

    /// <summary>Adds a message to the rest.</summary>
    public void AppendToRest(int bytes)
    {
        NextSequence++;
        Rest = (Rest.Count + 1, Rest.Bytes + bytes);
    }

    /// <summary>What was stored before this process began.</summary>
    public void Restore(long first, long next, long count, long bytes)
    {
        (First, NextSequence) = (count > 0 ? first : next, next);
        Rest = (count, bytes);
    }

    /// <summary>Adds an entry of the rest that was read back. Sequences that were passed over have no entry any more.</summary>
    public void ReadBack(long sequence, in Entry entry)
    {
        SkipTo(sequence);
        Add(entry);
        Rest = (Rest.Count - 1, Rest.Bytes - (entry.Message?.Size ?? 0));
    }

    /// <summary>Nothing is stored from the end in memory up to this sequence, which is the next to read back.</summary>
    public void SkipTo(long sequence)
    {
        if (Count == 0) First = Math.Max(First, sequence);
        while (End < sequence) Add(new Entry { State = EntryState.Done, Identifiers = [] });
        if (!HasRest) Rest = default;
    }

    /// <summary>The oldest entry of the rest is given up; there must be none in memory.</summary>
    public void DropFromRest()
    {
        Rest = (Rest.Count - 1, Rest.Bytes - (Rest.Count > 0 ? Rest.Bytes / Rest.Count : 0));
        SkipTo(End + 1);
    }

    /// <summary>An entry of the rest was taken elsewhere.</summary>
    public void TakenFromRest(int bytes) => Rest = (Rest.Count - 1, Rest.Bytes - bytes);

    /// <summary>So many entries of the rest were given up; of average size, as nobody has read them.</summary>
    public void GivenUpFromRest(long count) => Rest = (Rest.Count - count, Rest.Bytes - Rest.Bytes * count / Math.Max(1, Rest.Count));

    /// <summary>All entries leave the memory; they lie in the store, or will when the journal has written them.</summary>
    public void Unload()
    {
        long count = 0, bytes = 0;
        for (int i = 0; i < Count; i++)
        {
            if (this[i].State == EntryState.Done) continue;
            count++;
            bytes += this[i].Message?.Size ?? 0;
        }
        Rest = (Rest.Count + count, Rest.Bytes + bytes);
        (ring, head, Count, Next, WaitingBytes, MemoryBytes) = ([], 0, 0, 0, 0, 0);
    }

    /// <summary>The entry that a packet identifier stands for, or -1.</summary>
    public int Find(ushort identifier)
    {
        int index = (identifier - IdentifierOf(First) + Identifiers) % Identifiers;
        return index < Count ? index : -1;
    }

    /// <summary>The next entry was dealt with: sent, or passed over.</summary>
    /// <param name="forgets">Whether its message is never sent again.</param>
    public void Advance(bool forgets = false)
    {
        ref var entry = ref this[Next];
        WaitingBytes -= entry.Message?.Size ?? 0;
        if (forgets) Forget(ref entry);
        Next++;
    }

    /// <summary>The receiver has an entry's message, which is never sent again.</summary>
    public void Release(int index)
    {
        ref var entry = ref this[index];
        if (index >= Next) WaitingBytes -= entry.Message?.Size ?? 0;
        entry.State = EntryState.Released;
        Forget(ref entry);
    }

    /// <summary>An entry is done. Those at the front leave.</summary>
    public void Settle(int index)
    {
        ref var entry = ref this[index];
        if (index >= Next) WaitingBytes -= entry.Message?.Size ?? 0;
        entry.State = EntryState.Done;
        Forget(ref entry);
        entry.Stored = null;
        while (Count > 0 && this[0].State == EntryState.Done)
        {
            this[0] = default;
            head = (head + 1) & (ring.Length - 1);
            First++;
            Count--;
            if (Next > 0) Next--;
        }
        if (Count == 0 && ring.Length > 64) ring = [];
    }

    /// <summary>A connection begins: everything is dealt with anew, from the first on.</summary>
    public void Rewind()
    {
        for (; Next > 0; Next--)
        {
            ref var entry = ref this[Next - 1];
            entry.Counted = false;
            WaitingBytes += entry.Message?.Size ?? 0;
        }
    }

    private void Forget(ref Entry entry)
    {
        MemoryBytes -= entry.Message?.Size ?? 0;
        entry.Message = null;
    }

    private ref Entry Add(in Entry entry)
    {
        if (Count == ring.Length) Grow();
        Count++;
        int size = entry.Message?.Size ?? 0;
        WaitingBytes += size;
        MemoryBytes += size;
        ref var place = ref this[Count - 1];
        place = entry;
        return ref place;
    }

    private void Grow()
    {
        var bigger = new Entry[Math.Max(4, ring.Length * 2)];
        for (int i = 0; i < Count; i++) bigger[i] = this[i];
        ring = bigger;
        head = 0;
    }
}

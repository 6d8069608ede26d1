namespace Broker.Web.Persistence.Batches;

/// <summary>
/// How many queue entries refer to each message that is stored once for several, so that it goes with the last of them without the database having to count.
/// In memory and of the journal's thread alone; counted anew when the store is opened. Ids of messages that are stored together lie close together: a
/// segment of counts serves a thousand of them.
/// </summary>
internal sealed class MessageReferences
{
    private const int Bits = 10;
    private readonly Dictionary<long, Segment> segments = [];

    /// <summary>The highest id that was ever counted, or 0.</summary>
    public long Highest { get; private set; }

    /// <summary>How many messages are referred to.</summary>
    public long Messages { get; private set; }

    /// <summary>How many segments there are.</summary>
    public int Segments => segments.Count;

    /// <summary>How many entries refer to the message.</summary>
    public int this[long id] => segments.TryGetValue(id >> Bits, out var segment) ? segment.Counts[Slot(id)] : 0;

    /// <summary>So many more entries refer to the message, or fewer.</summary>
    public void Add(long id, int difference)
    {
        if (difference == 0) return;
        if (!segments.TryGetValue(id >> Bits, out var segment)) segments.Add(id >> Bits, segment = new Segment());
        ref int count = ref segment.Counts[Slot(id)];
        bool was = count != 0;
        count += difference;
        int more = (count != 0 ? 1 : 0) - (was ? 1 : 0);
        Messages += more;
        segment.Used += more;
        if (segment.Used == 0) segments.Remove(id >> Bits);
        if (id > Highest) Highest = id;
    }

    /// <summary>Forgets everything, to count anew.</summary>
    public void Clear()
    {
        segments.Clear();
        Messages = 0;
    }

    private static int Slot(long id) => (int)(id & ((1 << Bits) - 1));

    private sealed class Segment
    {
        public readonly int[] Counts = new int[1 << Bits];
        public int Used;
    }
}

using Broker.Core.Protocol;
using Broker.Core.Storage;

namespace Broker.Core.Sessions;

/// <summary>
/// What a thread has in hand while it delivers: the encoding of the message at hand, the changes that belong to it, and the outboxes that it wrote to and
/// that want flushing once, at the end. Rented for a stretch of work that does not wait for anything; never shared between threads.
/// </summary>
public sealed class Delivery
{
    [ThreadStatic]
    private static Delivery? spare;

    private readonly List<Outbox> dirty = [];
    private ApplicationMessage? kept;
    private JournalUnit? unit;
    private byte[] scratch = [];
    private bool urgent;

    /// <summary>The time of this stretch of work, in milliseconds since 1970.</summary>
    public long Now { get; private set; }

    internal PublishEncoder Encoder { get; } = new();

    /// <summary>The changes of the message at hand, and who waits for their commit.</summary>
    internal JournalUnit Unit => unit ??= new();

    /// <summary>Takes the thread's delivery, or a new one.</summary>
    public static Delivery Rent(TimeProvider time)
    {
        var delivery = spare ?? new Delivery();
        spare = null;
        delivery.Now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return delivery;
    }

    /// <summary>Begins with another message, which may be kept already.</summary>
    internal void Begin(ApplicationMessage? message = null)
    {
        kept = message;
        Encoder.Reset();
    }

    /// <summary>Bytes to work in while one message is at hand.</summary>
    internal byte[] Scratch(int length) => scratch.Length >= length ? scratch : scratch = new byte[Math.Max(1024, length)];

    /// <summary>The message at hand as one that can be kept; copied once, however many keep it.</summary>
    internal ApplicationMessage Keep(in Publication publication) => kept ??= new ApplicationMessage(publication);

    /// <summary>Takes the changes that gathered, if there are any.</summary>
    internal JournalUnit? TakeUnit()
    {
        var taken = unit;
        unit = null;
        return taken;
    }

    /// <summary>An outbox wants flushing; at once if much has gathered in it.</summary>
    internal void Add(Outbox outbox) => dirty.Add(outbox);

    /// <summary>Much has gathered in an outbox.</summary>
    internal void Hurry() => urgent = true;

    /// <summary>Between two messages, under no lock: flushes if much has gathered.</summary>
    internal void FlushIfUrgent()
    {
        if (urgent) Flush();
    }

    /// <summary>Under no lock: flushes every outbox that was written to. What it makes room for is sent as well.</summary>
    public void Flush()
    {
        urgent = false;
        for (int i = 0; i < dirty.Count; i++) dirty[i].Flush(this);
        dirty.Clear();
    }

    /// <summary>Flushes and gives the delivery back.</summary>
    public void Return()
    {
        Flush();
        Begin();
        spare = this;
    }
}

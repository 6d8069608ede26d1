using System.Buffers.Binary;
using Broker.Bench.Clients;
using Broker.Core.Protocol;

namespace Broker.Bench.Pairs;

/// <summary>
/// A publisher and a subscriber that alone gets its messages, both driven by one thread: it sends as many as the window allows, takes what has come, and sends
/// as many again. So the broker never waits for messages, and none heap up in it.
/// </summary>
internal sealed class Pair : IDisposable
{
    private const int Piece = 64 * 1024;
    private const byte PubAck = (byte)ControlPacketType.PubAck << 4;

    // So long nothing comes where a message of QoS 0 was lost on its way, and where one of QoS 1 cannot be.
    private static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(60);

    private readonly LoadConnection publisher, subscriber;
    private readonly EncodedPublish[] messages;
    private readonly QualityOfService qos;
    private readonly int window;
    private readonly byte[] piece;
    private byte[] acknowledgements = new byte[4096];
    private long sent, delivered;
    private int undelivered, unacknowledged;
    private volatile bool stopping;

    /// <summary>Connects both and subscribes.</summary>
    /// <param name="options">What they do.</param>
    /// <param name="name">What their client identifiers begin with.</param>
    /// <param name="filters">What is subscribed to.</param>
    /// <param name="topics">What is published to in turn; each matches one of the filters, and nobody else's.</param>
    public Pair(PairOptions options, string name, IReadOnlyList<string> filters, IReadOnlyList<string> topics)
    {
        qos = options.QoS;
        messages = [.. topics.Select(topic => new EncodedPublish(options.Target.Version, topic, options.Size, qos))];
        piece = new byte[Math.Max(Piece, messages.Max(message => message.Length))];
        subscriber = LoadConnection.Open(options.Target, $"{name}-s");
        try
        {
            subscriber.Subscribe(qos, filters);
            publisher = LoadConnection.Open(options.Target, $"{name}-p");
        }
        catch
        {
            subscriber.Dispose();
            throw;
        }
        subscriber.Patience = qos == QualityOfService.AtMostOnce ? LostAfter : Patience;
        publisher.Patience = Patience;
        window = qos == QualityOfService.AtMostOnce ? options.Inflight : publisher.Window(options.Inflight);
    }

    /// <summary>Messages that came, up to now.</summary>
    public long Delivered => Volatile.Read(ref delivered);

    /// <summary>Messages that did not come; known once it has run.</summary>
    public long Lost => sent - delivered;

    /// <summary>Drives both until it is told to stop, and takes what is then on its way.</summary>
    /// <exception cref="TimeoutException">Nothing comes although it must.</exception>
    public void Run()
    {
        while (!stopping || undelivered > 0 || unacknowledged > 0)
        {
            if (!stopping) Send();
            if (unacknowledged > 0) TakeAcknowledgements();
            if (undelivered > 0) TakeMessages();
        }
    }

    public void Stop() => stopping = true;

    public void Dispose()
    {
        publisher.Dispose();
        subscriber.Dispose();
    }

    private void Send()
    {
        int length = 0;
        while (undelivered < window && unacknowledged < window)
        {
            var message = messages[sent % messages.Length];
            if (length + message.Length > piece.Length) break;
            message.CopyTo(piece.AsSpan(length), sent);
            length += message.Length;
            sent++;
            undelivered++;
            if (qos != QualityOfService.AtMostOnce) unacknowledged++;
        }
        if (length > 0) publisher.Send(piece.AsSpan(0, length));
    }

    private void TakeAcknowledgements()
    {
        if (!publisher.TryReceive()) throw new TimeoutException($"no PUBACK came for {Patience.TotalSeconds} s");
        while (publisher.TryTake(out byte first, out _))
        {
            if (first != PubAck) throw new InvalidDataException($"a publisher got a packet that begins with 0x{first:X2}");
            unacknowledged--;
        }
    }

    private void TakeMessages()
    {
        if (!subscriber.TryReceive())
        {
            if (qos != QualityOfService.AtMostOnce) throw new TimeoutException($"no message came for {Patience.TotalSeconds} s");
            undelivered = 0; // lost, and others are sent in their place
            return;
        }
        int came = 0;
        while (subscriber.TryTake(out byte first, out var body))
        {
            if (first >> 4 != (int)ControlPacketType.Publish) throw new InvalidDataException($"a subscriber got a packet that begins with 0x{first:X2}");
            if (qos != QualityOfService.AtMostOnce) AddAcknowledgement(came, body.Span);
            came++;
        }
        if (qos != QualityOfService.AtMostOnce) subscriber.Send(acknowledgements.AsSpan(0, came * 4));
        undelivered = Math.Max(0, undelivered - came);
        Volatile.Write(ref delivered, delivered + came);
    }

    // The packet identifier stands behind the topic.
    private void AddAcknowledgement(int index, ReadOnlySpan<byte> publish)
    {
        int at = 2 + BinaryPrimitives.ReadUInt16BigEndian(publish);
        if (index * 4 == acknowledgements.Length) Array.Resize(ref acknowledgements, acknowledgements.Length * 2);
        ((ReadOnlySpan<byte>)[PubAck, 2, publish[at], publish[at + 1]]).CopyTo(acknowledgements.AsSpan(index * 4));
    }
}

using System.Diagnostics;
using Broker.Bench.Clients;
using Broker.Core.Protocol;

namespace Broker.Bench.Durable;

/// <summary>Sends messages at QoS 1 as fast as its window allows, on a thread of its own, and notes how long each acknowledgement took.</summary>
internal sealed class DurablePublisher : IDisposable
{
    private const int Piece = 64 * 1024;

    private readonly LoadConnection connection;
    private readonly EncodedPublish message;
    private readonly byte[] piece;
    private readonly int index;
    private readonly long[] sentAt = new long[65_536];

    public DurablePublisher(DurableOptions options, string name, string topic, int index, int messages)
    {
        this.index = index;
        connection = LoadConnection.Open(options.Target, name);
        Window = connection.Window(options.Inflight);
        message = new EncodedPublish(options.Target.Version, topic, options.Size, QualityOfService.AtLeastOnce);
        piece = new byte[Math.Max(Piece, message.Length)];
        Latencies = new long[messages];
    }

    /// <summary>How many messages may wait for their acknowledgement.</summary>
    public int Window { get; }

    /// <summary>From sending to PUBACK, in ticks of <see cref="Stopwatch"/>.</summary>
    public long[] Latencies { get; }

    /// <summary>How many messages the broker refused.</summary>
    public int Refused { get; private set; }

    /// <summary>Sends all of them and comes back with the last acknowledgement.</summary>
    public void Run()
    {
        int sent = 0, acknowledged = 0;
        while (acknowledged < Latencies.Length)
        {
            long now = Stopwatch.GetTimestamp();
            int length = 0;
            while (sent < Latencies.Length && sent - acknowledged < Window && length + message.Length <= piece.Length)
            {
                var target = piece.AsSpan(length, message.Length);
                int identifier = message.CopyTo(target, sent);
                new Stamp(index, sent).Write(target[message.PayloadAt..]);
                sentAt[identifier] = now;
                length += message.Length;
                sent++;
            }
            if (length > 0) connection.Send(piece.AsSpan(0, length));
            if (sent < Latencies.Length && sent - acknowledged < Window) continue; // the piece was full, not the window
            connection.Receive();
            now = Stopwatch.GetTimestamp();
            while (connection.TryTake(out byte first, out var body))
            {
                if (first != (byte)ControlPacketType.PubAck << 4) throw new InvalidDataException($"a publisher got a packet that begins with 0x{first:X2}");
                var bytes = body.Span;
                Latencies[acknowledged++] = now - sentAt[bytes[0] << 8 | bytes[1]];
                if (bytes.Length > 2 && bytes[2] >= 0x80) Refused++;
            }
        }
    }

    public void Dispose() => connection.Dispose();
}

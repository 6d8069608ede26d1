using System.Diagnostics;
using Broker.Bench.Clients;
using Broker.Core.Protocol;

namespace Broker.Bench.Durable;

/// <summary>A persistent session: it subscribes, and takes and acknowledges what comes, each message counted once.</summary>
internal sealed class DurableSubscriber(DurableOptions options, string name, string topic, int publishers) : IDisposable
{
    private const byte PubAck = (byte)ControlPacketType.PubAck << 4;

    private readonly int[] next = new int[publishers];
    private LoadConnection? connection;
    private byte[] acknowledgements = new byte[4096];

    /// <summary>Different messages that came.</summary>
    public int Received { get; private set; }

    /// <summary>Messages that came again, or after a later one of the same publisher.</summary>
    public int Repeated { get; private set; }

    /// <summary>When the last message came.</summary>
    public long LastAt { get; private set; }

    /// <summary>Whether the session was still there when it came back.</summary>
    public bool WasPresent => connection!.ConnAck.SessionPresent;

    public void Subscribe()
    {
        connection = LoadConnection.Open(options.Target, name, lasting: true, cleanStart: false);
        connection.Subscribe(QualityOfService.AtLeastOnce, topic);
    }

    public void Leave() => connection!.Disconnect();

    public void Return() => connection = LoadConnection.Open(options.Target, name, lasting: true, cleanStart: false);

    /// <summary>Takes messages until so many have come, or none for the time that one waits.</summary>
    public async Task ReceiveAsync(int count, Task sending)
    {
        using var quiet = new CancellationTokenSource();
        _ = sending.ContinueWith(_ => quiet.CancelAfter(options.Patience), TaskScheduler.Default); // while messages are sent, silence means nothing
        try
        {
            while (true)
            {
                Take();
                if (Received >= count) return;
                if (sending.IsCompleted) quiet.CancelAfter(options.Patience);
                await connection!.ReceiveAsync(quiet.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // What has not come is lost.
        }
    }

    /// <summary>Ends the session.</summary>
    public void Discard()
    {
        connection!.Disconnect();
        LoadConnection.Open(options.Target, name).Disconnect();
    }

    public void Dispose() => connection?.Dispose();

    private void Take()
    {
        int length = 0;
        while (connection!.TryTake(out byte first, out var body))
        {
            if (first >> 4 != (int)ControlPacketType.Publish) throw new InvalidDataException($"a subscriber got a packet that begins with 0x{first:X2}");
            var publish = Publish.Read(first, body, options.Target.Version, Sender.Server);
            var stamp = Stamp.Read(publish.Payload.Span);
            if (stamp.Number < next[stamp.Publisher]) Repeated++;
            else (next[stamp.Publisher], Received) = (stamp.Number + 1, Received + 1);
            if (length + 4 > acknowledgements.Length) Array.Resize(ref acknowledgements, acknowledgements.Length * 2);
            ((ReadOnlySpan<byte>)[PubAck, 2, (byte)(publish.PacketIdentifier >> 8), (byte)publish.PacketIdentifier]).CopyTo(acknowledgements.AsSpan(length));
            length += 4;
        }
        if (length == 0) return;
        LastAt = Stopwatch.GetTimestamp();
        connection.Send(acknowledgements.AsSpan(0, length));
    }
}

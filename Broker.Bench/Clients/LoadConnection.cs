using System.Net.Security;
using System.Net.Sockets;
using Broker.Core.Protocol;

namespace Broker.Bench.Clients;

/// <summary>A connection that costs little: a blocking or awaited socket, with TLS or without, one buffer, and the packets where they lie in it.</summary>
internal sealed class LoadConnection : IDisposable
{
    private const int FiltersAPacket = 100;

    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly ProtocolVersion version;
    private Stream stream = Stream.Null;
    private byte[] buffer = [];
    private int start, end;

    private LoadConnection(ProtocolVersion version) => this.version = version;

    /// <summary>What the broker answered to CONNECT.</summary>
    public ConnAck ConnAck { get; private set; } = null!;

    /// <summary>How long <see cref="TryReceive"/> waits.</summary>
    public TimeSpan Patience
    {
        set => socket.ReceiveTimeout = (int)value.TotalMilliseconds;
    }

    /// <summary>Connects with a session that ends with the connection, or with one that stays.</summary>
    /// <param name="target">The broker.</param>
    /// <param name="name">Client Identifier.</param>
    /// <param name="lasting">Whether the session outlives the connection, where MQTT 5 says so by itself.</param>
    /// <param name="cleanStart">Clean Start; before MQTT 5, Clean Session.</param>
    /// <param name="kernelBytes">The size of the kernel's receive buffer; 0 for what it gives.</param>
    /// <exception cref="InvalidDataException">The broker did not let it in.</exception>
    public static LoadConnection Open(Target target, string name, bool lasting = false, bool cleanStart = true, int kernelBytes = 0)
    {
        var connection = new LoadConnection(target.Version) { buffer = new byte[kernelBytes > 0 ? 512 : 128 * 1024] };
        try
        {
            connection.Connect(target, kernelBytes);
            var properties = target.Version == ProtocolVersion.V5 && lasting ? new PropertiesBuilder().Add(PropertyId.SessionExpiryInterval, 3600).Build() : Properties.None;
            connection.Send(new Connect { Version = target.Version, ClientIdentifier = name, CleanStart = cleanStart, Properties = properties });
            connection.ConnAck = (ConnAck)connection.Expect(ControlPacketType.ConnAck);
            if (connection.ConnAck.Reason != ReasonCode.Success) throw new InvalidDataException($"{name} was refused: {connection.ConnAck.Reason}");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>How many messages of QoS 1 may be unacknowledged, if so many are wished: MQTT 5 has a Receive Maximum.</summary>
    public int Window(int wish) => (int)Math.Min((uint)wish, ConnAck.Properties.Number(PropertyId.ReceiveMaximum) ?? ushort.MaxValue);

    /// <summary>Subscribes, many filters a packet.</summary>
    /// <exception cref="InvalidDataException">The broker granted less.</exception>
    public void Subscribe(QualityOfService qos, params IReadOnlyList<string> filters)
    {
        foreach (string[] some in filters.Chunk(FiltersAPacket))
        {
            Send(new Subscribe(1, [.. some.Select(filter => new SubscriptionRequest(filter, new SubscriptionOptions(qos)))]));
            var reasons = ((SubAck)Expect(ControlPacketType.SubAck)).Reasons;
            for (int i = 0; i < some.Length; i++)
                if ((int)reasons[i] != (int)qos) throw new InvalidDataException($"{some[i]} was not granted: {reasons[i]}");
        }
    }

    public void Send<TPacket>(in TPacket packet) where TPacket : IControlPacket => Send(PacketCodec.ToArray(packet, version));

    public void Send(ReadOnlySpan<byte> bytes) => stream.Write(bytes);

    /// <summary>Takes a packet that has arrived as a whole. It is valid until the next bytes are received.</summary>
    public bool TryTake(out byte first, out ReadOnlyMemory<byte> body)
    {
        body = default;
        if (!PacketCodec.TryFindPacket(buffer.AsSpan(start..end), int.MaxValue, out first, out int headerLength, out int length)) return false;
        body = buffer.AsMemory(start + headerLength, length - headerLength);
        start += length;
        return true;
    }

    /// <summary>Waits for bytes, on this thread.</summary>
    public void Receive() => Add(stream.Read(Room().Span));

    /// <summary>Waits for bytes, on this thread, for as long as its patience lasts. After that, TLS cannot be read any more.</summary>
    /// <returns>Whether some came.</returns>
    public bool TryReceive()
    {
        try
        {
            Receive();
            return true;
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.TimedOut })
        {
            return false;
        }
    }

    /// <summary>Publishes messages of QoS 1, so many at a time, and comes back when all are acknowledged.</summary>
    /// <exception cref="InvalidDataException">The broker refused one.</exception>
    public void PublishAll(IEnumerable<EncodedPublish> messages, int inflight)
    {
        int window = Window(inflight), unacknowledged = 0;
        long sent = 0;
        var bytes = new byte[1024];
        foreach (var message in messages)
        {
            if (bytes.Length < message.Length) bytes = new byte[message.Length];
            message.CopyTo(bytes, sent++);
            Send(bytes.AsSpan(0, message.Length));
            unacknowledged++;
            while (unacknowledged >= window) TakeAcknowledgements();
        }
        while (unacknowledged > 0) TakeAcknowledgements();

        void TakeAcknowledgements()
        {
            Receive();
            while (TryTake(out byte first, out var body))
            {
                if (first != (byte)ControlPacketType.PubAck << 4) throw new InvalidDataException($"a publisher got a packet that begins with 0x{first:X2}");
                if (body.Length > 2 && body.Span[2] >= 0x80) throw new InvalidDataException($"a message was refused: {(ReasonCode)body.Span[2]}");
                unacknowledged--;
            }
        }
    }

    /// <summary>Waits for bytes, without a thread.</summary>
    public async ValueTask ReceiveAsync(CancellationToken cancellation) => Add(await stream.ReadAsync(Room(), cancellation));

    /// <summary>Sends DISCONNECT and closes.</summary>
    public void Disconnect()
    {
        Send(new Disconnect(ReasonCode.Success));
        socket.Shutdown(SocketShutdown.Send);
        // Once the broker has closed too, it has let go of the session.
        while (stream.Read(buffer) > 0) { }
        Dispose();
    }

    public void Dispose()
    {
        stream.Dispose();
        socket.Dispose();
    }

    private void Connect(Target target, int kernelBytes)
    {
        if (kernelBytes > 0) socket.ReceiveBufferSize = kernelBytes;
        socket.Connect(target.Host, target.Port);
        stream = new NetworkStream(socket);
        if (target.Tls is null) return;
        var tls = new SslStream(stream);
        stream = tls;
        tls.AuthenticateAsClient(target.Tls);
    }

    private Memory<byte> Room()
    {
        if (start > 0) buffer.AsSpan(start..end).CopyTo(buffer);
        (start, end) = (0, end - start);
        if (end == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
        return buffer.AsMemory(end);
    }

    private void Add(int count)
    {
        if (count == 0) throw new EndOfStreamException("the broker closed the connection");
        end += count;
    }

    private IControlPacket Expect(ControlPacketType type)
    {
        byte first;
        ReadOnlyMemory<byte> body;
        while (!TryTake(out first, out body)) Receive();
        var packet = PacketCodec.Read(first, body.ToArray(), version, Sender.Server);
        return packet.Type == type ? packet : throw new InvalidDataException($"{packet.Type} came instead of {type}");
    }
}

using System.Net;
using System.Net.Sockets;
using Broker.Core.Protocol;

namespace Broker.Tests.Load;

/// <summary>A connection that costs little: a blocking or awaited socket, one buffer, and the packets where they lie in it.</summary>
internal sealed class LoadConnection : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly LoadOptions options;
    private byte[] buffer = new byte[128 * 1024];
    private int start, end;

    private LoadConnection(LoadOptions options) => this.options = options;

    /// <summary>What the broker answered to CONNECT.</summary>
    public ConnAck ConnAck { get; private set; } = null!;

    /// <summary>Connects with a session that ends with the connection, or with one that stays.</summary>
    public static LoadConnection Open(LoadOptions options, string name, bool lasting, bool cleanStart)
    {
        var connection = new LoadConnection(options);
        connection.socket.Connect(new IPEndPoint(IPAddress.Parse(options.Host), options.Port));
        var properties = options.Version == ProtocolVersion.V5 && lasting ? new PropertiesBuilder().Add(PropertyId.SessionExpiryInterval, 3600).Build() : Properties.None;
        connection.Send(new Connect { Version = options.Version, ClientIdentifier = name, CleanStart = cleanStart, Properties = properties });
        connection.ConnAck = (ConnAck)connection.Expect(ControlPacketType.ConnAck);
        if (connection.ConnAck.Reason != ReasonCode.Success) throw new InvalidDataException($"{name} was refused: {connection.ConnAck.Reason}");
        return connection;
    }

    public void Subscribe(string filter)
    {
        Send(new Subscribe(1, [new(filter, new SubscriptionOptions(QualityOfService.AtLeastOnce))]));
        var reasons = ((SubAck)Expect(ControlPacketType.SubAck)).Reasons;
        if (reasons[0] != ReasonCode.GrantedQoS1) throw new InvalidDataException($"{filter} was not granted: {reasons[0]}");
    }

    public void Send<TPacket>(in TPacket packet) where TPacket : IControlPacket => Send(PacketCodec.ToArray(packet, options.Version));

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[socket.Send(bytes)..];
    }

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
    public void Receive() => Add(socket.Receive(Room().Span));

    /// <summary>Waits for bytes, without a thread.</summary>
    public async ValueTask ReceiveAsync(CancellationToken cancellation) => Add(await socket.ReceiveAsync(Room(), cancellation));

    /// <summary>Sends DISCONNECT and closes.</summary>
    public void Disconnect()
    {
        Send(new Disconnect(ReasonCode.Success));
        socket.Shutdown(SocketShutdown.Send);
        // Once the broker has closed too, it has let go of the session.
        while (socket.Receive(buffer) > 0) { }
        Dispose();
    }

    public void Dispose() => socket.Dispose();

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
        var packet = PacketCodec.Read(first, body.ToArray(), options.Version, Sender.Server);
        return packet.Type == type ? packet : throw new InvalidDataException($"{packet.Type} came instead of {type}");
    }
}

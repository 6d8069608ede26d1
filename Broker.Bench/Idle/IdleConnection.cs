using System.Net;
using System.Net.Sockets;
using Broker.Core.Protocol;

namespace Broker.Bench.Idle;

/// <summary>A connection with one subscription, which holds no buffer and no thread while nothing happens.</summary>
internal sealed class IdleConnection : IDisposable
{
    // A source address has some 28,000 ports for connections that go out.
    private const int AnAddress = 20_000;

    private static readonly byte[] Goodbye = PacketCodec.ToArray(new Disconnect(ReasonCode.Success), ProtocolVersion.V311);

    private readonly IdleOptions options;
    private readonly byte[] connect, subscribe;
    private Socket? socket;

    /// <summary>Makes it; it is not open yet.</summary>
    /// <param name="options">What it speaks with whom.</param>
    /// <param name="name">Client Identifier, and what it subscribes to.</param>
    /// <param name="index">Its place among all, which chooses its source address: on a loopback address, 127.0.0.1 for the first ones, then 127.0.0.2 and so on.</param>
    public IdleConnection(IdleOptions options, string name, int index)
    {
        this.options = options;
        var version = options.Target.Version;
        var properties = version == ProtocolVersion.V5 && options.Persistent ? new PropertiesBuilder().Add(PropertyId.SessionExpiryInterval, 3600).Build() : Properties.None;
        connect = PacketCodec.ToArray(new Connect { Version = version, ClientIdentifier = name, CleanStart = !options.Persistent, Properties = properties }, version);
        subscribe = PacketCodec.ToArray(new Subscribe(1, [new SubscriptionRequest(name, new SubscriptionOptions(QualityOfService.AtMostOnce))]), version);
        if (index >= AnAddress && IsLoopback(options.Target.Host)) Source = new IPEndPoint(new IPAddress([127, 0, 0, (byte)(1 + index / AnAddress)]), 0);
    }

    /// <summary>The address that it comes from, if that is not left to the system.</summary>
    public IPEndPoint? Source { get; }

    /// <summary>Whether the broker still had its session when it was opened last.</summary>
    public bool WasPresent { get; private set; }

    /// <summary>Connects and subscribes.</summary>
    /// <exception cref="InvalidDataException">The broker refused it.</exception>
    public async Task OpenAsync(CancellationToken cancellation)
    {
        Dispose();
        var opened = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket = opened;
        if (Source is not null) opened.Bind(Source);
        await opened.ConnectAsync(options.Target.Host, options.Target.Port, cancellation);
        await opened.SendAsync(connect, cancellation);
        var connAck = (ConnAck)await ExpectAsync(opened, ControlPacketType.ConnAck, cancellation);
        if (connAck.Reason != ReasonCode.Success) throw new InvalidDataException($"a connection was refused: {connAck.Reason}");
        WasPresent = connAck.SessionPresent;
        if (WasPresent) return;
        await opened.SendAsync(subscribe, cancellation);
        var reason = ((SubAck)await ExpectAsync(opened, ControlPacketType.SubAck, cancellation)).Reasons[0];
        if (reason != ReasonCode.Success) throw new InvalidDataException($"a subscription was not granted: {reason}");
    }

    /// <summary>Comes back when the broker has closed it.</summary>
    public async Task LostAsync(CancellationToken cancellation)
    {
        try
        {
            var some = new byte[64];
            do await socket!.ReceiveAsync(Memory<byte>.Empty, cancellation); // waits without a buffer
            while (await socket.ReceiveAsync(some, cancellation) > 0);
        }
        catch (SocketException)
        {
            // It was reset.
        }
    }

    /// <summary>Sends DISCONNECT and closes.</summary>
    public void Leave()
    {
        try
        {
            socket?.Send(Goodbye);
        }
        catch (SocketException)
        {
            // The broker was quicker.
        }
        Dispose();
    }

    public void Dispose() => socket?.Dispose();

    private static bool IsLoopback(string host) => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private async Task<IControlPacket> ExpectAsync(Socket from, ControlPacketType type, CancellationToken cancellation)
    {
        var buffer = new byte[256];
        int end = 0, headerLength, length;
        byte first;
        while (!PacketCodec.TryFindPacket(buffer.AsSpan(0, end), buffer.Length, out first, out headerLength, out length))
        {
            int count = await from.ReceiveAsync(buffer.AsMemory(end), cancellation);
            if (count == 0) throw new EndOfStreamException("the broker closed the connection");
            end += count;
        }
        var packet = PacketCodec.Read(first, buffer.AsMemory(headerLength, length - headerLength), options.Target.Version, Sender.Server);
        return packet.Type == type ? packet : throw new InvalidDataException($"{packet.Type} came instead of {type}");
    }
}

using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Broker.Web.Listeners.Sockets;

/// <summary>One accepted connection, as Kestrel's connection middleware sees it.</summary>
internal sealed class SocketConnection : ConnectionContext, IDuplexPipe, IConnectionSocketFeature
{
    private static long lastId;
    private readonly SocketReader reader;
    private readonly BatchWriter writer;
    private readonly ConnectionRoom room;
    private readonly EventLoop? loop;
    private readonly int place;
    private int closed;
    private CancellationTokenSource? closing;

    /// <param name="socket">The socket.</param>
    /// <param name="accepted">Where it was accepted.</param>
    /// <param name="room">Where it has a place, which it gives back.</param>
    /// <param name="loop">The loop that tells its reader and its writer how it stands; without one the system does, through the thread pool.</param>
    public SocketConnection(Socket socket, MqttEndPoint accepted, ConnectionRoom room, EventLoop? loop)
    {
        Socket = socket;
        EndPoint = accepted;
        (this.room, this.loop) = (room, loop);
        if (loop is null)
        {
            socket.Blocking = false;
            (reader, writer) = (new SocketReader(socket), new SocketWriter(socket));
        }
        else
        {
            var (input, output) = (new LoopReader(socket, loop), new LoopWriter(socket, loop));
            (reader, writer) = (input, output);
            place = loop.Watch(socket, input, output);
        }
        Transport = this;
        RemoteEndPoint = Unmapped(socket.RemoteEndPoint);
        LocalEndPoint = Unmapped(socket.LocalEndPoint);
        Features.Set<IConnectionSocketFeature>(this);
        Features.Set<IMemoryPoolFeature>(RecordMemory.Feature);
        Features.Set(this);
    }

    /// <summary>Where it was accepted.</summary>
    public MqttEndPoint EndPoint { get; }

    public Socket Socket { get; }

    /// <summary>The way out below any TLS.</summary>
    public BatchWriter Writer => writer;

    public override string ConnectionId { get; set; } = Interlocked.Increment(ref lastId).ToString("x", CultureInfo.InvariantCulture);

    public override IFeatureCollection Features { get; } = new ConnectionFeatures();

    public override IDictionary<object, object?> Items { get => field ??= new Dictionary<object, object?>(); set; }

    public override IDuplexPipe Transport { get; set; }

    /// <summary>Fires when it is closed. Made when somebody asks first: most connections end without.</summary>
    public override CancellationToken ConnectionClosed
    {
        get
        {
            var source = Volatile.Read(ref closing) ?? Interlocked.CompareExchange(ref closing, new CancellationTokenSource(), null) ?? closing!;
            if (Volatile.Read(ref closed) != 0) source.Cancel();
            return source.Token;
        }
    }

    PipeReader IDuplexPipe.Input => reader;

    PipeWriter IDuplexPipe.Output => writer;

    public override void Abort(ConnectionAbortedException abortReason) => Close(reset: true);

    public override ValueTask DisposeAsync()
    {
        Close(reset: false);
        reader.Complete();
        return default;
    }

    // A reset discards what the system still holds for a peer that takes nothing; an orderly close lets it leave.
    private void Close(bool reset)
    {
        if (Interlocked.Exchange(ref closed, 1) != 0) return;
        if (!reset) writer.SendPostponed();
        writer.Break();
        reader.End();
        loop?.Forget(place);
        try
        {
            if (reset) Socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // The peer was quicker.
        }
        Socket.Dispose();
        room.Leave();
        Volatile.Read(ref closing)?.Cancel();
    }

    // An IPv4 client of a listener for both families shows as ::ffff:192.0.2.1.
    private static EndPoint? Unmapped(EndPoint? address) =>
        address is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port) : address;
}

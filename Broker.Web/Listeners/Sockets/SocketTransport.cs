using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Broker.Web.Listeners.Sockets;

/// <summary>
/// Kestrel's transport for the MQTT listeners. Unlike the default one it has no pipes and no tasks between a socket and its reader and writer: bytes are
/// received into large blocks by whoever reads and sent by whoever flushes; and on Linux event loops run what waits for them. The HTTP endpoints keep the default transport.
/// </summary>
internal sealed class SocketTransport(EventLoops loops, TimeProvider time, ILogger<SocketTransport> log) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is MqttEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = new SocketListener((MqttEndPoint)endpoint, loops, time, log);
        return new(listener);
    }
}

/// <summary>One listening socket.</summary>
internal sealed partial class SocketListener : IConnectionListener
{
    private static readonly TimeSpan Breather = TimeSpan.FromMilliseconds(100);
    private readonly MqttEndPoint endPoint;
    private readonly EventLoops loops;
    private readonly TimeProvider time;
    private readonly ILogger log;

    public SocketListener(MqttEndPoint endPoint, EventLoops loops, TimeProvider time, ILogger log)
    {
        (this.endPoint, this.loops, this.time, this.log) = (endPoint, loops, time, log);
        try
        {
            endPoint.Socket.Listen(4_096);
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(failure.Message, failure);
        }
    }

    public EndPoint EndPoint => endPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var socket = await endPoint.Socket.AcceptAsync(cancellationToken);
                if (TryOpen(socket) is { } connection) return connection;
            }
            catch (Exception closed) when (closed is ObjectDisposedException or OperationCanceledException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return null;
            }
            catch (SocketException failure)
            {
                // Most likely too many open files; those in the backlog wait until some are closed.
                LogAcceptFailed(log, endPoint.Url, failure.Message);
                await Task.Delay(Breather, time, cancellationToken);
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        endPoint.Socket.Dispose();
        return default;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    private SocketConnection? TryOpen(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            socket.Blocking = false;
            // What encrypts takes long at a handshake, and would hold up a loop.
            return new SocketConnection(socket, endPoint, endPoint.Settings.Certificate is null ? loops.Next() : null);
        }
        catch (SocketException)
        {
            socket.Dispose(); // The peer has gone while it was accepted.
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Listener} cannot accept a connection: {Reason}")]
    private static partial void LogAcceptFailed(ILogger log, string listener, string reason);
}

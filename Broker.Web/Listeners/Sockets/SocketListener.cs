using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Broker.Web.Listeners.Sockets;

/// <summary>
/// One listening socket, with a thread that waits for clients. Each is handed to Kestrel on that thread: from its arrival on the way through the system's own event loop and
/// the thread pool costs more than what a connection itself does.
/// </summary>
internal sealed partial class SocketListener : IConnectionListener
{
    private const int Backlog = 4_096;

    private static readonly TimeSpan Breather = TimeSpan.FromMilliseconds(100);
    private readonly Channel<ConnectionContext> accepted =
        Channel.CreateUnbounded<ConnectionContext>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true, AllowSynchronousContinuations = true });
    private readonly MqttEndPoint endPoint;
    private readonly EventLoops loops;
    private readonly ConnectionRoom room;
    private readonly ILogger log;

    public SocketListener(MqttEndPoint endPoint, EventLoops loops, ConnectionRoom room, ILogger log)
    {
        (this.endPoint, this.loops, this.room, this.log) = (endPoint, loops, room, log);
        try
        {
            endPoint.Socket.Listen(Backlog);
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(failure.Message, failure);
        }
        new Thread(Accept) { Name = $"MQTT accept {endPoint.Url}", IsBackground = true }.Start();
    }

    public EndPoint EndPoint => endPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await accepted.Reader.ReadAsync(cancellationToken);
        }
        catch (Exception closed) when (closed is ChannelClosedException or OperationCanceledException)
        {
            return null;
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        endPoint.Close(); // which wakes the thread
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        endPoint.Close();
        while (await AcceptAsync() is { } unserved) unserved.Abort();
    }

    private void Accept()
    {
        while (!endPoint.IsClosed)
        {
            try
            {
                if (Open(endPoint.Socket.Accept()) is { } connection) accepted.Writer.TryWrite(connection);
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                if (endPoint.IsClosed) break;
                // Most likely too many open files; those in the backlog wait until some are closed.
                LogAcceptFailed(log, endPoint.Url, failure.Message);
                Thread.Sleep(Breather);
            }
        }
        accepted.Writer.Complete();
    }

    private SocketConnection? Open(Socket socket)
    {
        if (!room.TryEnter())
        {
            socket.Dispose();
            return null;
        }
        try
        {
            socket.NoDelay = true;
            // What encrypts takes long at a handshake, and would hold up a loop.
            return new SocketConnection(socket, endPoint, room, endPoint.Settings.Tls is null ? loops.Next() : null);
        }
        catch (Exception failure)
        {
            socket.Dispose();
            room.Leave();
            if (failure is not SocketException) LogAcceptFailed(log, endPoint.Url, failure.Message); // else the peer has gone while it was accepted
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Listener} cannot accept a connection: {Reason}")]
    private static partial void LogAcceptFailed(ILogger log, string listener, string reason);
}

using System.Net;
using System.Net.Sockets;

namespace Broker.Tests.Testing;

/// <summary>A byte stream to a broker, as raw as a test needs it.</summary>
public abstract class RawStream : IDisposable
{
    /// <summary>Sends bytes of the MQTT stream, in one piece of whatever the transport knows.</summary>
    public abstract Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Receives the next bytes of the MQTT stream; none when the broker has ended it, by FIN, reset or close frame.</summary>
    public abstract Task<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellation);

    /// <summary>Says how the broker ended the stream, for a message to a reader.</summary>
    public abstract string HowItEnded { get; }

    /// <summary>Cuts the connection as a broken network would: without DISCONNECT and close frame.</summary>
    public abstract void Cut();

    /// <inheritdoc/>
    public void Dispose()
    {
        Cut();
        GC.SuppressFinalize(this);
    }

    internal static async Task<Socket> ConnectAsync(int port, int? receiveBuffer, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } size) socket.ReceiveBufferSize = size;
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellation);
        return socket;
    }
}

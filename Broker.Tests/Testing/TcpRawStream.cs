using System.Net.Sockets;

namespace Broker.Tests.Testing;

/// <summary>A plain TCP connection.</summary>
public sealed class TcpRawStream : RawStream
{
    private readonly Socket socket;
    private readonly byte[] buffer = new byte[64 * 1024];
    private string end = "it did not end";

    private TcpRawStream(Socket socket) => this.socket = socket;

    /// <inheritdoc/>
    public override string HowItEnded => end;

    /// <summary>Connects to a port of this machine.</summary>
    public static async Task<TcpRawStream> OpenAsync(int port, int? receiveBuffer, CancellationToken cancellation) => new(await ConnectAsync(port, receiveBuffer, cancellation));

    /// <inheritdoc/>
    public override async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes, cancellation)..];
    }

    /// <inheritdoc/>
    public override async Task<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellation)
    {
        try
        {
            int length = await socket.ReceiveAsync(buffer, cancellation);
            if (length == 0) end = "FIN";
            return buffer.AsMemory(0, length);
        }
        catch (SocketException error)
        {
            end = error.SocketErrorCode.ToString();
            return default;
        }
    }

    /// <summary>Sends FIN: nothing follows, but what the broker sends can still be received.</summary>
    public void FinishSending() => socket.Shutdown(SocketShutdown.Send);

    /// <inheritdoc/>
    public override void Cut() => socket.Dispose();
}

using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Broker.Web.Listeners.Sockets;

/// <summary>Writes a socket: a flush sends on the calling thread, and waits only when the system's buffer is full.</summary>
internal sealed class SocketWriter(Socket socket) : BatchWriter(headroom: 0)
{
    private ValueTaskAwaiter<int> send;

    protected override bool BeginSend(ReadOnlyMemory<byte> bytes)
    {
        send = socket.SendAsync(bytes, SocketFlags.None).GetAwaiter();
        if (send.IsCompleted) return true;
        send.UnsafeOnCompleted(WhenSent);
        return false;
    }

    protected override int EndSend() => send.GetResult();

    /// <summary>Sends FIN behind the last byte; the other direction stays open.</summary>
    protected override ValueTask FinishAsync()
    {
        socket.Shutdown(SocketShutdown.Send);
        return default;
    }
}

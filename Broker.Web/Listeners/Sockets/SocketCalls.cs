using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Broker.Web.Listeners.Sockets;

/// <summary>Linux's recv(2) and send(2), which never wait here, whatever the socket is set to. The framework's own want a quarter of a kilobyte for each socket that does not block.</summary>
internal static unsafe partial class SocketCalls
{
    private const int DontWait = 0x40, NoSignal = 0x4000;
    private const int Interrupted = 4, Again = 11, BrokenPipe = 32, Aborted = 103, Reset = 104, TimedOut = 110;

    /// <summary>Takes what has arrived, up to a room.</summary>
    /// <returns>How many bytes; 0 at the end of the stream, or where there was an error.</returns>
    /// <exception cref="ObjectDisposedException">It was closed.</exception>
    public static int Receive(SafeHandle socket, Span<byte> room, out SocketError error)
    {
        fixed (byte* bytes = room) return Checked(Receive(socket, bytes, room.Length, DontWait), out error);
    }

    /// <summary>Sends as much as the system takes now.</summary>
    /// <returns>How many bytes; 0 where there was an error.</returns>
    /// <exception cref="ObjectDisposedException">It was closed.</exception>
    public static int Send(SafeHandle socket, ReadOnlySpan<byte> bytes, out SocketError error)
    {
        fixed (byte* first = bytes) return Checked(Send(socket, first, bytes.Length, DontWait | NoSignal), out error);
    }

    private static int Checked(nint count, out SocketError error)
    {
        error = count >= 0 ? SocketError.Success : Marshal.GetLastPInvokeError() switch
        {
            Again => SocketError.WouldBlock,
            Interrupted => SocketError.Interrupted,
            Reset => SocketError.ConnectionReset,
            Aborted => SocketError.ConnectionAborted,
            BrokenPipe => SocketError.Shutdown,
            TimedOut => SocketError.TimedOut,
            _ => SocketError.SocketError,
        };
        return (int)Math.Max(count, 0);
    }

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(SafeHandle socket, byte* room, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(SafeHandle socket, byte* bytes, nint length, int flags);
}

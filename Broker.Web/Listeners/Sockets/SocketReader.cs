using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace Broker.Web.Listeners.Sockets;

/// <summary>Reads a socket: waits without a buffer, then takes what is there in one call.</summary>
internal sealed class SocketReader(Socket socket) : BufferedReader(BlockSize)
{
    /// <summary>Bytes a receive. Measured against Kestrel's 4 KiB blocks: twice the messages a CPU second.</summary>
    public const int BlockSize = 64 * 1024;

    private ValueTaskAwaiter<int> wait;
    private bool readable;

    protected override bool BeginWait(Action ready)
    {
        wait = socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None).GetAwaiter(); // A receive of nothing ends when there is something.
        if (wait.IsCompleted) return true;
        wait.UnsafeOnCompleted(ready);
        return false;
    }

    protected override void EndWait()
    {
        try
        {
            wait.GetResult();
            readable = true;
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            throw Ended(failure);
        }
    }

    protected override Filled Fill()
    {
        if (!readable) return Filled.Nothing;
        var room = Room(BlockSize);
        SocketError error;
        int count;
        try
        {
            count = socket.Receive(room, SocketFlags.None, out error);
        }
        catch (ObjectDisposedException failure)
        {
            throw Ended(failure);
        }
        switch (error)
        {
            case SocketError.Success when count > 0:
                readable = count == room.Length; // A short one has emptied the socket, and saves the call that would say so.
                Add(count);
                return Filled.Bytes;
            case SocketError.Success:
                return Filled.End;
            case SocketError.WouldBlock or SocketError.Interrupted:
                readable = false;
                return Filled.Nothing;
            default:
                throw Ended(new SocketException((int)error));
        }
    }

    private static Exception Ended(Exception failure) =>
        failure is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown }
            ? new ConnectionResetException(failure.Message, failure)
            : new ConnectionAbortedException("The connection was closed.", failure);
}

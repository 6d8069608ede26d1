using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace Broker.Web.Listeners.Sockets;

/// <summary>Reads a socket: waits without a buffer, then takes what is there in one call.</summary>
internal class SocketReader(Socket socket) : BufferedReader(BlockSize)
{
    /// <summary>Bytes a receive. Measured against Kestrel's 4 KiB blocks: twice the messages a CPU second.</summary>
    public const int BlockSize = 64 * 1024;

    private ValueTaskAwaiter<int> wait;

    /// <summary>Whether there may be bytes in the socket.</summary>
    protected bool IsReadable { get; set; }

    /// <summary>Whether the end comes behind the bytes that are there.</summary>
    protected bool IsEnding { get => Volatile.Read(ref field); set => Volatile.Write(ref field, value); }

    protected override bool BeginWait()
    {
        wait = socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None).GetAwaiter(); // A receive of nothing ends when there is something.
        if (wait.IsCompleted) return true;
        wait.UnsafeOnCompleted(WhenReady);
        return false;
    }

    protected override void EndWait()
    {
        try
        {
            wait.GetResult();
            IsReadable = true;
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            throw Ended(failure);
        }
    }

    protected override Filled Fill()
    {
        if (!IsReadable) return Filled.Nothing;
        var room = Room(BlockSize);
        SocketError error;
        int count;
        try
        {
            count = Receive(socket, room, out error);
        }
        catch (ObjectDisposedException failure)
        {
            throw Ended(failure);
        }
        switch (error)
        {
            case SocketError.Success when count > 0:
                IsReadable = count == room.Length || IsEnding; // A short one has emptied the socket, and saves the call that would say so.
                Add(count);
                return Filled.Bytes;
            case SocketError.Success:
                return Filled.End;
            case SocketError.WouldBlock or SocketError.Interrupted:
                IsReadable = false;
                return Filled.Nothing;
            default:
                throw Ended(new SocketException((int)error));
        }
    }

    /// <summary>Takes what is there, without waiting.</summary>
    protected virtual int Receive(Socket socket, Span<byte> room, out SocketError error) => socket.Receive(room, SocketFlags.None, out error);

    private static Exception Ended(Exception failure) =>
        failure is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown }
            ? new ConnectionResetException(failure.Message, failure)
            : new ConnectionAbortedException("The connection was closed.", failure);
}

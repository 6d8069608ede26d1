using System.Net.Sockets;

namespace Broker.Web.Listeners.Sockets;

/// <summary>
/// Writes a socket that an event loop watches: a flush sends on the calling thread; where the system's buffer is full the loop goes on with it. Little that is flushed in
/// the loop itself leaves at the end of the loop's round, together with what others flush there in the same round: a call of the system costs as much as many messages.
/// </summary>
internal sealed class LoopWriter(Socket socket, EventLoop loop) : BatchWriter(headroom: 0)
{
    private const int Little = 8 * 1024;

    private Readiness readiness;
    private ReadOnlyMemory<byte> rest;
    private Exception? failure;
    private int count;

    /// <summary>Of the loop: there is room.</summary>
    public void Tell()
    {
        if (readiness.Tell() && TrySend()) OnSent();
    }

    protected override bool TryPostpone(int bytes)
    {
        if (bytes > Little || !loop.IsCurrent) return false;
        loop.Postpone(this);
        return true;
    }

    protected override bool BeginSend(ReadOnlyMemory<byte> bytes)
    {
        rest = bytes;
        return TrySend();
    }

    protected override int EndSend()
    {
        rest = default;
        return failure is null ? count : throw failure;
    }

    /// <summary>Sends FIN behind the last byte; the other direction stays open.</summary>
    protected override ValueTask FinishAsync()
    {
        socket.Shutdown(SocketShutdown.Send);
        return default;
    }

    private bool TrySend()
    {
        do
        {
            try
            {
                count = SocketCalls.Send(socket.SafeHandle, rest.Span, out var error);
                if (error == SocketError.Success) return true;
                if (error is not SocketError.WouldBlock and not SocketError.Interrupted) failure = new SocketException((int)error);
            }
            catch (ObjectDisposedException closed)
            {
                failure = closed;
            }
            if (failure is not null) return true;
        }
        while (readiness.Begin());
        return false;
    }
}

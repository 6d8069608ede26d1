using System.Net.Sockets;

namespace Broker.Web.Listeners.Sockets;

/// <summary>Reads a socket that an event loop watches; who waits for bytes goes on in the loop.</summary>
internal sealed class LoopReader(Socket socket, EventLoop loop) : SocketReader(socket)
{
    private Readiness readiness;

    /// <summary>Of the loop: there is something.</summary>
    /// <param name="isEnding">Whether nothing follows it: no other change will be told, so the end must be looked for behind the bytes.</param>
    public void Tell(bool isEnding)
    {
        if (isEnding) IsEnding = true;
        if (readiness.Tell()) OnReady();
    }

    protected override bool BeginWait() => readiness.Begin();

    protected override void EndWait() => IsReadable = true;

    protected override int Receive(Socket socket, Span<byte> room, out SocketError error) => SocketCalls.Receive(socket.SafeHandle, room, out error);

    protected override void MakeWay() => loop.Post(this);
}

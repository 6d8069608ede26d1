using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Broker.Web.Listeners.WebSockets;

/// <summary>Reads frames from a pipe and gives their payload as one stream; answers pings and the close frame itself.</summary>
internal sealed class WebSocketReader(PipeReader input, WebSocketWriter writer, Action<string> violated) : BufferedReader(BlockSize)
{
    private const int BlockSize = 64 * 1024;
    private readonly FrameDecoder decoder = new();
    private ValueTaskAwaiter<ReadResult> wait;
    private ReadResult read;
    private bool hasRead, over;

    /// <summary>Whether the peer broke the protocol: it is told so, and nothing more is taken from it.</summary>
    public bool IsViolated { get; private set; }

    /// <summary>Whether the peer has closed in order.</summary>
    public bool IsClosed { get; private set; }

    protected override bool BeginWait()
    {
        wait = input.ReadAsync().GetAwaiter();
        if (wait.IsCompleted) return true;
        wait.UnsafeOnCompleted(WhenReady);
        return false;
    }

    protected override void EndWait()
    {
        read = wait.GetResult();
        hasRead = true;
    }

    protected override Filled Fill()
    {
        if (over) return Filled.End;
        if (!hasRead && !input.TryRead(out read)) return Filled.Nothing;
        hasRead = false;
        var rest = read.Buffer;
        var total = 0;
        while (!rest.IsEmpty && !over && total < BlockSize)
        {
            var room = Room((int)Math.Min(rest.Length, BlockSize - total));
            var step = decoder.Decode(rest.FirstSpan, room, out var consumed, out var written);
            Add(written);
            total += written;
            rest = rest.Slice(consumed);
            Answer(step);
        }
        input.AdvanceTo(rest.Start, over ? rest.End : rest.Start);
        if (read.IsCompleted && rest.IsEmpty) over = true;
        return total > 0 ? Filled.Bytes : over ? Filled.End : Filled.Nothing;
    }

    private void Answer(FrameEvent step)
    {
        switch (step)
        {
            case FrameEvent.Ping:
                writer.Pong(decoder.Control);
                break;
            case FrameEvent.Close:
                IsClosed = over = true;
                _ = writer.Close(decoder.CloseCode, elsewhere: true); // RFC 6455, 5.5.1: the code is typically echoed.
                break;
            case FrameEvent.Violation:
                IsViolated = over = true;
                violated(decoder.Violation!);
                _ = writer.Close(decoder.CloseCode, elsewhere: true);
                break;
        }
    }
}

using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Broker.Web.Listeners.WebSockets;

/// <summary>Puts what gathered between two flushes in one binary frame. Pongs and the close frame go between two of these, never into one.</summary>
internal sealed class WebSocketWriter(PipeWriter output) : BatchWriter(Frames.LongestHeader)
{
    private ValueTaskAwaiter<FlushResult> flush;
    private int length;
    private byte[]? pong, close;

    /// <summary>Answers a ping. Of several that wait to leave, only the last one does (RFC 6455 section 5.5.3), so that a peer that pings and never reads costs nothing.</summary>
    public void Pong(ReadOnlySpan<byte> payload)
    {
        var frame = Frames.Pong(payload);
        SendUrgent(() => pong = frame);
    }

    /// <summary>Sends a close frame behind everything that was flushed; the first call counts.</summary>
    /// <param name="code">Why, or null for a frame without a code.</param>
    /// <param name="elsewhere">Whether the caller holds locks that must not be held while something is sent.</param>
    /// <returns>Ends when the frame has left, or cannot any more.</returns>
    public Task Close(ushort? code, bool elsewhere = false)
    {
        Interlocked.CompareExchange(ref close, Frames.Close(code), null);
        return Finish(elsewhere);
    }

    protected override bool BeginSend(ReadOnlyMemory<byte> bytes)
    {
        length = bytes.Length;
        flush = output.WriteAsync(bytes).GetAwaiter();
        if (flush.IsCompleted) return true;
        flush.UnsafeOnCompleted(WhenSent);
        return false;
    }

    protected override int EndSend() => flush.GetResult().IsCompleted ? -1 : length;

    protected override ReadOnlyMemory<byte> TakeUrgent() => Interlocked.Exchange(ref pong, null);

    protected override int Frame(byte[] bytes, int length) => Frames.WriteHeaderBefore(bytes, Frames.LongestHeader, length);

    protected override async ValueTask FinishAsync() => await output.WriteAsync(close ?? Frames.Close(CloseCodes.Normal)).ConfigureAwait(false);
}

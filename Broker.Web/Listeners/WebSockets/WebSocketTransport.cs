using System.IO.Pipelines;
using Broker.Core.Connections;

namespace Broker.Web.Listeners.WebSockets;

/// <summary>A client on WebSocket: MQTT in binary frames on a pipe, whether that is a connection of its own (HTTP/1.1) or a stream of a shared one (HTTP/2).</summary>
internal sealed class WebSocketTransport : ClientTransport
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private readonly PipeReader input;
    private readonly WebSocketReader reader;
    private readonly WebSocketWriter writer;
    private readonly TimeProvider time;
    private Action? abort;

    /// <param name="carrier">The bytes of the frames.</param>
    /// <param name="abort">Ends the carrier at once.</param>
    /// <param name="violated">Told what the client did wrong, if it does.</param>
    /// <param name="time">The clock for the last second.</param>
    public WebSocketTransport(IDuplexPipe carrier, Action abort, Action<string> violated, TimeProvider time)
    {
        (input, this.abort, this.time) = (carrier.Input, abort, time);
        writer = new WebSocketWriter(carrier.Output);
        reader = new WebSocketReader(input, writer, violated);
        Pipe = new DuplexPipe(reader, writer);
    }

    public override IDuplexPipe Pipe { get; }

    /// <summary>Sends a close frame; the client's answer ends reading.</summary>
    public override ValueTask HalfCloseAsync()
    {
        _ = writer.Close(CloseCodes.Normal); // Not awaited: a client that takes nothing would hold up the broker.
        return default;
    }

    public override void Abort()
    {
        // A client that closed, or broke the protocol, is owed the close frame that is on its way.
        if (reader.IsClosed || reader.IsViolated) _ = AbortLaterAsync();
        else AbortNow();
    }

    /// <summary>
    /// Before the carrier is closed: the close frame leaves, and a client that broke the protocol gets a moment to read why, since closing over its unread
    /// bytes would destroy that.
    /// </summary>
    public async Task LeaveAsync()
    {
        if (reader.IsClosed || reader.IsViolated) await Task.WhenAny(writer.Finish(), Task.Delay(Farewell, time));
        if (reader.IsViolated) await DrainAsync();
        lock (gate) abort = null; // From here on the carrier may serve another request.
        writer.Break();
        reader.Complete();
    }

    private async Task AbortLaterAsync()
    {
        await Task.Delay(Farewell, time);
        AbortNow();
    }

    private void AbortNow()
    {
        writer.Break();
        reader.End();
        lock (gate) abort?.Invoke();
    }

    private async Task DrainAsync()
    {
        using var patience = new CancellationTokenSource(Farewell, time);
        try
        {
            for (var ended = false; !ended;)
            {
                var read = await input.ReadAsync(patience.Token);
                input.AdvanceTo(read.Buffer.End);
                ended = read.IsCompleted;
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // It left, or did not in time.
        }
    }
}

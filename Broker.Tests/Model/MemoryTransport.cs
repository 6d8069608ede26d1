using System.IO.Pipelines;
using Broker.Core.Connections;

namespace Broker.Tests.Model;

/// <summary>
/// A client's byte stream in memory. The broker reads where the client writes: on its thread, at once. What the broker writes waits until the client takes it.
/// </summary>
internal sealed class MemoryTransport : ClientTransport, IDuplexPipe
{
    private readonly Pipe toBroker = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));
    private readonly Pipe toClient = new(new PipeOptions(
        readerScheduler: PipeScheduler.ThreadPool, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));

    /// <inheritdoc/>
    public override IDuplexPipe Pipe => this;

    /// <summary>Where the client writes.</summary>
    public PipeWriter Writer => toBroker.Writer;

    /// <summary>Where the client reads.</summary>
    public PipeReader Reader => toClient.Reader;

    PipeReader IDuplexPipe.Input => toBroker.Reader;

    PipeWriter IDuplexPipe.Output => toClient.Writer;

    /// <inheritdoc/>
    public override ValueTask HalfCloseAsync() => toClient.Writer.CompleteAsync();

    /// <inheritdoc/>
    public override void Abort()
    {
        toClient.Writer.Complete();
        toBroker.Writer.Complete();
    }
}

using System.IO.Pipelines;
using Broker.Core.Connections;

namespace Broker.Tests.Connections;

/// <summary>A client's byte stream in memory.</summary>
internal sealed class PipeTransport : ClientTransport
{
    private readonly Pipe toBroker, toClient;

    public PipeTransport(PipeScheduler? scheduler = null, PipeWriter? output = null)
    {
        var options = new PipeOptions(readerScheduler: scheduler, writerScheduler: scheduler, pauseWriterThreshold: 0, useSynchronizationContext: false);
        (toBroker, toClient) = (new Pipe(options), new Pipe(options));
        Pipe = new Duplex(toBroker.Reader, output ?? toClient.Writer);
    }

    public override IDuplexPipe Pipe { get; }

    public override bool ClosesQuietly => Quiet;

    /// <summary>Whether it is just closed behind DISCONNECT.</summary>
    public bool Quiet { get; init; }

    /// <summary>Where the client writes.</summary>
    public PipeWriter ClientOutput => toBroker.Writer;

    /// <summary>Where the client reads.</summary>
    public PipeReader ClientInput => toClient.Reader;

    public override ValueTask HalfCloseAsync() => toClient.Writer.CompleteAsync();

    public override void Abort()
    {
        toBroker.Writer.CancelPendingFlush();
        toBroker.Reader.CancelPendingRead();
        toClient.Writer.Complete();
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}

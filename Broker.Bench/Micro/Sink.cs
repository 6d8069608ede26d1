using System.IO.Pipelines;

namespace Broker.Bench.Micro;

/// <summary>A pipe that takes everything and keeps nothing.</summary>
internal sealed class Sink : PipeWriter
{
    private readonly byte[] memory = new byte[64 * 1024];

    public override void Advance(int bytes)
    {
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => memory;

    public override Span<byte> GetSpan(int sizeHint = 0) => memory;

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => new(new FlushResult(false, false));

    public override void CancelPendingFlush()
    {
    }

    public override void Complete(Exception? exception = null)
    {
    }
}

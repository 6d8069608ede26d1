using System.Buffers;
using System.IO.Pipelines;
using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Sessions;

/// <summary>
/// The pipe of a client whose pace the test sets: it takes everything at once, or holds flushes until the test ends them, or fails. What follows the end of
/// a flush runs before the call comes back.
/// </summary>
internal sealed class ScriptedWriter : PipeWriter
{
    private readonly ArrayBufferWriter<byte> written = new();
    private TaskCompletionSource<FlushResult>? pending;
    private int taken, packetsRead;

    /// <summary>Flushes stay pending until <see cref="EndFlush"/>.</summary>
    public bool IsSlow { get; set; }

    /// <summary>Thrown by whoever writes.</summary>
    public Exception? FailsToWrite { get; set; }

    /// <summary>Thrown by whoever flushes.</summary>
    public Exception? FailsToFlush { get; set; }

    /// <summary>Done at each flush, before anything else.</summary>
    public Action? OnFlush { get; set; }

    /// <summary>How often it was flushed.</summary>
    public int Flushes { get; private set; }

    /// <summary>Whether a flush is pending.</summary>
    public bool IsFlushing => pending is not null;

    /// <summary>Packets that were flushed since the last look, as text.</summary>
    public List<string> Packets(ProtocolVersion version = ProtocolVersion.V5) => [.. Read(version).Select(PacketText.Of)];

    /// <summary>PUBLISH packets that were flushed since the last look; other packets are passed over.</summary>
    public List<Publish> Publishes(ProtocolVersion version = ProtocolVersion.V5) => [.. Read(version).OfType<Publish>()];

    /// <summary>Ends the pending flush.</summary>
    public void EndFlush(bool isCompleted = false) => End(source => source.SetResult(new FlushResult(false, isCompleted)));

    /// <summary>Lets the pending flush fail.</summary>
    public void FailFlush(Exception exception) => End(source => source.SetException(exception));

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (FailsToWrite is not null) throw FailsToWrite;
        return written.GetMemory(sizeHint);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes) => written.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        OnFlush?.Invoke();
        Flushes++;
        if (pending is not null) throw new NotSupportedException("one flush at a time");
        if (FailsToFlush is not null) throw FailsToFlush;
        taken = written.WrittenCount;
        if (!IsSlow) return new(new FlushResult(false, false));
        pending = new();
        return new(pending.Task);
    }

    public override void CancelPendingFlush() => throw new NotSupportedException();

    public override void Complete(Exception? exception = null)
    {
    }

    private List<IControlPacket> Read(ProtocolVersion version)
    {
        var packets = new List<IControlPacket>();
        var bytes = written.WrittenMemory[..taken];
        while (PacketCodec.TryFindPacket(bytes.Span[packetsRead..], int.MaxValue, out byte first, out int header, out int length))
        {
            packets.Add(PacketCodec.Read(first, bytes.Slice(packetsRead + header, length - header), version, Sender.Server));
            packetsRead += length;
        }
        return packets;
    }

    private void End(Action<TaskCompletionSource<FlushResult>> how)
    {
        var source = pending ?? throw new InvalidOperationException("no flush is pending");
        pending = null;
        InPlace.Run(() => how(source));
    }
}

/// <summary>Runs something such that what awaits its effect goes on at once, on this thread, not later through the test runner's context.</summary>
internal static class InPlace
{
    public static void Run(Action action)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            action();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }
}

using System.IO.Pipelines;
using System.Net.Security;
using System.Runtime.CompilerServices;
using Broker.Web.Listeners.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Broker.Web.Listeners.Tcp;

/// <summary>Writes through Kestrel's TLS pipe, which must not be written to while it flushes.</summary>
internal sealed class TlsWriter : BatchWriter
{
    private readonly SslStream tls;
    private readonly PipeWriter output;
    private readonly BatchWriter socket;
    private ValueTaskAwaiter<FlushResult> flush;
    private int length;

    private TlsWriter(SslStream tls, PipeWriter output, BatchWriter socket) : base(headroom: 0) => (this.tls, this.output, this.socket) = (tls, output, socket);

    /// <summary>The writer for a connection that TLS runs on, or null.</summary>
    public static TlsWriter? For(ConnectionContext connection, SocketConnection socket) =>
        connection.Features.Get<ISslStreamFeature>() is { } feature ? new TlsWriter(feature.SslStream, connection.Transport.Output, socket.Writer) : null;

    protected override bool BeginSend(ReadOnlyMemory<byte> bytes)
    {
        length = bytes.Length;
        flush = output.WriteAsync(bytes).GetAwaiter(); // Straight into the TLS stream: nothing is buffered before it.
        if (flush.IsCompleted) return true;
        flush.UnsafeOnCompleted(WhenSent);
        return false;
    }

    protected override int EndSend() => flush.GetResult().IsCompleted ? -1 : length;

    /// <summary>Sends close_notify, then FIN.</summary>
    protected override async ValueTask FinishAsync()
    {
        await tls.ShutdownAsync().ConfigureAwait(false);
        await socket.Finish().ConfigureAwait(false);
    }
}

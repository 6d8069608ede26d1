using System.IO.Pipelines;
using Broker.Core.Connections;
using Broker.Web.Listeners.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Broker.Web.Listeners.Tcp;

/// <summary>A client on TCP, encrypted or not.</summary>
/// <remarks>
/// A reason sent last arrives because the two directions end one after the other: <see cref="HalfCloseAsync"/> sends FIN behind the last byte (with TLS a
/// close_notify before it, RFC 8446 section 6.1), the broker goes on reading until the peer closes or its patience ends, and only then is the socket closed:
/// closing it over unread bytes would make TCP reset the connection and destroy what is under way.
/// </remarks>
internal sealed class TcpTransport : ClientTransport, IDuplexPipe
{
    private readonly ConnectionContext connection;
    private readonly BatchWriter writer;

    public TcpTransport(ConnectionContext connection)
    {
        this.connection = connection;
        var socket = connection.Features.GetRequiredFeature<SocketConnection>();
        writer = TlsWriter.For(connection, socket) ?? (BatchWriter)socket.Writer;
        Input = connection.Transport.Input;
    }

    public override IDuplexPipe Pipe => this;

    public PipeReader Input { get; }

    public PipeWriter Output => writer;

    public override bool ClosesQuietly => writer is not TlsWriter;

    public override ValueTask HalfCloseAsync()
    {
        _ = writer.Finish(); // Not awaited: a client that takes nothing would hold up the broker.
        return default;
    }

    public override void Abort()
    {
        writer.Break();
        connection.Abort();
    }
}

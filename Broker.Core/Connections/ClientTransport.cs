using System.IO.Pipelines;
using System.Net;
using Broker.Core.Access;

namespace Broker.Core.Connections;

/// <summary>
/// One client's byte stream, whatever carries it: TCP, TLS or WebSocket. The listener makes it; from here on all are equal.
/// </summary>
public abstract class ClientTransport
{
    /// <summary>The bytes of the MQTT stream in both directions, without any framing of the carrier.</summary>
    public abstract IDuplexPipe Pipe { get; }

    /// <summary>The URL of the listener that accepted the client, such as <c>mqtt://localhost:1883</c>.</summary>
    public required string Listener { get; init; }

    /// <summary>The client's address, or null where the carrier has none.</summary>
    public EndPoint? RemoteEndPoint { get; init; }

    /// <summary>Whether the bytes travel encrypted.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>Whether a client without credentials is let in here.</summary>
    public AnonymousAccess Anonymous { get; init; }

    /// <summary>The user name that the client's certificate proves, or null.</summary>
    public string? CertifiedUserName { get; init; }

    /// <summary>Happens when the certificate that the client has shown is worth nothing any more, which ends its connection; null where it has shown none.</summary>
    public Revocation? Revoked { get; init; }

    /// <summary>
    /// Whether a client that said DISCONNECT needs no farewell: once it has been served the listener just closes the stream, and what was flushed before reaches it all the
    /// same, as it sends nothing more. Not where an end without one would look to it like an attack (TLS: RFC 8446, section 6.1) or an error (WebSocket: RFC 6455, section 7.1.5).
    /// </summary>
    public virtual bool ClosesQuietly => false;

    /// <summary>
    /// Tells the peer that nothing more will be sent, once what was flushed has left: FIN, or a WebSocket close frame. Reading stays possible,
    /// so that a reason sent last is not destroyed by a reset. Never throws.
    /// </summary>
    public abstract ValueTask HalfCloseAsync();

    /// <summary>Ends the stream at once in both directions; pending reads and flushes end. Never throws; may be called from any thread, and twice.</summary>
    public abstract void Abort();
}

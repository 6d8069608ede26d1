using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Broker.Web.Listeners.Sockets;

/// <summary>
/// Kestrel's transport for the MQTT listeners. Unlike the default one it has no pipes and no tasks between a socket and its reader and writer: bytes are
/// received into large blocks by whoever reads and sent by whoever flushes; and on Linux event loops run what waits for them. The HTTP endpoints keep the default transport.
/// </summary>
internal sealed class SocketTransport(EventLoops loops, ConnectionRoom room, ILogger<SocketTransport> log) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is MqttEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = new SocketListener((MqttEndPoint)endpoint, loops, room, log);
        return new(listener);
    }
}

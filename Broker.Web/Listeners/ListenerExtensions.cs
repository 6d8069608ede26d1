using System.Security.Authentication;
using Broker.Core;
using Broker.Web.Configuration;
using Broker.Web.Listeners.Sockets;
using Broker.Web.Listeners.Tcp;
using Broker.Web.Listeners.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Broker.Web.Listeners;

/// <summary>Puts the MQTT listeners and the WebSocket endpoint on Kestrel.</summary>
public static class ListenerExtensions
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Binds the MQTT listeners and registers what serves them.</summary>
    /// <exception cref="ConfigurationException">A port cannot be had.</exception>
    public static void AddListeners(this WebApplicationBuilder builder, HostSettings settings)
    {
        var bound = BoundListeners.Bind(settings);
        builder.Services.AddSingleton(bound);
        builder.Services.AddSingleton<ServeClient>(services => services.GetRequiredService<MqttBroker>().ServeAsync);
        builder.Services.AddSingleton<MqttConnectionHandler>();
        builder.Services.AddSingleton<WebSocketEndpoint>();
        builder.Services.AddSingleton(_ => new EventLoops(settings.Transport.EventLoops ?? EventLoops.Default));
        builder.Services.AddSingleton<IConnectionListenerFactory, SocketTransport>(); // Asked before the default transport, which was registered earlier.
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            foreach (var endPoint in bound.EndPoints) kestrel.Listen(endPoint, Serve);
        });
    }

    /// <summary>Maps MQTT over WebSocket.</summary>
    public static void MapMqttOverWebSocket(this WebApplication app) =>
        app.Map(app.Services.GetRequiredService<HostSettings>().WebSockets.Path, app.Services.GetRequiredService<WebSocketEndpoint>().ServeAsync);

    private static void Serve(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.None; // No HTTP here, and so no ALPN: a client that offers a name for MQTT is not turned away for it.
        var endPoint = (MqttEndPoint)listen.EndPoint;
        if (endPoint.Settings.Certificate is { } certificate)
        {
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = HandshakeTimeout,
                OnConnection = _ => new(new System.Net.Security.SslServerAuthenticationOptions
                {
                    ServerCertificateContext = certificate,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                }),
            });
        }
        listen.UseConnectionHandler<MqttConnectionHandler>();
    }
}

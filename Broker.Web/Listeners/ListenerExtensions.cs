using System.Net.Security;
using Broker.Core;
using Broker.Web.Configuration;
using Broker.Web.Files;
using Broker.Web.Listeners.Sockets;
using Broker.Web.Listeners.Tcp;
using Broker.Web.Listeners.Tls;
using Broker.Web.Listeners.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Broker.Web.Listeners;

/// <summary>Puts the MQTT listeners and the WebSocket endpoint on Kestrel.</summary>
public static class ListenerExtensions
{
    /// <summary>Binds the MQTT listeners and registers what serves them.</summary>
    /// <exception cref="ConfigurationException">A port cannot be had.</exception>
    public static void AddListeners(this WebApplicationBuilder builder, HostSettings settings)
    {
        var bound = BoundListeners.Bind(settings);
        builder.Services.AddSingleton(bound);
        builder.Services.AddSingleton<ServeClient>(services => services.GetRequiredService<MqttBroker>().ServeAsync);
        builder.Services.AddSingleton<Newcomers>();
        builder.Services.AddSingleton<MqttConnectionHandler>();
        builder.Services.AddSingleton<WebSocketEndpoint>();
        builder.Services.AddSingleton<ConnectionRoom>();
        builder.Services.AddSingleton(_ => new EventLoops(settings.Transport.EventLoops ?? EventLoops.Default));
        builder.Services.AddSingleton<IConnectionListenerFactory, SocketTransport>(); // Asked before the default transport, which was registered earlier.
        builder.Services.AddSingleton<IFileReader, TlsWatch>().AddHostedService<FileWatch>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            var room = kestrel.ApplicationServices.GetRequiredService<ConnectionRoom>();
            kestrel.ConfigureEndpointDefaults(listen =>
            {
                if (listen.EndPoint is not MqttEndPoint) listen.Use(room.Count);
            });
            KestrelTls.Apply(kestrel, builder.Configuration, settings);
            foreach (var endPoint in bound.EndPoints) kestrel.Listen(endPoint, Serve);
        });
    }

    /// <summary>Maps MQTT over WebSocket.</summary>
    public static void MapMqttOverWebSocket(this WebApplication app) =>
        app.Map(app.Services.GetRequiredService<HostSettings>().WebSockets.Path, app.Services.GetRequiredService<WebSocketEndpoint>().ServeAsync);

    /// <summary>Ends requests over connections whose client certificate counts no more. MQTT over WebSocket says so to its client, and ends by itself.</summary>
    public static void UseCertificates(this WebApplication app)
    {
        var mqtt = app.Services.GetRequiredService<HostSettings>().WebSockets.Path;
        app.UseWhen(http => http.Request.Path != mqtt && http.Features.Get<CertifiedClient>() is not null, branch => branch.Use(async (http, next) =>
        {
            var token = http.Features.GetRequiredFeature<CertifiedClient>().Revoked.Token;
            using var revoked = token.UnsafeRegister(static http => ((HttpContext)http!).Abort(), http);
            if (!token.IsCancellationRequested) await next(http);
        }));
    }

    private static void Serve(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.None; // No HTTP here, and so no ALPN: a client that offers a name for MQTT is not turned away for it.
        var endPoint = (MqttEndPoint)listen.EndPoint;
        if (endPoint.Settings.Tls is { } tls)
        {
            var (time, log) = (listen.ApplicationServices.GetRequiredService<TimeProvider>(), listen.ApplicationServices.GetRequiredService<ILogger<TlsEndpoint>>());
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = TlsEndpoint.HandshakeTimeout,
                OnConnection = handshake =>
                {
                    var options = new SslServerAuthenticationOptions { EnabledSslProtocols = TlsEndpoint.Versions };
                    tls.Prepare(options, handshake.Connection, time, log);
                    return new(options);
                },
            });
        }
        listen.UseConnectionHandler<MqttConnectionHandler>();
    }
}

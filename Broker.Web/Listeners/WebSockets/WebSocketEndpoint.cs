using System.IO.Pipelines;
using System.Net;
using Broker.Web.Configuration;
using Broker.Web.Listeners.Tcp;
using Broker.Web.Listeners.Tls;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Broker.Web.Listeners.WebSockets;

/// <summary>
/// MQTT over WebSocket on the HTTP endpoints, with frames of its own: after the handshake on HTTP/1.1 the connection's pipe is used as it is, which carries
/// several times what <see cref="System.Net.WebSockets.WebSocket"/> does; on HTTP/2 the frames travel in the accepted stream.
/// </summary>
internal sealed partial class WebSocketEndpoint(
    ServeClient serve, HostSettings settings, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<WebSocketEndpoint> log)
{
    private readonly Visitors visitors = new(settings);

    /// <summary>Answers a request to the WebSocket path, and serves the client when it is accepted.</summary>
    public async Task ServeAsync(HttpContext http)
    {
        if (Refuse(http, out var protocol) is { } refusal)
        {
            http.Response.StatusCode = refusal.Status;
            http.Response.ContentType = "text/plain; charset=utf-8";
            await http.Response.WriteAsync(refusal.Text + "\n");
            return;
        }
        NeverTimeOut(http);
        var stream = await Handshake.AcceptAsync(http, protocol);
        var requestLifetime = http.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        var client = EndPoint(http.Connection.RemoteIpAddress, http.Connection.RemotePort);
        var certified = http.Features.Get<CertifiedClient>();
        var transport = new WebSocketTransport(Carrier(http, stream), requestLifetime.Abort, reason => LogViolation(log, client, reason), time)
        {
            Listener = Url(http, EndPoint(http.Connection.LocalIpAddress, http.Connection.LocalPort).ToString()),
            RemoteEndPoint = client,
            IsEncrypted = http.Features.Get<ITlsHandshakeFeature>() is not null,
            Anonymous = visitors.Anonymous(http),
            CertifiedUserName = certified?.UserName,
            Revoked = certified?.Revoked,
        };
        await serve(transport);
        await transport.LeaveAsync();
    }

    private Refusal? Refuse(HttpContext http, out string protocol)
    {
        protocol = "";
        if (!Handshake.IsAsked(http)) return Explain(http);
        if (lifetime.ApplicationStopping.IsCancellationRequested) return new Refusal(StatusCodes.Status503ServiceUnavailable, "The broker is shutting down.");
        if (RefusedOrigin(http) is { } origin)
        {
            LogOrigin(log, origin, settings.WebSockets.AllowedOrigins.Count);
            return Foreign(origin);
        }
        return Handshake.Check(http, out protocol);
    }

    // A page that wants to know why its WebSocket fails, of which a browser tells it nothing, may read this.
    private Refusal Explain(HttpContext http)
    {
        if (HttpProtocol.IsHttp11(http.Request.Protocol)) (http.Response.Headers.Upgrade, http.Response.Headers.Connection) = ("websocket", "Upgrade"); // RFC 9113, 8.2.2
        http.Response.Headers.AccessControlAllowOrigin = "*";
        return RefusedOrigin(http) is { } origin ? Foreign(origin) : new Refusal(StatusCodes.Status426UpgradeRequired,
            $"This is MQTT over WebSocket. Connect an MQTT client to {Url(http, http.Request.Host.Value ?? "")}, with the sub-protocol \"mqtt\".");
    }

    private string? RefusedOrigin(HttpContext http) =>
        http.Request.Headers.Origin.ToString() is { Length: > 0 } origin && !visitors.Admits(http, origin) ? origin : null;

    private static Refusal Foreign(string origin) =>
        new(StatusCodes.Status403Forbidden, $"Pages of {origin} may not connect to this broker. Its operator can allow them with Mqtt:WebSockets:AllowedOrigins.");

    // An IPv4 client of an endpoint for both families shows as ::ffff:192.0.2.1.
    private static IPEndPoint EndPoint(IPAddress? address, int port) =>
        new(address is null ? IPAddress.None : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port);

    private string Url(HttpContext http, string host) => $"{(http.Request.IsHttps ? "wss" : "ws")}://{host}{settings.WebSockets.Path}";

    // With HTTP/1.1 nothing but the frames travels on the connection any more; whatever arrived right behind the handshake is in its pipe.
    private static IDuplexPipe Carrier(HttpContext http, Stream stream) =>
        !Handshake.IsHttp2(http) && http.Features.Get<IConnectionTransportFeature>() is { } connection
            ? connection.Transport
            : new DuplexPipe(PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, useZeroByteReads: true)), PipeWriter.Create(stream));

    // A client may be silent for its keep alive, and send as much as it likes in the end: limits on requests do not suit it.
    private static void NeverTimeOut(HttpContext http)
    {
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } input) input.MinDataRate = null;
        if (!Handshake.IsHttp2(http) && http.Features.Get<IHttpMinResponseDataRateFeature>() is { } output) output.MinDataRate = null;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
        http.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A page of {Origin} was refused; to let it connect set Mqtt:WebSockets:AllowedOrigins:{Index} to that origin")]
    private static partial void LogOrigin(ILogger log, string origin, int index);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The WebSocket of {Client} was closed: {Reason}")]
    private static partial void LogViolation(ILogger log, EndPoint client, string reason);
}

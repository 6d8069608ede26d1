using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Broker.Web.Listeners.WebSockets;

/// <summary>Why a handshake is refused: the status, and a text for the person who looks at it.</summary>
internal sealed record Refusal(int Status, string Text);

/// <summary>The opening handshake: RFC 6455 section 4.2 on HTTP/1.1, RFC 8441 on HTTP/2.</summary>
internal static class Handshake
{
    private const string Guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Sub-protocols that mean MQTT: of MQTT 3.1.1 and 5 (MQTT-6.0.0-4), and of 3.1 as early JavaScript clients offered it.</summary>
    private static readonly string[] Protocols = ["mqtt", "mqttv3.1"];

    /// <summary>Whether the request asks for a WebSocket at all.</summary>
    public static bool IsAsked(HttpContext http) =>
        http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect
            ? string.Equals(connect.Protocol, "websocket", StringComparison.OrdinalIgnoreCase)
            : HttpMethods.IsGet(http.Request.Method) && http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } && Lists(http.Request.Headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase);

    /// <summary>What is wrong with the handshake, or null; then <paramref name="protocol"/> is the sub-protocol to answer with.</summary>
    public static Refusal? Check(HttpContext http, out string protocol)
    {
        protocol = "";
        if (!Lists(http.Request.Headers.SecWebSocketVersion, "13", StringComparison.Ordinal))
        {
            http.Response.Headers.SecWebSocketVersion = "13";
            return new Refusal(StatusCodes.Status426UpgradeRequired, "This server speaks version 13 of the WebSocket protocol (RFC 6455).");
        }
        if (!IsHttp2(http) && !IsKey(http.Request.Headers.SecWebSocketKey))
            return new Refusal(StatusCodes.Status400BadRequest, "Sec-WebSocket-Key must hold 16 bytes in base64.");
        if (Protocols.FirstOrDefault(known => Lists(http.Request.Headers.SecWebSocketProtocol, known, StringComparison.Ordinal)) is not { } offered)
            return new Refusal(StatusCodes.Status400BadRequest, "MQTT over WebSocket needs the sub-protocol \"mqtt\" (or \"mqttv3.1\"): in JavaScript, new WebSocket(url, \"mqtt\").");
        protocol = offered;
        return null;
    }

    /// <summary>Accepts; gives back the stream of the frames. On HTTP/1.1 the connection itself carries them from here on.</summary>
    public static async ValueTask<Stream> AcceptAsync(HttpContext http, string protocol)
    {
        http.Response.Headers.SecWebSocketProtocol = protocol;
        if (IsHttp2(http)) return await http.Features.GetRequiredFeature<IHttpExtendedConnectFeature>().AcceptAsync();
        http.Response.Headers.Upgrade = "websocket";
        http.Response.Headers.SecWebSocketAccept = Answer(http.Request.Headers.SecWebSocketKey.ToString().Trim());
        return await http.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
    }

    public static bool IsHttp2(HttpContext http) => http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    private static bool IsKey(string? key) => key is not null && Convert.TryFromBase64String(key.Trim(), stackalloc byte[32], out var length) && length == 16;

#pragma warning disable CA5350 // RFC 6455 names SHA-1; it guards against confusion, not against attackers.
    private static string Answer(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Guid)));
#pragma warning restore CA5350

    private static bool Lists(Microsoft.Extensions.Primitives.StringValues headers, string wanted, StringComparison comparison) =>
        headers.Any(header => header is not null && header.Split(',', StringSplitOptions.TrimEntries).Any(one => one.Equals(wanted, comparison)));
}

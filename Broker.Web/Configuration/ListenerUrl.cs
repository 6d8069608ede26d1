using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Broker.Web.Configuration;

/// <summary>The address of an MQTT listener: <c>mqtt://host:port</c>, or <c>mqtts://host:port</c> for TLS.</summary>
/// <param name="IsEncrypted">Whether the listener speaks TLS.</param>
/// <param name="Host">A name, an address without brackets, or <c>*</c> for every address.</param>
/// <param name="Port">The port; 0 lets the system choose.</param>
public sealed record ListenerUrl(bool IsEncrypted, string Host, int Port)
{
    /// <summary>What is allowed, for error messages.</summary>
    internal const string Allowed = "allowed is mqtt://host:port or mqtts://host:port, where host is a name, an address or *";

    /// <summary>Reads <paramref name="text"/>; on failure <paramref name="remedy"/> says what to write instead.</summary>
    internal static bool TryParse(string text, [NotNullWhen(true)] out ListenerUrl? url, out string remedy)
    {
        url = null;
        remedy = "Write it like mqtt://localhost:1883";
        var mark = text.IndexOf("://", StringComparison.Ordinal);
        if (mark < 0) return false;
        var scheme = text[..mark].ToLowerInvariant();
        var authority = text[(mark + 3)..].TrimEnd('/');
        if (scheme is "ws" or "wss" or "http" or "https")
        {
            remedy = "MQTT over WebSocket is served on the HTTP endpoints, at Mqtt:WebSockets:Path: set Kestrel:Endpoints:Http:Url for their address";
            return false;
        }
        if (scheme is not ("mqtt" or "mqtts"))
        {
            remedy = $"Write {(scheme is "ssl" or "tls" or "mqtt+ssl" ? "mqtts" : "mqtt")}://{authority}";
            return false;
        }
        if (!TrySplit(authority, out var host, out var port) || !IsHost(host)) return false;
        url = new ListenerUrl(scheme == "mqtts", host is "+" ? "*" : host, port ?? (scheme == "mqtts" ? 8883 : 1883));
        return true;
    }

    /// <summary>The address as it is written in the configuration and shown to people.</summary>
    public override string ToString() => $"{(IsEncrypted ? "mqtts" : "mqtt")}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}";

    private static bool TrySplit(string authority, out string host, out int? port)
    {
        port = null;
        var bracket = authority.StartsWith('[') ? authority.IndexOf(']', StringComparison.Ordinal) : -1;
        var colon = authority.IndexOf(':', bracket + 1);
        host = colon < 0 ? authority : authority[..colon];
        if (bracket > 0) host = host == authority[..(bracket + 1)] ? host[1..^1] : "";
        if (colon < 0) return true;
        if (!int.TryParse(authority[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > IPEndPoint.MaxPort) return false;
        port = number;
        return true;
    }

    private static bool IsHost(string host) => host is "*" or "+" || Uri.CheckHostName(host) != UriHostNameType.Unknown;
}

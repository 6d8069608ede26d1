using System.Net;
using System.Net.Sockets;
using Broker.Web.Configuration;
using Broker.Web.Listeners.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Broker.Web.Listeners;

/// <summary>Where the broker listens, with the ports that it really got.</summary>
public sealed class BoundListeners
{
    private readonly HostSettings settings;

    private BoundListeners(HostSettings settings, IReadOnlyList<MqttEndPoint> endPoints) => (this.settings, EndPoints) = (settings, endPoints);

    /// <summary>The MQTT listeners' URLs, such as <c>mqtt://localhost:1883</c>.</summary>
    public IReadOnlyList<string> Mqtt => [.. EndPoints.Select(endPoint => endPoint.Url).Distinct()];

    /// <summary>The URLs of the HTTP endpoints, such as <c>http://localhost:8080</c>; none before the host has started.</summary>
    public IReadOnlyList<string> Http { get; private set; } = [];

    /// <summary>The URLs of MQTT over WebSocket, such as <c>ws://localhost:8080/mqtt</c>; none before the host has started.</summary>
    public IReadOnlyList<string> WebSocket => [.. Http.Select(url => string.Concat("ws", url.AsSpan(4), settings.WebSockets.Path))];

    internal IReadOnlyList<MqttEndPoint> EndPoints { get; }

    /// <summary>Binds every MQTT listener, and tries every HTTP endpoint, so that all ports that cannot be had are reported at once.</summary>
    /// <exception cref="ConfigurationException">At least one address cannot be bound.</exception>
    internal static BoundListeners Bind(HostSettings settings)
    {
        var errors = new List<ConfigurationError>();
        var bound = new List<MqttEndPoint>();
        foreach (var listener in settings.Listeners)
        {
            var sockets = TryBind(listener.Key, listener.Url.ToString(), listener.Url.Host, listener.Url.Port, errors);
            foreach (var socket in sockets)
            {
                var address = (IPEndPoint)socket.LocalEndPoint!;
                bound.Add(new MqttEndPoint(socket, address, listener, (listener.Url with { Port = address.Port }).ToString()));
            }
        }
        foreach (var endpoint in settings.Http.Where(endpoint => !endpoint.Host.StartsWith("unix:", StringComparison.Ordinal)))
        {
            // Kestrel takes any name but localhost for every address.
            var host = endpoint.Host is "localhost" || IPAddress.TryParse(endpoint.Host, out _) ? endpoint.Host : "*";
            foreach (var socket in TryBind(endpoint.Key, endpoint.ToString(), host, endpoint.Port, errors)) socket.Dispose();
        }
        if (errors.Count == 0) return new BoundListeners(settings, bound);
        bound.ForEach(endPoint => endPoint.Close());
        throw new ConfigurationException(errors);
    }

    /// <summary>Learns the HTTP ports, once Kestrel listens.</summary>
    internal void ReadHttp(IServer server)
    {
        // Kestrel lists what was listened to in code as http too.
        var mqtt = EndPoints.Select(endPoint => endPoint.Port).ToHashSet();
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        Http = [.. addresses.Where(address => Uri.TryCreate(address, UriKind.Absolute, out var url) && !mqtt.Contains(url.Port)).Select(address => address.TrimEnd('/'))];
    }

    /// <summary>Lets no more MQTT clients in; those that are connected stay.</summary>
    internal void Close()
    {
        foreach (var endPoint in EndPoints) endPoint.Close();
    }

    private static IReadOnlyList<Socket> TryBind(string key, string url, string host, int port, List<ConfigurationError> errors)
    {
        try
        {
            return Binding.Bind(host, port);
        }
        catch (SocketException failure)
        {
            errors.Add(BindFailure.Explain(key, url, port, failure.SocketErrorCode));
            return [];
        }
    }
}

using Broker.Core;
using Broker.Web.Listeners;
using Broker.Web.Listeners.Tls;
using Broker.Web.Metrics;
using Broker.Web.Persistence;
using Broker.Web.Persistence.History;
using Broker.Web.Security;
using Broker.Web.Security.External;

namespace Broker.Web.Configuration;

/// <summary>What the host runs with: read, bounded and checked once, at start.</summary>
public sealed class HostSettings
{
    /// <summary>The MQTT listeners, at least one.</summary>
    public required IReadOnlyList<ListenerSettings> Listeners { get; init; }

    /// <summary>MQTT over WebSocket.</summary>
    public required WebSocketSettings WebSockets { get; init; }

    /// <summary>What the broker itself takes.</summary>
    public required BrokerOptions Broker { get; init; }

    /// <summary>How the sockets of the MQTT listeners are waited for.</summary>
    public required TransportOptions Transport { get; init; }

    /// <summary>Where the broker's state is kept.</summary>
    public required StorageSettings Storage { get; init; }

    /// <summary>What is kept for operators to look back at.</summary>
    public required HistoryOptions History { get; init; }

    /// <summary>Who administers the broker.</summary>
    public required AdminOptions Admin { get; init; }

    /// <summary>Tokens that clients present as passwords.</summary>
    public required JwtOptions Jwt { get; init; }

    /// <summary>A service that is asked who a client is.</summary>
    public required HookOptions Hook { get; init; }

    /// <summary>Whether others than the store are asked who a client is: then none is let in only because it shows nothing.</summary>
    public bool AsksOthers => Jwt.Keys is not null || Hook.Url.Length > 0;

    /// <summary>Where metrics are sent.</summary>
    public required MetricsOptions Metrics { get; init; }

    /// <summary>The addresses of the HTTP endpoints as they were configured.</summary>
    public required IReadOnlyList<HttpEndpoint> Http { get; init; }

    /// <summary>Everything that speaks TLS with files of ours.</summary>
    internal IEnumerable<TlsEndpoint> Tls => Listeners.Select(listener => listener.Tls).Concat(Http.Select(endpoint => endpoint.Tls)).OfType<TlsEndpoint>();
}

/// <summary>One MQTT listener, below <c>Mqtt:Listeners:n</c>.</summary>
/// <param name="Index">Its number n.</param>
/// <param name="Url">Where it listens.</param>
/// <param name="AllowAnonymous">Whether clients without credentials are let in; null for the default: only on a loopback address.</param>
public sealed record ListenerSettings(int Index, ListenerUrl Url, bool? AllowAnonymous)
{
    /// <summary>How it speaks TLS when <see cref="Url"/> is <c>mqtts://</c>, else null.</summary>
    internal TlsEndpoint? Tls { get; init; }

    /// <summary>The configuration key of the address.</summary>
    public string Key => $"Mqtt:Listeners:{Index}:Url";
}

/// <summary>MQTT over WebSocket, below <c>Mqtt:WebSockets</c>.</summary>
/// <param name="Path">The path on the HTTP endpoints.</param>
/// <param name="AllowedOrigins">Origins of pages that may connect besides the broker's own; <c>*</c> for all.</param>
/// <param name="AllowAnonymous">Whether clients without credentials are let in; null for the default: only from this machine.</param>
public sealed record WebSocketSettings(string Path, IReadOnlyList<string> AllowedOrigins, bool? AllowAnonymous);

/// <summary>One HTTP endpoint, below <c>Kestrel:Endpoints</c>.</summary>
/// <param name="Key">The configuration key of the address.</param>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Host">A name, an address without brackets, or <c>*</c>.</param>
/// <param name="Port">The port; 0 lets the system choose.</param>
public sealed record HttpEndpoint(string Key, string Scheme, string Host, int Port)
{
    /// <summary>How it speaks TLS; null where it does not, or Kestrel alone sees to it.</summary>
    internal TlsEndpoint? Tls { get; init; }

    /// <summary>The address as it is written in the configuration.</summary>
    public override string ToString() => $"{Scheme}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}";
}

using System.Net.Sockets;
using Broker.Web.Configuration;

namespace Broker.Web.Listeners;

/// <summary>Says why an address cannot be listened to, and what helps.</summary>
internal static class BindFailure
{
    private const int FirstFree = 1024;

    /// <summary>The error for <paramref name="key"/>, whose address has this port.</summary>
    public static ConfigurationError Explain(string key, string url, int port, SocketError error) => error switch
    {
        SocketError.AddressAlreadyInUse => new(key, url, "another process listens there", $"Stop it, or set {key} to another port"),
        SocketError.AccessDenied when port < FirstFree => new(key, url, $"the system does not let this user listen there; ports below {FirstFree} are reserved",
            $"Set {key} to a port from {FirstFree} up and map port {port} to it (ports of a container, a firewall or a load balancer); or allow it: sudo setcap cap_net_bind_service=+ep on the program that runs (the dotnet "
            + $"executable where it runs the broker), AmbientCapabilities=CAP_NET_BIND_SERVICE in a systemd unit, or sudo sysctl net.ipv4.ip_unprivileged_port_start={port}"),
        SocketError.AccessDenied => new(key, url, "the system does not let this user listen there (SELinux, or a range of ports that is kept for others)", $"Set {key} to another port, or allow this one"),
        SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported => new(key, url, "this machine has no such address", $"Set {key} to one of its own addresses, or to * for all"),
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => new(key, url, "the name is not known to this machine", $"Correct the name in {key}, or write an address"),
        _ => new(key, url, $"it cannot be listened to: {new SocketException((int)error).Message}", $"Set {key} to another address"),
    };
}

using System.Net.Sockets;
using Broker.Web.Configuration;

namespace Broker.Web.Listeners;

/// <summary>Says why an address cannot be listened to, and what helps.</summary>
internal static class BindFailure
{
    public static ConfigurationError Explain(string key, string url, SocketError error) => error switch
    {
        SocketError.AddressAlreadyInUse => new(key, url, "another process listens there", $"Stop it, or set {key} to another port"),
        SocketError.AccessDenied => new(key, url, "the system does not let this user listen there; ports below 1024 are reserved", $"Set {key} to a port from 1024 up, or grant the capability CAP_NET_BIND_SERVICE"),
        SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported => new(key, url, "this machine has no such address", $"Set {key} to one of its own addresses, or to * for all"),
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => new(key, url, "the name is not known to this machine", $"Correct the name in {key}, or write an address"),
        _ => new(key, url, $"it cannot be listened to: {new SocketException((int)error).Message}", $"Set {key} to another address"),
    };
}

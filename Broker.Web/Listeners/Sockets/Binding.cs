using System.Net;
using System.Net.Sockets;

namespace Broker.Web.Listeners.Sockets;

/// <summary>Finds the addresses behind a host name and binds sockets to them.</summary>
internal static class Binding
{
    private const int Attempts = 10;

    /// <summary>Sockets bound to every address of <paramref name="host"/> that this machine has, all with the same port.</summary>
    /// <exception cref="SocketException">The name is unknown, or an address that exists cannot be bound.</exception>
    public static IReadOnlyList<Socket> Bind(string host, int port)
    {
        var addresses = Resolve(host);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return BindAll(addresses, port);
            }
            catch (SocketException failure) when (port == 0 && failure.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < Attempts)
            {
                // The port that the system chose for the first address is taken on the second.
            }
        }
    }

    private static IPAddress[] Resolve(string host) => host switch
    {
        "*" => Socket.OSSupportsIPv6 ? [IPAddress.IPv6Any] : [IPAddress.Any],
        _ when host.Equals("localhost", StringComparison.OrdinalIgnoreCase) => [IPAddress.Loopback, IPAddress.IPv6Loopback],
        _ when IPAddress.TryParse(host, out var address) => [address],
        _ => Dns.GetHostAddresses(host) is { Length: > 0 } found ? [.. found.Distinct()] : throw new SocketException((int)SocketError.HostNotFound),
    };

    // One family may be missing on this machine, but not all.
    private static List<Socket> BindAll(IPAddress[] addresses, int port)
    {
        var bound = new List<Socket>();
        SocketException? missing = null;
        try
        {
            foreach (var address in addresses)
            {
                try
                {
                    var socket = BindOne(new IPEndPoint(address, port));
                    bound.Add(socket);
                    port = ((IPEndPoint)socket.LocalEndPoint!).Port;
                }
                catch (SocketException failure) when (IsMissing(failure.SocketErrorCode))
                {
                    missing = failure;
                }
            }
            return bound.Count > 0 ? bound : throw missing ?? new SocketException((int)SocketError.AddressNotAvailable);
        }
        catch (SocketException)
        {
            bound.ForEach(socket => socket.Dispose());
            throw;
        }
    }

    private static Socket BindOne(IPEndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            socket.Bind(address);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool IsMissing(SocketError error) =>
        error is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported or SocketError.ProtocolFamilyNotSupported or SocketError.ProtocolNotSupported;
}

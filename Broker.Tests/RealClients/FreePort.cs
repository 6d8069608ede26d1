using System.Net;
using System.Net.Sockets;

namespace Broker.Tests.RealClients;

/// <summary>
/// Ports for servers that a test starts. They lie below those that the system gives to connections that go out, so that none of these takes one before its server does.
/// </summary>
public static class FreePort
{
    private const int First = 20_000, Count = 12_000;

    private static int turn = Random.Shared.Next(Count); // another one in each process, as several may run at once

    /// <summary>A port of 127.0.0.1 that nobody listened on a moment ago, another one at each call.</summary>
    public static int Next()
    {
        for (int attempt = 0; attempt < Count; attempt++)
        {
            int port = First + (int)((uint)Interlocked.Increment(ref turn) % Count);
            if (IsFree(port)) return port;
        }
        throw new InvalidOperationException($"no port from {First} to {First + Count - 1} is free");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

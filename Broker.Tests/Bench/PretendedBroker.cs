using System.Net;
using System.Net.Sockets;

namespace Broker.Tests.Bench;

/// <summary>Lets clients of MQTT 3.1.1 in and grants them a subscription, until it is ended: then all its connections are closed.</summary>
internal sealed class PretendedBroker : IDisposable
{
    private static readonly byte[] SubAck = [0x90, 3, 0, 1, 0];

    private readonly TcpListener listener;
    private readonly List<TcpClient> clients = [];
    private readonly byte[] connAck;
    private readonly Task accepting;

    /// <summary>Listens.</summary>
    /// <param name="port">Where, on 127.0.0.1.</param>
    /// <param name="knowsSessions">Whether it says that it still has a client's session.</param>
    public PretendedBroker(int port, bool knowsSessions)
    {
        connAck = [0x20, 2, (byte)(knowsSessions ? 1 : 0), 0];
        listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        accepting = AcceptAsync();
    }

    public void Dispose()
    {
        listener.Dispose();
        accepting.GetAwaiter().GetResult();
        clients.ForEach(client => client.Dispose());
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync();
                clients.Add(client);
                _ = ServeAsync(client.GetStream());
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // The listener is closed.
        }
    }

    // Each small packet comes by itself, as the client waits for each answer.
    private async Task ServeAsync(NetworkStream stream)
    {
        var buffer = new byte[256];
        try
        {
            while (await stream.ReadAsync(buffer) > 0)
                if (buffer[0] >> 4 is 1 or 8) await stream.WriteAsync(buffer[0] >> 4 == 1 ? connAck : SubAck);
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException)
        {
            // One of both ends has closed it.
        }
    }
}

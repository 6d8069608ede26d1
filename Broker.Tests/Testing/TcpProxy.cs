using System.Net;
using System.Net.Sockets;

namespace Broker.Tests.Testing;

/// <summary>When a connection through a <see cref="TcpProxy"/> is cut.</summary>
public enum CutMoment
{
    /// <summary>It is not.</summary>
    Never,

    /// <summary>The server gets nothing of what the client sends next.</summary>
    BeforeRequest,

    /// <summary>The server gets what the client sends next, and nobody waits for its reply.</summary>
    AfterRequest,

    /// <summary>The server's next reply is there, and is dropped.</summary>
    InsteadOfReply,
}

/// <summary>Stands on a port of 127.0.0.1 between clients and a server on another one, and cuts a connection at the moment that a test chooses.</summary>
public sealed class TcpProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly int server;
    private readonly Lock gate = new();
    private CutMoment moment;
    private int exchangesBefore, cuts;

    /// <summary>Starts it before a server.</summary>
    public TcpProxy(int server)
    {
        this.server = server;
        listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>The port that clients connect to.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>How many connections were cut.</summary>
    public int Cuts => Volatile.Read(ref cuts);

    /// <summary>Cuts the next connection on which something moves, once.</summary>
    /// <param name="when">The moment.</param>
    /// <param name="repliesBefore">So many replies pass before.</param>
    public void Cut(CutMoment when, int repliesBefore = 0)
    {
        lock (gate) (moment, exchangesBefore) = (when, repliesBefore);
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await listener.AcceptTcpClientAsync());
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // The listener is closed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var target = new TcpClient())
        {
            await target.ConnectAsync(IPAddress.Loopback, server);
            await Task.WhenAny(PumpAsync(client, target, isRequest: true), PumpAsync(target, client, isRequest: false));
        }
    }

    // Ends when the connection is over: then both ends of it are closed.
    private async Task PumpAsync(TcpClient from, TcpClient to, bool isRequest)
    {
        var buffer = new byte[65_536];
        try
        {
            while (await from.GetStream().ReadAsync(buffer) is > 0 and var length)
            {
                var cut = Take(isRequest);
                if (cut is not CutMoment.BeforeRequest and not CutMoment.InsteadOfReply) await to.GetStream().WriteAsync(buffer.AsMemory(0, length));
                if (cut != CutMoment.Never) return;
            }
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // One of both ends has closed it.
        }
    }

    // Whether it is to be cut now.
    private CutMoment Take(bool isRequest)
    {
        lock (gate)
        {
            if (moment == CutMoment.Never || isRequest != (moment != CutMoment.InsteadOfReply) || exchangesBefore > 0)
            {
                if (!isRequest && exchangesBefore > 0) exchangesBefore--;
                return CutMoment.Never;
            }
            cuts++;
            var taken = moment;
            moment = CutMoment.Never;
            return taken;
        }
    }
}

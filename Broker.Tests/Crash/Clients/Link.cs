using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Broker.Core.Protocol;

namespace Broker.Tests.Crash.Clients;

/// <summary>The connection is at its end.</summary>
internal sealed class LinkEndedException(string why) : Exception(why);

/// <summary>A client's socket with a buffer each way: what is written gathers until <see cref="Flush"/>, what arrives is taken packet by packet.</summary>
internal sealed class Link : IDisposable
{
    private const int BufferBytes = 256 * 1024, LargestPacket = 128 * 1024;

    private readonly Socket socket;
    private readonly byte[] input = new byte[BufferBytes];
    private readonly ArrayBufferWriter<byte> output = new(64 * 1024);
    private int start, end;

    private Link(Socket socket, ProtocolVersion version) => (this.socket, Version) = (socket, version);

    /// <summary>The protocol version that is spoken.</summary>
    public ProtocolVersion Version { get; }

    /// <summary>Connects to a port of this machine.</summary>
    public static Link Open(int port, ProtocolVersion version)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = BufferBytes };
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return new Link(socket, version);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new LinkEndedException(e.Message);
        }
    }

    public void Write<TPacket>(in TPacket packet) where TPacket : IControlPacket => PacketCodec.Write(packet, Version, output);

    /// <summary>Sends what was written.</summary>
    public void Flush()
    {
        try
        {
            for (var rest = output.WrittenSpan; rest.Length > 0;) rest = rest[socket.Send(rest)..];
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new LinkEndedException(e.Message);
        }
        finally
        {
            output.ResetWrittenCount();
        }
    }

    /// <summary>Receives once; false if nothing came in that time.</summary>
    public bool Receive(TimeSpan patience)
    {
        try
        {
            if (start == end) (start, end) = (0, 0);
            if (end == input.Length)
            {
                Buffer.BlockCopy(input, start, input, 0, end - start);
                (start, end) = (0, end - start);
            }
            if (!socket.Poll(patience, SelectMode.SelectRead)) return false;
            int read = socket.Receive(input.AsSpan(end));
            if (read == 0) throw new LinkEndedException("the broker closed the connection");
            end += read;
            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new LinkEndedException(e.Message);
        }
    }

    /// <summary>Takes a packet off what was received. It lies there until the next <see cref="Receive"/>.</summary>
    public bool TryTake(out ControlPacketType type, out byte first, out ReadOnlyMemory<byte> body)
    {
        body = default;
        bool isThere = PacketCodec.TryFindPacket(input.AsSpan(start, end - start), LargestPacket, out first, out int header, out int length);
        type = (ControlPacketType)(first >> 4);
        if (!isThere) return false;
        body = input.AsMemory(start + header, length - header);
        start += length;
        return true;
    }

    /// <summary>Says goodbye, and waits until the broker has closed the connection.</summary>
    public void Leave()
    {
        Write(new Disconnect());
        Flush();
        while (true)
        {
            (start, end) = (0, 0);
            if (!Receive(TimeSpan.FromSeconds(1))) return;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();
}

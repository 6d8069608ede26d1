using System.Net.Sockets;
using Broker.Core.Protocol;
using Broker.Tests.RealClients;
using Broker.Tests.Testing;

namespace Broker.Tests.Fuzz;

/// <summary>One connection of a client that breaks rules, in a state and in a way that its number decides.</summary>
public sealed class FuzzClient(BrokerAddress address, Random random)
{
    private static readonly TimeSpan Patience = RunningProgram.Patience;
    private readonly FuzzPackets packets = new(random);

    /// <summary>From connecting to the end, whoever makes it.</summary>
    public async Task RunAsync()
    {
        var version = (ProtocolVersion)random.Next(3, 6);
        using var deadline = new CancellationTokenSource(Patience);
        using RawStream stream = random.Next(2) == 0
            ? await TcpRawStream.OpenAsync(address.MqttPort, null, deadline.Token)
            : await WebSocketRawStream.OpenAsync(address.HttpPort, "mqtt", cancellation: deadline.Token);
        bool reads = random.Next(4) > 0; // some never do
        var reading = reads ? ReadAsync(stream, deadline.Token) : Task.CompletedTask;
        try
        {
            foreach (byte[] bytes in Conversation(version)) await stream.SendAsync(bytes, deadline.Token);
            if (random.Next(3) == 0) await stream.SendAsync(Half(packets.Valid(version)), deadline.Token);
            if (reads && random.Next(5) > 0)
            {
                await FinishAsync(stream, deadline.Token); // the broker has read everything when it ends the connection too
                await reading;
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The broker has had enough of it.
        }
        stream.Cut();
        await reading;
    }

    private IEnumerable<byte[]> Conversation(ProtocolVersion version)
    {
        if (random.Next(6) == 0) yield return Any(version); // before CONNECT
        if (random.Next(30) == 0) yield break;
        yield return random.Next(8) == 0 ? packets.Mutated(version) : packets.Connect(version); // perhaps refused, and then the rest all the same
        int last = random.Next(25);
        for (int i = 0; i < last; i++)
        {
            switch (random.Next(12))
            {
                case 0: yield return Any(version); break;
                case 1: yield return [.. packets.Valid(version), .. packets.Valid(version), .. packets.Valid(version)]; break;
                case 2:
                    byte[] whole = packets.Valid(version);
                    int cut = random.Next(whole.Length);
                    yield return whole[..cut];
                    yield return whole[cut..];
                    break;
                default: yield return packets.Valid(version); break;
            }
        }
        if (random.Next(4) > 0) yield break;
        yield return PacketCodec.ToArray(new Disconnect(), version);
        yield return Any(version); // after DISCONNECT
    }

    private byte[] Any(ProtocolVersion version) => random.Next(4) switch
    {
        0 => packets.Noise(),
        1 => packets.Connect(version),
        2 => packets.Valid(version),
        _ => packets.Mutated(version),
    };

    private static async Task FinishAsync(RawStream stream, CancellationToken cancellation)
    {
        if (stream is TcpRawStream tcp) tcp.FinishSending();
        else await ((WebSocketRawStream)stream).SendFrameAsync(WebSocketRawStream.Opcode.Close, new byte[] { 0x03, 0xE8 }, cancellation: cancellation);
    }

    private static byte[] Half(byte[] packet) => packet[..(packet.Length / 2)];

    private static async Task ReadAsync(RawStream stream, CancellationToken cancellation)
    {
        try
        {
            while (!(await stream.ReceiveAsync(cancellation)).IsEmpty) continue;
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Cut.
        }
    }
}

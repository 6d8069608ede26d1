using System.Buffers;
using Broker.Core;
using Broker.Core.Protocol;
using Broker.Tests.Sessions;
using Broker.Tests.Testing;

namespace Broker.Tests.Connections;

/// <summary>A client that is connected to a broker in this process by pipes: writes packets, and reads those that come, one after the other.</summary>
internal sealed class PipeClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly PipeTransport transport;
    private readonly ProtocolVersion version;

    public PipeClient(MqttBroker broker, ProtocolVersion version = ProtocolVersion.V5, PipeTransport? transport = null)
    {
        this.version = version;
        this.transport = transport ?? new PipeTransport { Listener = "memory" };
        Served = broker.ServeAsync(this.transport);
    }

    /// <summary>Ends when the broker has done with the connection.</summary>
    public Task Served { get; }

    public PipeClient Send<TPacket>(params ReadOnlySpan<TPacket> packets) where TPacket : IControlPacket
    {
        foreach (var packet in packets) PacketCodec.Write(packet, version, transport.ClientOutput);
        InPlace.Run(() => transport.ClientOutput.FlushAsync().GetAwaiter().GetResult()); // never waits: the pipe has no limit
        return this;
    }

    /// <summary>Sends the beginning of a packet, behind a PINGREQ whose answer shows that the broker has read it.</summary>
    public async Task SendPartAsync(ReadOnlyMemory<byte> beginning)
    {
        PacketCodec.Write(default(PingReq), version, transport.ClientOutput);
        transport.ClientOutput.Write(beginning.Span);
        await transport.ClientOutput.FlushAsync();
        await ExpectAsync<PingResp>();
    }

    public PipeClient Publish(string topic, string payload, int qos = 0, ushort identifier = 0, bool retain = false, bool duplicate = false) => Send(new Publish
    {
        Topic = System.Text.Encoding.UTF8.GetBytes(topic),
        Payload = System.Text.Encoding.UTF8.GetBytes(payload),
        QoS = (QualityOfService)qos,
        PacketIdentifier = identifier,
        Retain = retain,
        Duplicate = duplicate,
    });

    public PipeClient Subscribe(ushort identifier, params (string Filter, int QoS)[] filters) =>
        Send(new Subscribe(identifier, [.. filters.Select(filter => new SubscriptionRequest(filter.Filter, new SubscriptionOptions((QualityOfService)filter.QoS)))]));

    public PipeClient Connect(string name, bool cleanStart = true, uint expiry = 0, Will? will = null)
    {
        var properties = new PropertiesBuilder();
        if (expiry > 0) properties.Add(PropertyId.SessionExpiryInterval, expiry);
        return Send(new Connect { Version = version, ClientIdentifier = name, CleanStart = cleanStart, Properties = properties.Build(), Will = will });
    }

    /// <summary>Shows that the broker has read everything up to here: expects PINGRESP as the next packet.</summary>
    public async Task PingAsync() => (await ReadAsync(this.Send(default(PingReq)))).ShouldBe("PingResp()");

    /// <summary>Expects a packet of a type as the next one.</summary>
    public async Task<TPacket> ExpectAsync<TPacket>() where TPacket : IControlPacket
    {
        var packet = await NextAsync();
        return packet.ShouldBeOfType<TPacket>(packet is null ? "the stream has ended" : PacketText.Of(packet));
    }

    /// <summary>Expects any packet.</summary>
    public async Task<IControlPacket> ExpectAnyAsync() => (await NextAsync()).ShouldNotBeNull();

    /// <summary>Expects the end of the stream.</summary>
    public async Task ExpectEndAsync() => (await NextAsync()).ShouldBeNull();

    /// <summary>Ends the stream from this side.</summary>
    public async Task LeaveAsync()
    {
        transport.ClientOutput.Complete();
        await Served.WaitAsync(Patience);
    }

    private static async Task<string> ReadAsync(PipeClient client) => await client.NextAsync() is { } packet ? PacketText.Of(packet) : "the end";

    private async Task<IControlPacket?> NextAsync()
    {
        while (true)
        {
            var read = await transport.ClientInput.ReadAsync().AsTask().WaitAsync(Patience);
            byte[] bytes = read.Buffer.ToArray();
            if (PacketCodec.TryFindPacket(bytes, int.MaxValue, out byte first, out int header, out int length))
            {
                transport.ClientInput.AdvanceTo(read.Buffer.GetPosition(length));
                return PacketCodec.Read(first, bytes.AsMemory(header, length - header), version, Sender.Server);
            }
            transport.ClientInput.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted) return null;
        }
    }
}

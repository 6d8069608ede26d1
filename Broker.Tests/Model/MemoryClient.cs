using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Broker.Core;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Model;

/// <summary>A client of the real broker in memory. It does what it is told and reads what came.</summary>
internal sealed class MemoryClient
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private readonly MemoryTransport transport = new() { Listener = "memory", Anonymous = AnonymousAccess.Always };
    private readonly ProtocolVersion version;
    private readonly Dictionary<uint, string> aliases = [];
    private readonly Task served;

    public MemoryClient(MqttBroker broker, ProtocolVersion version)
    {
        this.version = version;
        served = broker.ServeAsync(transport);
    }

    /// <summary>Whether the broker has ended the connection.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Sends a packet.</summary>
    public async Task SendAsync<TPacket>(TPacket packet) where TPacket : IControlPacket
    {
        PacketCodec.Write(packet, version, transport.Writer);
        await transport.Writer.FlushAsync();
    }

    /// <summary>Sends bytes.</summary>
    public async Task SendAsync(byte[] bytes) => await transport.Writer.WriteAsync(bytes);

    /// <summary>Takes what has come.</summary>
    public List<Packet> Take()
    {
        var packets = new List<Packet>();
        while (!IsClosed && transport.Reader.TryRead(out var read)) Take(read, packets);
        return packets;
    }

    /// <summary>Sends PINGREQ and takes what comes up to its answer, or to the end of the connection.</summary>
    public async Task<List<Packet>> FenceAsync()
    {
        await SendAsync(default(PingReq));
        var packets = new List<Packet>();
        while (!IsClosed && !Take(await transport.Reader.ReadAsync().AsTask().WaitAsync(Deadline), packets)) continue;
        return packets;
    }

    /// <summary>Takes what comes up to the end of the connection.</summary>
    public async Task<List<Packet>> TakeLastAsync()
    {
        var packets = new List<Packet>();
        while (!IsClosed) Take(await transport.Reader.ReadAsync().AsTask().WaitAsync(Deadline), packets);
        return packets;
    }

    /// <summary>Closes the client's side; comes back when the broker is done with the connection.</summary>
    public Task CloseAsync()
    {
        transport.Writer.Complete();
        return served.WaitAsync(Deadline);
    }

    // Returns whether PINGRESP was among it.
    private bool Take(ReadResult read, List<Packet> packets)
    {
        bool fenced = false;
        byte[] bytes = read.Buffer.ToArray();
        int at = 0;
        while (PacketCodec.TryFindPacket(bytes.AsSpan(at), int.MaxValue, out byte first, out int headerLength, out int length))
        {
            var packet = PacketCodec.Read(first, bytes.AsMemory(at + headerLength, length - headerLength), version, Sender.Server);
            at += length;
            if (packet is PingResp) fenced = true;
            else packets.Add(Read(packet));
        }
        transport.Reader.AdvanceTo(read.Buffer.GetPosition(at), read.Buffer.End);
        if (!read.IsCompleted) return fenced;
        if (at < bytes.Length) packets.Add(new("end", $"half a packet: {Hex.Format(bytes.AsSpan(at))}"));
        packets.Add(Packet.Closed);
        IsClosed = true;
        return fenced;
    }

    private Packet Read(IControlPacket packet) => packet switch
    {
        ConnAck connAck => Packet.ConnAck(connAck.SessionPresent, connAck.Reason),
        Publish publish => Read(publish),
        PubAck ack => Packet.Answer(ack.Type, ack.PacketIdentifier, ack.Reason),
        PubRec ack => Packet.Answer(ack.Type, ack.PacketIdentifier, ack.Reason),
        PubRel ack => Packet.Answer(ack.Type, ack.PacketIdentifier, ack.Reason),
        PubComp ack => Packet.Answer(ack.Type, ack.PacketIdentifier, ack.Reason),
        SubAck ack => Packet.Answer(ack.Type, ack.PacketIdentifier, ack.Reasons.Select(reason => (byte)reason)),
        UnsubAck ack => Packet.Answer(ack.Type, ack.PacketIdentifier, ack.Reasons.Select(reason => (byte)reason)),
        Disconnect disconnect => Packet.Disconnect(disconnect.Reason),
        _ => new Packet("others", PacketText.Of(packet)),
    };

    private Packet Read(Publish publish)
    {
        string topic = Encoding.UTF8.GetString(publish.Topic.Span);
        if (publish.Properties.Number(PropertyId.TopicAlias) is { } alias)
        {
            if (topic.Length > 0) aliases[alias] = topic;
            else topic = aliases.GetValueOrDefault(alias, $"alias {alias}");
        }
        var users = publish.Properties.UserProperties;
        var packet = Packet.Publish(
            topic, Encoding.UTF8.GetString(publish.Payload.Span), new PublishFlags(publish.QoS, publish.Retain, publish.Duplicate), publish.PacketIdentifier,
            publish.Properties.Numbers(PropertyId.SubscriptionIdentifier), users.Count == 0 ? null : string.Join(", ", users.Select(user => user.Value)));
        return packet with { Expiry = publish.Properties.Number(PropertyId.MessageExpiryInterval) };
    }
}

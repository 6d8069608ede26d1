using System.Text;
using Broker.Core.Protocol;
using Broker.Tests.Protocol;

namespace Broker.Tests.Fuzz;

/// <summary>Makes packets for clients that break rules: valid ones on few names, so that they meet, and mutations of those and of the golden packets.</summary>
public sealed class FuzzPackets(Random random)
{
    private static readonly GoldenPacket[] Golden = [.. GoldenPackets.All.Where(golden => golden is { Sender: Sender.Client, Bytes.Length: < 4096 })];
    private static readonly string[] Topics = ["fuzz/a", "fuzz/b", "fuzz/a/b", "fuzz//", "fuzz/ü"];
    private static readonly string[] Filters = ["fuzz/#", "fuzz/+", "#", "fuzz/a", "$share/g/fuzz/#", "$share/h/fuzz/+", "$SYS/#", "+/+/b", "fuzz/a/#/b"];
    private static readonly byte[] Numbers = [0, 1, 2, 4, 5, 0x0B, 0x11, 0x1F, 0x21, 0x26, 0x7F, 0x80, 0xC0, 0xED, 0xEF, 0xFF];

    /// <summary>A CONNECT that should be accepted.</summary>
    public byte[] Connect(ProtocolVersion version)
    {
        bool v5 = version == ProtocolVersion.V5;
        var properties = new PropertiesBuilder();
        if (v5 && Maybe(2)) properties.Add(PropertyId.SessionExpiryInterval, Any<uint>(0, 1, 60, uint.MaxValue));
        if (v5 && Maybe(2)) properties.Add(PropertyId.ReceiveMaximum, Any<uint>(1, 5, 65_535));
        if (v5 && Maybe(4)) properties.Add(PropertyId.MaximumPacketSize, Any<uint>(20, 100, 10_000));
        if (v5 && Maybe(3)) properties.Add(PropertyId.TopicAliasMaximum, Any<uint>(1, 10));
        if (v5 && Maybe(20)) properties.Add(PropertyId.AuthenticationMethod, Any("SCRAM-SHA-256", "other"));
        var will = new Will
        {
            Topic = AnyTopic(),
            Payload = Payload(),
            QoS = AnyQoS(),
            Retain = Maybe(3),
            Properties = v5 && Maybe(2) ? new PropertiesBuilder().Add(PropertyId.WillDelayInterval, Any<uint>(0, 1, 60)).Build() : Properties.None,
        };
        return PacketCodec.ToArray(
            new Connect
            {
                Version = version,
                ClientIdentifier = $"fuzz{random.Next(30)}",
                CleanStart = Maybe(2),
                KeepAlive = Any<ushort>(0, 60),
                Will = Maybe(3) ? will : null,
                Properties = properties.Build(),
            },
            version);
    }

    /// <summary>A packet that a connected client may send, though perhaps not at this moment.</summary>
    public byte[] Valid(ProtocolVersion version) => random.Next(14) switch
    {
        0 or 1 => Write(new Subscribe(Identifier(), [new(Any(Filters), new SubscriptionOptions(AnyQoS())), new(Any(Filters), new SubscriptionOptions(AnyQoS()))]), version),
        2 => Write(new Unsubscribe(Identifier(), [Any(Filters)]), version),
        3 => Write(new PubAck(Identifier()), version),
        4 => Write(new PubRec(Identifier()), version),
        5 or 6 => Write(new PubRel(Identifier()), version),
        7 => Write(new PubComp(Identifier()), version),
        8 => Write(default(PingReq), version),
        9 => Maybe(4) ? Write(new Disconnect(), version) : Write(default(PingReq), version),
        _ => Publish(version),
    };

    /// <summary>A packet with a few changes, its length set right or not.</summary>
    public byte[] Mutated(ProtocolVersion version)
    {
        byte[] source = random.Next(4) switch { 0 => Connect(version), 1 => Any(Golden).Bytes, _ => Valid(version) };
        var bytes = new List<byte>(source);
        for (int changes = random.Next(1, 4); changes > 0 && bytes.Count > 1; changes--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes[at] = Any(Numbers); break;
                case 3: bytes.Insert(at, Any(Numbers)); break;
                default: bytes.RemoveAt(at); break;
            }
        }
        if (Maybe(2) && bytes.Count is > 1 and < 130) bytes[1] = (byte)(bytes.Count - 2);
        return [.. bytes];
    }

    /// <summary>Bytes without sense.</summary>
    public byte[] Noise()
    {
        byte[] bytes = new byte[random.Next(1, 200)];
        random.NextBytes(bytes);
        return bytes;
    }

    private byte[] Publish(ProtocolVersion version)
    {
        var qos = AnyQoS();
        bool v5 = version == ProtocolVersion.V5;
        var properties = new PropertiesBuilder();
        bool aliased = v5 && Maybe(4);
        if (aliased) properties.Add(PropertyId.TopicAlias, Any<uint>(1, 2, 32, 33));
        if (v5 && Maybe(4)) properties.Add(PropertyId.MessageExpiryInterval, Any<uint>(0, 1, 60));
        if (v5 && Maybe(4)) properties.AddUserProperty("name", "value");
        return Write(
            new Publish
            {
                Topic = aliased && Maybe(2) ? default : Encoding.UTF8.GetBytes(AnyTopic()),
                Payload = Payload(),
                QoS = qos,
                PacketIdentifier = qos == QualityOfService.AtMostOnce ? (ushort)0 : Identifier(),
                Retain = Maybe(4),
                Duplicate = qos > 0 && Maybe(4),
                Properties = properties.Build(),
            },
            version);
    }

    private static byte[] Write<TPacket>(TPacket packet, ProtocolVersion version) where TPacket : IControlPacket => PacketCodec.ToArray(packet, version);

    private byte[] Payload() => new byte[random.Next(20) == 0 ? random.Next(100_000) : random.Next(40)];

    private ushort Identifier() => (ushort)random.Next(1, 8);

    private string AnyTopic() => Any(Topics);

    private QualityOfService AnyQoS() => (QualityOfService)random.Next(3);

    private bool Maybe(int outOf) => random.Next(outOf) == 0;

    private T Any<T>(params ReadOnlySpan<T> choices) => choices[random.Next(choices.Length)];
}

using System.Text;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Tests.Testing;

namespace Broker.Tests.Sessions;

/// <summary>What the encoder writes is read by the codec as the PUBLISH that was meant, also where one encoding serves several subscribers.</summary>
public sealed class PublishEncoderTests
{
    private const long Now = 1_000_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Everything_that_is_written_is_read_as_it_was_meant(int seed)
    {
        var random = new Random(seed);
        var encoder = new PublishEncoder();
        for (int i = 0; i < 3_000; i++)
        {
            byte[] topic = Encoding.UTF8.GetBytes(new string('t', random.Next(1, random.Next(4) == 0 ? 20_000 : 40)));
            byte[] payload = new byte[random.Next(3) switch { 0 => 0, 1 => random.Next(300), _ => random.Next(20_000) }];
            random.NextBytes(payload);
            var forwarded = Forwarded(random);
            long expiresAt = random.Next(2) == 0 ? ApplicationMessage.Never : Now + random.Next(-5_000, 100_000);
            encoder.Reset();
            for (int subscriber = random.Next(1, 6); subscriber > 0; subscriber--)
            {
                var version = random.Next(2) == 0 ? ProtocolVersion.V5 : ProtocolVersion.V311;
                var qos = (QualityOfService)random.Next(3);
                var copy = new PublishCopy(
                    qos, random.Next(2) == 0, qos > 0 && random.Next(4) == 0, qos == 0 ? (ushort)0 : (ushort)random.Next(1, 65_536),
                    random.Next(3) == 0 ? [(uint)random.Next(1, 300_000), 1] : []);
                ushort alias = version == ProtocolVersion.V5 && random.Next(3) == 0 ? (ushort)random.Next(1, 100) : (ushort)0;
                bool withTopic = alias == 0 || random.Next(2) == 0;
                var message = new Publication { Topic = topic, Properties = forwarded.Encoded.Span, Payload = payload, ExpiresAt = expiresAt };
                byte[] bytes = [.. encoder.Encode(message, version, copy, alias, withTopic, Now), .. payload];
                var read = Read(bytes, version);
                PacketText.Of(read).ShouldBe(PacketText.Of(Expected(topic, payload, forwarded, expiresAt, version, copy, alias, withTopic)));
            }
        }
    }

    [Theory]
    [InlineData(Now + 10_000, 10u)]
    [InlineData(Now + 9_001, 10u)]
    [InlineData(Now + 9_000, 9u)]
    [InlineData(Now + 1, 1u)]
    [InlineData(Now, 0u)]
    [InlineData(Now - 5_000, 0u)]
    [InlineData(Now + 4_294_967_295_000, uint.MaxValue)]
    public void The_expiry_interval_is_what_is_left_of_it(long expiresAt, uint left)
    {
        var message = new Publication { Topic = "t"u8, ExpiresAt = expiresAt };
        byte[] bytes = [.. new PublishEncoder().Encode(message, ProtocolVersion.V5, new PublishCopy(QualityOfService.AtMostOnce, false, false, 0, []), 0, true, Now)];
        Read(bytes, ProtocolVersion.V5).Properties.Number(PropertyId.MessageExpiryInterval).ShouldBe(left);
    }

    private static Publish Read(byte[] bytes, ProtocolVersion version)
    {
        PacketCodec.TryFindPacket(bytes, int.MaxValue, out byte first, out int header, out int length).ShouldBeTrue();
        length.ShouldBe(bytes.Length);
        return (Publish)PacketCodec.Read(first, bytes.AsMemory(header), version, Sender.Server);
    }

    private static Publish Expected(
        byte[] topic, byte[] payload, Properties forwarded, long expiresAt, ProtocolVersion version, PublishCopy copy, ushort alias, bool withTopic)
    {
        var properties = new PropertiesBuilder();
        if (expiresAt != ApplicationMessage.Never) properties.Add(PropertyId.MessageExpiryInterval, (uint)Math.Max(0, (expiresAt - Now + 999) / 1_000));
        foreach (uint identifier in copy.Identifiers) properties.Add(PropertyId.SubscriptionIdentifier, identifier);
        if (alias > 0) properties.Add(PropertyId.TopicAlias, alias);
        return new Publish
        {
            Topic = withTopic ? topic : default,
            Payload = payload,
            QoS = copy.QoS,
            Retain = copy.Retain,
            Duplicate = copy.Duplicate,
            PacketIdentifier = copy.PacketIdentifier,
            Properties = version == ProtocolVersion.V5 ? new Properties((byte[])[.. properties.Build().Encoded.Span, .. forwarded.Encoded.Span]) : Properties.None,
        };
    }

    private static Properties Forwarded(Random random)
    {
        var properties = new PropertiesBuilder();
        if (random.Next(3) == 0) properties.Add(PropertyId.PayloadFormatIndicator, 1);
        if (random.Next(3) == 0) properties.Add(PropertyId.ContentType, new string('c', random.Next(400)));
        if (random.Next(3) == 0) properties.Add(PropertyId.ResponseTopic, "answers");
        if (random.Next(3) == 0) properties.Add(PropertyId.CorrelationData, new byte[random.Next(300)]);
        if (random.Next(3) == 0) properties.AddUserProperty("name", "value").AddUserProperty("name", "");
        return properties.Build();
    }
}

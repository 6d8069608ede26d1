using Broker.Core.Protocol;
using Broker.Tests.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Transports;

/// <summary>How a client cuts its bytes into pieces makes no difference.</summary>
public sealed class SplitTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    [Theory, Versions, Spec("MQTT-6.0.0-2", "MQTT-4.2.0-1"), Spec311("MQTT-6.0.0-2", "MQTT-7.1.1-1")]
    public async Task A_conversation_cut_at_every_byte_goes_the_same_way(Transport transport, ProtocolVersion version)
    {
        byte[] conversation =
        [
            .. PacketCodec.ToArray(Plain() with { Version = version, KeepAlive = 60 }, version),
            .. PacketCodec.ToArray(new Subscribe(1, [new($"{Unique}/#", new(QualityOfService.AtMostOnce))]), version),
            .. PacketCodec.ToArray(ScriptedClient.Message($"{Unique}/a", "one", QualityOfService.AtLeastOnce, 2), version),
            .. PacketCodec.ToArray(ScriptedClient.Message($"{Unique}/b", new string('2', 130), QualityOfService.ExactlyOnce, 3), version),
            .. PacketCodec.ToArray(new PubRel(3), version),
            .. PacketCodec.ToArray(default(PingReq), version),
        ];
        for (int cut = 1; cut < conversation.Length; cut++)
        {
            var client = await OpenAsync(transport, version);
            await client.SendRawAsync(conversation[..cut]);
            await client.SendRawAsync(conversation[cut..]);
            await CheckAsync(client);
            client.Cut();
        }
        var slow = await OpenAsync(transport, version);
        foreach (byte value in conversation) await slow.SendRawAsync([value]);
        await CheckAsync(slow);
    }

    [Theory, Transports]
    public async Task Golden_packets_of_a_connected_client_can_be_sent_one_byte_at_a_time(Transport transport)
    {
        foreach (var golden in GoldenPackets.All.Where(golden => golden is { Sender: Sender.Client, Packet: Publish or Subscribe or Unsubscribe or PubAck or PubComp or PingReq }))
        {
            var client = await ConnectAsync(transport, golden.Version);
            if (golden.Packet is Publish { Topic.IsEmpty: true }) await client.SendAsync(((Publish)golden.Packet) with { Topic = "alias"u8.ToArray() });
            foreach (byte value in golden.Bytes) await client.SendRawAsync([value]);
            await client.SendAsync(default(PingReq));
            while (await client.ExpectAnyAsync() is not PingResp)
            {
                // Answers, and messages that came by.
            }
            client.Cut();
        }
    }

    private async Task CheckAsync(ScriptedClient client)
    {
        await client.ExpectAsync<ConnAck>();
        var packets = new List<IControlPacket>();
        do packets.Add(await client.ExpectAnyAsync());
        while (packets[^1] is not PingResp);
        packets.OfType<SubAck>().Single().Reasons.ShouldBe([ReasonCode.Success]);
        packets.OfType<PubAck>().Single().PacketIdentifier.ShouldBe((ushort)2);
        packets.OfType<PubRec>().Single().PacketIdentifier.ShouldBe((ushort)3);
        packets.OfType<PubComp>().Single().ShouldBe(new PubComp(3));
        packets.OfType<Publish>().Select(publish => publish.TopicText()).ShouldBe([$"{Unique}/a", $"{Unique}/b"]);
    }
}

using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Delivery;

/// <summary>QoS 2 in both directions.</summary>
public sealed class QoS2Tests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    private const QualityOfService QoS2 = QualityOfService.ExactlyOnce;

    private Publish Once(ushort identifier, string payload = "once") => ScriptedClient.Message($"{Unique}/x", payload, QoS2, identifier);

    private async Task<(ScriptedClient Publisher, ScriptedClient Subscriber)> PairAsync(Transport transport, ProtocolVersion version)
    {
        var subscriber = await ConnectAsync(transport, version, "subscriber");
        await subscriber.SubscribeAsync($"{Unique}/x");
        return (await ConnectAsync(transport, version, Lasting(version, "publisher")), subscriber);
    }

    [Theory, Versions, Spec("MQTT-3.3.4-1", "MQTT-4.3.3-8", "MQTT-4.3.3-11", "MQTT-4.3.3-4", "MQTT-2.2.1-5"), Spec311("MQTT-3.3.4-1", "MQTT-4.3.3-1", "MQTT-4.3.3-2", "MQTT-2.3.1-6")]
    public async Task The_handshake_runs_in_both_directions_with_the_same_identifier(Transport transport, ProtocolVersion version)
    {
        var (publisher, subscriber) = await PairAsync(transport, version);
        await publisher.SendAsync(Once(4711));
        (await publisher.ExpectAsync<PubRec>()).PacketIdentifier.ShouldBe((ushort)4711);
        await publisher.SendAsync(new PubRel(4711));
        (await publisher.ExpectAsync<PubComp>()).ShouldBe(new PubComp(4711));
        var publish = await subscriber.ExpectAsync<Publish>();
        publish.QoS.ShouldBe(QoS2);
        await subscriber.SendAsync(new PubRec(publish.PacketIdentifier));
        (await subscriber.ExpectAsync<PubRel>()).ShouldBe(new PubRel(publish.PacketIdentifier));
        await subscriber.SendAsync(new PubComp(publish.PacketIdentifier));
        await subscriber.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-4.3.3-10"), Spec311("MQTT-4.3.3-2")]
    public async Task A_repeated_PUBLISH_is_acknowledged_again_and_delivered_once_whatever_DUP_says(Transport transport, ProtocolVersion version)
    {
        var (publisher, subscriber) = await PairAsync(transport, version);
        await publisher.SendAsync(Once(1), Once(1), Once(1) with { Duplicate = true });
        (await publisher.ExpectManyAsync<PubRec>(3)).ShouldAllBe(ack => ack.PacketIdentifier == 1);
        await subscriber.ReceiveAsync("once");
        await publisher.SendAsync(new PubRel(1));
        await publisher.ExpectAsync<PubComp>();
        await subscriber.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-4.3.3-10", "MQTT-4.4.0-1"), Spec311("MQTT-4.3.3-2")]
    public async Task A_PUBLISH_repeated_after_a_return_is_delivered_once(Transport transport, ProtocolVersion version)
    {
        var (publisher, subscriber) = await PairAsync(transport, version);
        await publisher.SendAsync(Once(1));
        await publisher.ExpectAsync<PubRec>();
        publisher.Cut();
        await subscriber.ReceiveAsync("once");
        var returned = await ConnectAsync(transport, version, Lasting(version, "publisher"));
        await returned.SendAsync(Once(1) with { Duplicate = true });
        await returned.ExpectAsync<PubRec>();
        await returned.SendAsync(new PubRel(1));
        (await returned.ExpectAsync<PubComp>()).ShouldBe(new PubComp(1));
        await subscriber.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-4.3.3-12"), Spec311("MQTT-4.3.3-2")]
    public async Task After_PUBCOMP_the_identifier_is_a_new_message(Transport transport, ProtocolVersion version)
    {
        var (publisher, subscriber) = await PairAsync(transport, version);
        for (int i = 0; i < 3; i++)
        {
            await publisher.SendAsync(Once(1, $"{i}") with { Duplicate = i == 2 });
            await publisher.ExpectAsync<PubRec>();
            await publisher.SendAsync(new PubRel(1));
            await publisher.ExpectAsync<PubComp>();
            (await subscriber.ReceiveAsync($"{i}")).Duplicate.ShouldBeFalse();
        }
    }

    [Theory, Versions]
    public async Task A_clean_start_forgets_the_identifiers_that_were_seen(Transport transport, ProtocolVersion version)
    {
        var (publisher, subscriber) = await PairAsync(transport, version);
        await publisher.SendAsync(Once(1, "old"));
        await publisher.ExpectAsync<PubRec>();
        await subscriber.ReceiveAsync("old");
        var returned = await ConnectAsync(transport, version, Lasting(version, "publisher", cleanStart: true));
        await returned.SendAsync(Once(1, "new"));
        await returned.ExpectAsync<PubRec>();
        await subscriber.ReceiveAsync("new");
    }

    [Theory, Versions, Spec("MQTT-4.3.3-11", "MQTT-2.2.1-5")]
    public async Task PUBREL_of_an_unknown_identifier_is_answered(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        await client.SendAsync(new PubRel(99));
        var answer = await client.ExpectAsync<PubComp>();
        answer.PacketIdentifier.ShouldBe((ushort)99);
        if (version == ProtocolVersion.V5) answer.Reason.ShouldBe(ReasonCode.PacketIdentifierNotFound);
        await client.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-2.2.1-5")]
    public async Task PUBREC_of_an_unknown_identifier_is_answered(Transport transport)
    {
        var client = await ConnectAsync(transport);
        await client.SendAsync(new PubRec(99));
        var answer = await client.ExpectAsync<PubRel>();
        answer.PacketIdentifier.ShouldBe((ushort)99);
        answer.Reason.ShouldBe(ReasonCode.PacketIdentifierNotFound);
        await client.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-4.3.3-4", "MQTT-4.3.3-5")]
    public async Task A_repeated_PUBREC_is_answered_by_PUBREL_again(Transport transport, ProtocolVersion version)
    {
        var (publisher, subscriber) = await PairAsync(transport, version);
        await publisher.PublishAsync($"{Unique}/x", "once", QoS2);
        var publish = await subscriber.ExpectAsync<Publish>();
        for (int i = 0; i < 3; i++)
        {
            await subscriber.SendAsync(new PubRec(publish.PacketIdentifier));
            (await subscriber.ExpectAsync<PubRel>()).ShouldBe(new PubRel(publish.PacketIdentifier));
        }
        await subscriber.SendAsync(new PubComp(publish.PacketIdentifier));
        await subscriber.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-4.3.3-4", "MQTT-4.4.0-2", "MQTT-4.3.3-3")]
    public async Task An_error_in_PUBREC_ends_the_delivery(Transport transport)
    {
        var client = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await client.SubscribeAsync($"{Unique}/x");
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", "refused", QoS2);
        await client.SendAsync(new PubRec((await client.ExpectAsync<Publish>()).PacketIdentifier, ReasonCode.NotAuthorized));
        await client.FenceAsync();
        var returned = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await returned.FenceAsync();
    }

    [Theory, Versions]
    public async Task Many_handshakes_run_at_the_same_time(Transport transport, ProtocolVersion version)
    {
        var (publisher, subscriber) = await PairAsync(transport, version);
        for (ushort i = 1; i <= 20; i++) await publisher.SendAsync(Once(i, $"{i}"));
        (await publisher.ExpectManyAsync<PubRec>(20)).Select(ack => (int)ack.PacketIdentifier).ShouldBe(Enumerable.Range(1, 20));
        for (ushort i = 20; i >= 1; i--) await publisher.SendAsync(new PubRel(i));
        (await publisher.ExpectManyAsync<PubComp>(20)).Select(ack => (int)ack.PacketIdentifier).ShouldBe(Enumerable.Range(1, 20).Reverse());
        var sent = await subscriber.ExpectManyAsync<Publish>(20);
        sent.Select(publish => publish.PayloadText()).ShouldBe(Enumerable.Range(1, 20).Select(i => $"{i}"));
        foreach (var publish in sent) await subscriber.SendAsync(new PubRec(publish.PacketIdentifier));
        (await subscriber.ExpectManyAsync<PubRel>(20)).Select(ack => ack.PacketIdentifier).ShouldBe(sent.Select(publish => publish.PacketIdentifier));
        foreach (var publish in sent) await subscriber.SendAsync(new PubComp(publish.PacketIdentifier));
        await subscriber.FenceAsync();
    }
}

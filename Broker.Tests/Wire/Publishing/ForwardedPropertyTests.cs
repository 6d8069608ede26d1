using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Publishing;

/// <summary>Properties that travel with a message arrive as they were sent.</summary>
public sealed class ForwardedPropertyTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    [Theory, Transports, Spec("MQTT-3.3.2-4", "MQTT-3.3.2-15", "MQTT-3.3.2-16", "MQTT-3.3.2-20", "MQTT-3.3.2-17", "MQTT-3.3.2-18")]
    public async Task All_of_them_arrive_unaltered_live_waiting_and_retained(Transport transport)
    {
        byte[] correlation = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        var properties = new PropertiesBuilder().AddUserProperty("z", "1").Add(PropertyId.ContentType, "text/\u00FC").AddUserProperty("a", "2").Add(PropertyId.PayloadFormatIndicator, 1)
            .Add(PropertyId.CorrelationData, correlation).AddUserProperty("z", "3").Add(PropertyId.ResponseTopic, "answers/to/me").AddUserProperty("", "").Build();
        var live = await ConnectAsync(transport, name: "live");
        await live.SubscribeAsync($"{Unique}/x");
        var away = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, "away"));
        await away.SubscribeAsync($"{Unique}/x");
        await away.DisconnectAsync();
        var publisher = await ConnectAsync(transport, name: "publisher");
        foreach (var qos in Enum.GetValues<QualityOfService>()) await publisher.PublishAsync($"{Unique}/x", "text", qos, retain: true, properties);
        for (int i = 0; i < 3; i++) Check(await live.ReceiveAsync("text"));
        var returned = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, "away"));
        for (int i = 0; i < 2; i++) Check(await returned.ReceiveAsync("text"));
        var late = await ConnectAsync(transport, name: "late");
        await late.SubscribeAsync($"{Unique}/x");
        Check(await late.ReceiveAsync("text"));

        void Check(Publish publish)
        {
            publish.Properties.UserProperties.ShouldBe([("z", "1"), ("a", "2"), ("z", "3"), ("", "")]);
            publish.Properties.Text(PropertyId.ContentType).ShouldBe("text/\u00FC");
            publish.Properties.Number(PropertyId.PayloadFormatIndicator).ShouldBe(1u);
            publish.Properties.Data(PropertyId.CorrelationData)!.Value.ToArray().ShouldBe(correlation);
            publish.Properties.Text(PropertyId.ResponseTopic).ShouldBe("answers/to/me");
        }
    }

    [Theory, EarlierVersions]
    public async Task A_subscriber_of_an_earlier_version_gets_the_message_without_them(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        await client.SubscribeAsync($"{Unique}/x");
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", "text", QualityOfService.AtLeastOnce, properties: Prop(PropertyId.ContentType, "text/plain"));
        await client.ReceiveAsync("text");
    }

    [Theory, Transports, Spec("MQTT-2.2.1-2", "MQTT-2.2.2-1"), Spec311("MQTT-2.3.1-5")]
    public async Task A_message_without_properties_at_QoS_0_is_these_bytes_and_no_others(Transport transport)
    {
        var client = await ConnectAsync(transport);
        await client.SubscribeAsync($"{Unique}/x");
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", "text");
        var publish = await client.ReceiveAsync("text");
        publish.PacketIdentifier.ShouldBe((ushort)0);
        publish.Properties.IsEmpty.ShouldBeTrue();
    }

    [Theory, Versions]
    public async Task Payloads_of_every_size_arrive_whole(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        await client.SubscribeAsync($"{Unique}/x");
        var publisher = await ConnectAsync(transport, version, "publisher");
        foreach (int size in new[] { 0, 1, 100, 125, 126, 127, 128, 1_000, 16_383, 16_384, 65_535, 65_536, 200_000 })
        {
            string payload = string.Concat(Enumerable.Range(0, size).Select(i => (char)('a' + i % 26)));
            await publisher.PublishAsync($"{Unique}/x", payload, QualityOfService.AtLeastOnce);
            (await client.ReceiveAsync()).PayloadText().ShouldBe(payload, $"{size} bytes");
        }
    }
}

using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Publishing;

/// <summary>Retain Handling: when a subscription brings retained messages.</summary>
public sealed class RetainHandlingTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    private static SubscriptionOptions Handling(byte handling) => new(QualityOfService.AtLeastOnce, RetainHandling: handling);

    private async Task RetainAsync(Transport transport)
    {
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", "kept", QualityOfService.AtLeastOnce, retain: true);
    }

    [Theory, Transports, Spec("MQTT-3.3.1-9", "MQTT-3.8.4-4")]
    public async Task With_0_each_SUBSCRIBE_brings_them(Transport transport)
    {
        await RetainAsync(transport);
        var client = await ConnectAsync(transport);
        for (int i = 0; i < 3; i++)
        {
            await client.SubscribeAsync($"{Unique}/#", Handling(0));
            await client.ReceiveAsync("kept");
        }
        await client.FenceAsync();
    }

    [Theory, EarlierVersions, Spec311("MQTT-3.8.4-3")]
    public async Task Before_MQTT_5_each_SUBSCRIBE_brings_them(Transport transport, ProtocolVersion version)
    {
        await RetainAsync(transport);
        var client = await ConnectAsync(transport, version);
        for (int i = 0; i < 3; i++)
        {
            await client.SubscribeAsync($"{Unique}/#", QualityOfService.AtLeastOnce);
            await client.ReceiveAsync("kept");
        }
        await client.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-3.3.1-10")]
    public async Task With_1_only_a_subscription_that_was_not_there_brings_them_also_after_a_return(Transport transport)
    {
        await RetainAsync(transport);
        var client = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await client.SubscribeAsync($"{Unique}/x", Handling(1));
        await client.ReceiveAsync("kept");
        await client.SubscribeAsync($"{Unique}/x", Handling(1));
        await client.FenceAsync();
        await client.DisconnectAsync();
        var returned = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await returned.SubscribeAsync($"{Unique}/x", Handling(1));
        await returned.FenceAsync();
        await returned.UnsubscribeAsync($"{Unique}/x");
        await returned.SubscribeAsync($"{Unique}/x", Handling(1));
        await returned.ReceiveAsync("kept");
    }

    [Theory, Transports, Spec("MQTT-3.3.1-10")]
    public async Task With_1_another_filter_that_matches_is_a_new_subscription(Transport transport)
    {
        await RetainAsync(transport);
        var client = await ConnectAsync(transport);
        await client.SubscribeAsync($"{Unique}/x", Handling(1));
        await client.ReceiveAsync("kept");
        await client.SubscribeAsync($"{Unique}/+", Handling(1));
        await client.ReceiveAsync("kept");
        await client.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-3.3.1-11")]
    public async Task With_2_nothing_brings_them(Transport transport)
    {
        await RetainAsync(transport);
        var client = await ConnectAsync(transport);
        await client.SubscribeAsync($"{Unique}/x", Handling(2));
        await client.SubscribeAsync($"{Unique}/x", Handling(2));
        await client.FenceAsync();
        var publisher = await ConnectAsync(transport, name: "other");
        await publisher.PublishAsync($"{Unique}/x", "live", QualityOfService.AtLeastOnce, retain: true);
        await client.ReceiveAsync("live");
    }

    [Theory, Transports, Spec("MQTT-3.8.4-3", "MQTT-3.8.4-4"), Spec311("MQTT-3.8.4-3")]
    public async Task A_new_SUBSCRIBE_replaces_the_options_and_loses_nothing(Transport transport)
    {
        var publisher = await ConnectAsync(transport, name: "publisher");
        var client = await ConnectAsync(transport);
        await client.SubscribeAsync($"{Unique}/x", QualityOfService.AtLeastOnce);
        var publishing = Task.Run(async () =>
        {
            for (int i = 0; i < 200; i++) await publisher.PublishAsync($"{Unique}/x", $"{i}", QualityOfService.AtLeastOnce);
        });
        int next = 0;
        for (ushort round = 1000; next < 200; round++)
        {
            await client.SendAsync(new Subscribe(round, [new($"{Unique}/x", new(QualityOfService.AtLeastOnce))]));
            while (await client.ExpectAnyAsync() is Publish publish)
            {
                publish.PayloadText().ShouldBe($"{next++}");
                await client.AcknowledgeAsync(publish);
            }
        }
        await publishing;
        await client.SubscribeAsync($"{Unique}/x", QualityOfService.AtMostOnce);
        await publisher.PublishAsync($"{Unique}/x", "lower", QualityOfService.AtLeastOnce);
        (await client.ReceiveAsync("lower")).QoS.ShouldBe(QualityOfService.AtMostOnce);
        await client.FenceAsync();
    }
}

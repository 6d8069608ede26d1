using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Delivery;

/// <summary>Messages of one publisher on one topic arrive in order.</summary>
public sealed class OrderTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    private const int Count = 300;

    [Theory, Versions, Spec("MQTT-4.6.0-5", "MQTT-4.6.0-6"), Spec311("MQTT-4.6.0-5", "MQTT-4.6.0-6")]
    public async Task At_every_QoS_they_arrive_in_the_order_in_which_they_were_published(Transport transport, ProtocolVersion version)
    {
        foreach (var qos in Enum.GetValues<QualityOfService>())
        {
            var subscriber = await ConnectAsync(transport, version, $"subscriber{(int)qos}");
            await subscriber.SubscribeAsync($"{Unique}/{(int)qos}", qos);
            var publisher = await ConnectAsync(transport, version, $"publisher{(int)qos}");
            var publishing = Task.Run(async () =>
            {
                for (int i = 0; i < Count; i++) await publisher.PublishAsync($"{Unique}/{(int)qos}", $"{i}", qos);
            });
            for (int i = 0; i < Count; i++) await subscriber.ReceiveAsync($"{i}");
            await publishing;
        }
    }

    [Theory, Versions, Spec("MQTT-4.6.0-5"), Spec311("MQTT-4.6.0-6")]
    public async Task Waiting_messages_come_before_live_ones_and_none_is_lost_between(Transport transport, ProtocolVersion version)
    {
        var subscriber = await ConnectAsync(transport, version, Lasting(version));
        await subscriber.SubscribeAsync($"{Unique}/x", QualityOfService.AtLeastOnce);
        var publisher = await ConnectAsync(transport, version, "publisher");
        var publishing = Task.Run(async () =>
        {
            for (int i = 0; i < Count; i++) await publisher.PublishAsync($"{Unique}/x", $"{i}", QualityOfService.AtLeastOnce);
        });
        int next = 0;
        while (next < Count)
        {
            subscriber.Cut();
            subscriber = await ConnectAsync(transport, version, Lasting(version));
            for (int i = 0; i < 40 && next < Count; i++)
            {
                var publish = await subscriber.ReceiveAsync();
                int number = int.Parse(publish.PayloadText(), System.Globalization.CultureInfo.InvariantCulture);
                if (publish.Duplicate && number < next) continue; // sent to the connection before, which was closed before it read it
                number.ShouldBe(next++);
            }
        }
        await publishing;
    }

    [Theory, Versions, Spec311("MQTT-4.6.0-6")]
    public async Task Acknowledgements_leave_in_the_order_of_what_they_acknowledge(Transport transport, ProtocolVersion version)
    {
        var publisher = await ConnectAsync(transport, version, "publisher");
        var identifiers = new ushort[] { 9, 3, 7, 1, 8 };
        await publisher.SendAsync([.. identifiers.Select(identifier => (IControlPacket)ScriptedClient.Message($"{Unique}/x", "", QualityOfService.AtLeastOnce, identifier))]);
        (await publisher.ExpectManyAsync<PubAck>(5)).Select(ack => ack.PacketIdentifier).ShouldBe(identifiers);
        await publisher.SendAsync([.. identifiers.Select(identifier => (IControlPacket)ScriptedClient.Message($"{Unique}/x", "", QualityOfService.ExactlyOnce, identifier))]);
        (await publisher.ExpectManyAsync<PubRec>(5)).Select(ack => ack.PacketIdentifier).ShouldBe(identifiers);
    }

    [Theory, Transports]
    public async Task Publishers_that_send_at_the_same_time_each_keep_their_order_at_every_subscriber(Transport transport)
    {
        const int Publishers = 4, Each = 100;
        var subscribers = new List<ScriptedClient>();
        for (int i = 0; i < 3; i++)
        {
            subscribers.Add(await ConnectAsync(transport, name: $"subscriber{i}"));
            await subscribers[i].SubscribeAsync($"{Unique}/x", QualityOfService.AtLeastOnce);
        }
        var publishing = Enumerable.Range(0, Publishers).Select(async number =>
        {
            var publisher = await ConnectAsync(transport, name: $"publisher{number}");
            for (int i = 0; i < Each; i++) await publisher.PublishAsync($"{Unique}/x", $"{number}:{i}", QualityOfService.AtLeastOnce);
        }).ToArray();
        foreach (var subscriber in subscribers)
        {
            int[] next = new int[Publishers];
            for (int i = 0; i < Publishers * Each; i++)
            {
                string[] text = (await subscriber.ReceiveAsync()).PayloadText().Split(':');
                int number = int.Parse(text[0], System.Globalization.CultureInfo.InvariantCulture);
                text[1].ShouldBe($"{next[number]++}");
            }
        }
        await Task.WhenAll(publishing);
    }
}

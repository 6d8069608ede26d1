using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Connecting;

/// <summary>A client identifier that is connected already connects again.</summary>
public sealed class TakeOverTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    [Theory, Versions, Spec("MQTT-3.1.4-3", "MQTT-3.14.4-2"), Spec311("MQTT-3.1.4-2")]
    public async Task The_old_connection_is_told_and_closed(Transport transport, ProtocolVersion version)
    {
        var old = await ConnectAsync(transport, version, Lasting(version));
        var successor = await OpenAsync(transport, version);
        (await successor.ConnectAsync(Lasting(version))).SessionPresent.ShouldBe(version != ProtocolVersion.V31);
        await old.ExpectDisconnectedAsync(ReasonCode.SessionTakenOver);
        await successor.FenceAsync();
    }

    [Theory, Transports]
    public async Task The_versions_of_both_connections_may_differ(Transport transport)
    {
        var old = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        var successor = await ConnectAsync(transport, ProtocolVersion.V311, Lasting(ProtocolVersion.V311));
        await old.ExpectDisconnectedAsync(ReasonCode.SessionTakenOver);
        var third = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await successor.ExpectClosedAsync();
        await third.FenceAsync();
    }

    [Theory, Transports]
    public async Task A_device_can_move_from_TCP_to_WebSocket_and_back(Transport transport)
    {
        var other = transport == Transport.Tcp ? Transport.WebSocket : Transport.Tcp;
        var old = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await old.SubscribeAsync($"{Unique}/x");
        var successor = await ConnectAsync(other, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await old.ExpectDisconnectedAsync(ReasonCode.SessionTakenOver);
        var publisher = await ConnectAsync(transport, name: "publisher");
        await publisher.PublishAsync($"{Unique}/x", "hello", QualityOfService.AtLeastOnce);
        await successor.ReceiveAsync("hello");
    }

    [Theory, Versions]
    public async Task The_late_end_of_the_old_connection_disturbs_nothing(Transport transport, ProtocolVersion version)
    {
        var publisher = await ConnectAsync(transport, version, "publisher");
        var client = await ConnectAsync(transport, version, Lasting(version));
        await client.SubscribeAsync($"{Unique}/x");
        for (int i = 0; i < 30; i++)
        {
            var successor = await ConnectAsync(transport, version, Lasting(version));
            if (i % 2 == 0) await client.ExpectDisconnectedAsync(ReasonCode.SessionTakenOver);
            client.Cut();
            await publisher.PublishAsync($"{Unique}/x", $"{i}", QualityOfService.AtLeastOnce);
            await successor.ReceiveAsync($"{i}");
            await successor.FenceAsync();
            client = successor;
        }
    }

    [Theory, Versions, Spec("MQTT-3.1.2-5"), Spec311("MQTT-3.1.2-4")]
    public async Task Messages_in_flight_survive_each_take_over(Transport transport, ProtocolVersion version)
    {
        var publisher = await ConnectAsync(transport, version, "publisher");
        var client = await ConnectAsync(transport, version, Lasting(version));
        await client.SubscribeAsync($"{Unique}/x");
        await publisher.PublishAsync($"{Unique}/x", "one", QualityOfService.AtLeastOnce);
        await publisher.PublishAsync($"{Unique}/x", "two", QualityOfService.ExactlyOnce);
        var first = await client.ExpectManyAsync<Publish>(2);
        for (int i = 0; i < 10; i++)
        {
            client = await ConnectAsync(transport, version, Lasting(version));
            var again = await client.ExpectManyAsync<Publish>(2);
            for (int at = 0; at < 2; at++)
            {
                again[at].PacketIdentifier.ShouldBe(first[at].PacketIdentifier);
                again[at].Duplicate.ShouldBeTrue();
                again[at].PayloadText().ShouldBe(first[at].PayloadText());
            }
        }
        await client.SendAsync(new PubAck(first[0].PacketIdentifier), new PubRec(first[1].PacketIdentifier));
        await client.ExpectAsync<PubRel>();
        await client.SendAsync(new PubComp(first[1].PacketIdentifier));
        await client.FenceAsync();
        client = await ConnectAsync(transport, version, Lasting(version));
        await client.FenceAsync();
    }

    [Theory, Versions]
    public async Task A_clean_start_takes_the_connection_over_and_the_session_away(Transport transport, ProtocolVersion version)
    {
        var old = await ConnectAsync(transport, version, Lasting(version));
        await old.SubscribeAsync($"{Unique}/x");
        var successor = await OpenAsync(transport, version);
        (await successor.ConnectAsync(Lasting(version, cleanStart: true))).SessionPresent.ShouldBeFalse();
        await old.ExpectDisconnectedAsync(ReasonCode.SessionTakenOver);
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/x", "nobody", QualityOfService.AtLeastOnce);
        await successor.FenceAsync();
    }

    [Theory, Versions]
    public async Task No_message_is_lost_while_sessions_are_taken_over_under_load(Transport transport, ProtocolVersion version)
    {
        const int Messages = 200;
        var publisher = await ConnectAsync(transport, version, "publisher");
        var client = await ConnectAsync(transport, version, Lasting(version));
        await client.SubscribeAsync($"{Unique}/x", QualityOfService.AtLeastOnce);
        var publishing = Task.Run(async () =>
        {
            for (int i = 0; i < Messages; i++) await publisher.PublishAsync($"{Unique}/x", $"{i}", QualityOfService.AtLeastOnce);
        });
        var seen = new SortedSet<int>();
        for (int last = -1; last < Messages - 1;)
        {
            client = await ConnectAsync(transport, version, Lasting(version));
            for (int i = 0; i < 7 && last < Messages - 1; i++)
            {
                last = int.Parse((await client.ReceiveAsync()).PayloadText(), System.Globalization.CultureInfo.InvariantCulture);
                seen.Add(last);
            }
        }
        await publishing;
        seen.Count.ShouldBe(Messages);
    }
}

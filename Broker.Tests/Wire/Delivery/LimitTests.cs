using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Delivery;

/// <summary>A broker with little room.</summary>
public sealed class NarrowBroker() : BrokerHost(("Mqtt:Limits:QueueMessages", "5"), ("Mqtt:Limits:TransientQueueMessages", "3"), ("Mqtt:Limits:Subscriptions", "4"),
    ("Mqtt:Limits:TopicLevels", "5"), ("Mqtt:Limits:TopicBytes", "100"), ("Mqtt:Limits:RetainedMessages", "3"));

/// <summary>What does not fit.</summary>
public sealed class LimitTests(NarrowBroker broker) : WireTests(broker), IClassFixture<NarrowBroker>
{
    [Theory, Versions]
    public async Task A_full_queue_misses_the_newest_and_nobody_else_does(Transport transport, ProtocolVersion version)
    {
        var away = await ConnectAsync(transport, version, Lasting(version, "away"));
        await away.SubscribeAsync($"{Unique}/x");
        await away.DisconnectAsync();
        var here = await ConnectAsync(transport, version, "here");
        await here.SubscribeAsync($"{Unique}/x");
        var publisher = await ConnectAsync(transport, version, "publisher");
        for (int i = 0; i < 8; i++)
        {
            await publisher.PublishAsync($"{Unique}/x", $"{i}", QualityOfService.AtLeastOnce);
            await here.ReceiveAsync($"{i}");
        }
        var returned = await ConnectAsync(transport, version, Lasting(version, "away"));
        for (int i = 0; i < 5; i++) await returned.ReceiveAsync($"{i}");
        await returned.FenceAsync();
        await publisher.PublishAsync($"{Unique}/x", "room again", QualityOfService.AtLeastOnce);
        await returned.ReceiveAsync("room again");
    }

    [Theory, Transports]
    public async Task Subscriptions_beyond_the_limit_are_refused_and_replaced_ones_do_not_count(Transport transport)
    {
        var client = await ConnectAsync(transport);
        for (int i = 0; i < 4; i++) await client.SubscribeAsync($"{Unique}/{i}", QualityOfService.AtMostOnce);
        await client.SubscribeAsync($"{Unique}/0", QualityOfService.AtLeastOnce);
        await client.SendAsync(new Subscribe(9, [new($"{Unique}/5", default)]));
        (await client.ExpectAsync<SubAck>()).Reasons.ShouldBe([ReasonCode.QuotaExceeded]);
        await client.UnsubscribeAsync($"{Unique}/0");
        await client.SubscribeAsync($"{Unique}/5", QualityOfService.AtMostOnce);
    }

    [Theory, Transports]
    public async Task Topics_and_filters_that_are_too_deep_or_too_long_are_refused(Transport transport)
    {
        var client = await ConnectAsync(transport);
        foreach (string topic in new[] { "1/2/3/4/5/6", new string('x', 101) })
        {
            await client.SendAsync(new Subscribe(1, [new(topic, default)]));
            (await client.ExpectAsync<SubAck>()).Reasons.Single().IsError().ShouldBeTrue();
            await client.SendAsync(ScriptedClient.Message(topic, "", QualityOfService.AtLeastOnce, 2));
            var answer = await client.ExpectAnyAsync();
            (answer is PubAck ack ? ack.Reason : answer.ShouldBeOfType<Disconnect>().Reason).ShouldBe(ReasonCode.TopicNameInvalid);
            if (answer is Disconnect) client = await ConnectAsync(transport);
        }
    }

    [Theory, Transports]
    public async Task Reading_slowly_slows_nobody_else(Transport transport)
    {
        const int Count = 4_000;
        string payload = new('x', 2_000);
        var slow = await OpenAsync(transport, receiveBuffer: 4_096);
        await slow.ConnectAsync(Plain("slow"));
        await slow.SubscribeAsync($"{Unique}/x", QualityOfService.AtMostOnce);
        var quick = await ConnectAsync(transport, name: "quick");
        await quick.SubscribeAsync($"{Unique}/x", QualityOfService.AtMostOnce);
        var publisher = await ConnectAsync(transport, name: "publisher");
        for (int i = 0; i < Count; i++)
        {
            await publisher.SendAsync(ScriptedClient.Message($"{Unique}/x", payload));
            if (i % 50 == 49) await quick.ExpectManyAsync<Publish>(50);
        }
        // What the slow one gets is less, but whole: the outbox dropped messages, not bytes.
        await slow.SendAsync(default(PingReq));
        int got = 0;
        while (await slow.ExpectAnyAsync() is Publish publish)
        {
            publish.Payload.Length.ShouldBe(payload.Length);
            got++;
        }
        got.ShouldBeInRange(1, Count - 1);
    }
}

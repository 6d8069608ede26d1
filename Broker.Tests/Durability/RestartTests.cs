using System.Text;
using Broker.Core.Protocol;
using Broker.Tests.Connections;

namespace Broker.Tests.Durability;

/// <summary>What a client and an operator find after the broker was killed and started again on the same store.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly RestartBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task A_session_with_its_subscription_and_what_it_missed_is_there()
    {
        await (await SubscriberAsync(qos: 1)).LeaveAsync();
        await PublishAsync("1", "2", "3");
        bench.Restart();
        var subscriber = await ResumeAsync("subscriber");
        foreach (string payload in new[] { "1", "2", "3" }) await ExpectAsync(subscriber, payload, acknowledge: true);
        await PublishAsync("4");
        await ExpectAsync(subscriber, "4", acknowledge: true);
    }

    [Fact]
    public async Task A_message_that_was_sent_and_not_acknowledged_comes_again_with_its_identifier_and_dup_and_the_others_do_not_bear_dup()
    {
        bench.Limits.SendMaximum = 2;
        var subscriber = await SubscriberAsync(qos: 1);
        await PublishAsync("1", "2", "3");
        var first = await ExpectAsync(subscriber, "1", acknowledge: false);
        await ExpectAsync(subscriber, "2", acknowledge: false);
        bench.Restart();
        subscriber = await ResumeAsync("subscriber");
        var again = await ExpectAsync(subscriber, "1", acknowledge: false);
        (again.PacketIdentifier, again.Duplicate).ShouldBe((first.PacketIdentifier, true));
        (await ExpectAsync(subscriber, "2", acknowledge: true)).Duplicate.ShouldBeTrue();
        (await ExpectAsync(subscriber, "3", acknowledge: true)).Duplicate.ShouldBeFalse();
    }

    [Fact]
    public async Task A_qos_2_message_that_was_routed_is_not_routed_again()
    {
        var subscriber = await SubscriberAsync(qos: 2);
        var publisher = await bench.ConnectAsync("publisher");
        publisher.Publish("a", "once", qos: 2, identifier: 5);
        await publisher.ExpectAsync<PubRec>();
        bench.Restart();
        publisher = await ResumeAsync("publisher");
        publisher.Publish("a", "once", qos: 2, identifier: 5, duplicate: true);
        await publisher.ExpectAsync<PubRec>();
        publisher.Send(new PubRel(5));
        (await publisher.ExpectAsync<PubComp>()).Reason.ShouldBe(ReasonCode.Success);
        subscriber = await ResumeAsync("subscriber");
        await ExpectAsync(subscriber, "once", acknowledge: false);
        await subscriber.PingAsync();
    }

    [Fact]
    public async Task A_qos_2_message_that_its_receiver_has_goes_on_with_pubrel()
    {
        var subscriber = await SubscriberAsync(qos: 2);
        var publisher = await bench.ConnectAsync("publisher");
        publisher.Publish("a", "once", qos: 2, identifier: 1);
        var copy = await ExpectAsync(subscriber, "once", acknowledge: false);
        subscriber.Send(new PubRec(copy.PacketIdentifier));
        await subscriber.ExpectAsync<PubRel>();
        bench.Restart();
        subscriber = await ResumeAsync("subscriber");
        (await subscriber.ExpectAsync<PubRel>()).PacketIdentifier.ShouldBe(copy.PacketIdentifier);
        subscriber.Send(new PubComp(copy.PacketIdentifier));
        await subscriber.PingAsync();
    }

    [Fact]
    public async Task Time_that_passed_while_the_broker_was_down_counts_for_the_expiry_of_sessions_and_messages()
    {
        await (await SubscriberAsync(qos: 1, name: "short", expiry: 100)).LeaveAsync();
        await (await SubscriberAsync(qos: 1, name: "long", expiry: 1_000)).LeaveAsync();
        var publisher = await bench.ConnectAsync("publisher");
        publisher.Send(new Publish
        {
            Topic = "a"u8.ToArray(),
            Payload = "expires"u8.ToArray(),
            QoS = QualityOfService.AtLeastOnce,
            PacketIdentifier = 1,
            Properties = new PropertiesBuilder().Add(PropertyId.MessageExpiryInterval, 50).Build(),
        });
        await publisher.ExpectAsync<PubAck>();
        await PublishAsync("lasts");
        bench.Time.Advance(TimeSpan.FromSeconds(101));
        bench.Restart();
        var client = bench.Now.Client().Connect("short", cleanStart: false, expiry: 100);
        (await client.ExpectAsync<ConnAck>()).SessionPresent.ShouldBeFalse();
        await ExpectAsync(await ResumeAsync("long"), "lasts", acknowledge: true);
    }

    [Fact]
    public async Task Of_clients_that_were_connected_the_wills_are_published_once()
    {
        await (await SubscriberAsync(qos: 1, filter: "will/#")).LeaveAsync();
        foreach (uint expiry in new[] { 0u, 1_000u })
        {
            var mortal = bench.Now.Client().Connect($"mortal{expiry}", expiry: expiry, will: new Will { Topic = $"will/{expiry}", Payload = "gone"u8.ToArray(), QoS = QualityOfService.AtLeastOnce });
            await mortal.ExpectAsync<ConnAck>();
        }
        bench.Restart();
        bench.Restart();
        var subscriber = await ResumeAsync("subscriber");
        string[] topics = [Topic(await ExpectAsync(subscriber, "gone", acknowledge: true)), Topic(await ExpectAsync(subscriber, "gone", acknowledge: true))];
        topics.ShouldBe(["will/0", "will/1000"], ignoreOrder: true);
        await subscriber.PingAsync();
    }

    [Fact]
    public async Task A_will_with_a_delay_outlives_a_restart_and_its_delay_goes_on()
    {
        var subscriber = await SubscriberAsync(qos: 1, filter: "will");
        var will = new Will { Topic = "will", Payload = "gone"u8.ToArray(), Properties = new PropertiesBuilder().Add(PropertyId.WillDelayInterval, 60).Build() };
        var mortal = bench.Now.Client().Connect("mortal", expiry: 1_000, will: will);
        await mortal.ExpectAsync<ConnAck>();
        await mortal.LeaveAsync();
        await bench.ConnectAsync("later"); // its commit is behind that of the leaving
        bench.Time.Advance(TimeSpan.FromSeconds(40));
        bench.Restart();
        subscriber = await ResumeAsync("subscriber");
        bench.Time.Advance(TimeSpan.FromSeconds(19));
        await subscriber.PingAsync();
        bench.Time.Advance(TimeSpan.FromSeconds(2));
        await ExpectAsync(subscriber, "gone", acknowledge: false);
    }

    [Fact]
    public async Task Retained_messages_are_there_and_what_was_cleared_is_not()
    {
        var publisher = await bench.ConnectAsync("publisher");
        publisher.Publish("r/kept", "old", qos: 1, identifier: 1, retain: true).Publish("r/cleared", "old", qos: 1, identifier: 2, retain: true);
        publisher.Publish("r/kept", "new", qos: 1, identifier: 3, retain: true).Publish("r/cleared", "", qos: 1, identifier: 4, retain: true);
        for (int i = 1; i <= 4; i++) await publisher.ExpectAsync<PubAck>();
        bench.Restart();
        var subscriber = await SubscriberAsync(qos: 1, filter: "r/#");
        var retained = await ExpectAsync(subscriber, "new", acknowledge: true);
        (Topic(retained), retained.Retain).ShouldBe(("r/kept", true));
        await subscriber.PingAsync();
    }

    [Fact]
    public async Task Retained_payloads_that_do_not_fit_into_memory_are_read_from_the_store()
    {
        bench.Storage.RetainedCacheBytes = 2_000;
        bench.Restart();
        var publisher = await bench.ConnectAsync("publisher");
        for (int i = 0; i < 200; i++)
        {
            publisher.Publish($"r/{i}", $"{i}".PadLeft(100), qos: 1, identifier: 1, retain: true);
            await publisher.ExpectAsync<PubAck>();
        }
        for (int run = 0; run < 2; run++)
        {
            var subscriber = await SubscriberAsync(qos: 1, filter: "r/#", name: $"subscriber{run}");
            var seen = new HashSet<string>();
            while (seen.Count < 200)
            {
                var retained = await subscriber.ExpectAsync<Publish>();
                Payload(retained).ShouldBe(Topic(retained)[2..].PadLeft(100));
                seen.Add(Topic(retained)).ShouldBeTrue();
                subscriber.Send(new PubAck(retained.PacketIdentifier));
            }
            bench.Restart();
        }
    }

    private async Task<PipeClient> SubscriberAsync(int qos, string filter = "a", string name = "subscriber", uint expiry = 1_000)
    {
        var subscriber = await bench.ConnectAsync(name, expiry);
        subscriber.Subscribe(1, (filter, qos));
        await subscriber.ExpectAsync<SubAck>();
        return subscriber;
    }

    private async Task<PipeClient> ResumeAsync(string name)
    {
        var client = bench.Now.Client().Connect(name, cleanStart: false, expiry: 1_000);
        (await client.ExpectAsync<ConnAck>()).SessionPresent.ShouldBeTrue();
        return client;
    }

    private async Task PublishAsync(params string[] payloads)
    {
        var publisher = await bench.ConnectAsync("publisher-of-one", expiry: 0, cleanStart: true);
        foreach (string payload in payloads)
        {
            publisher.Publish("a", payload, qos: 1, identifier: 1);
            await publisher.ExpectAsync<PubAck>();
        }
        await publisher.LeaveAsync();
    }

    private static async Task<Publish> ExpectAsync(PipeClient client, string payload, bool acknowledge)
    {
        var publish = await client.ExpectAsync<Publish>();
        Payload(publish).ShouldBe(payload);
        if (acknowledge) client.Send(new PubAck(publish.PacketIdentifier));
        return publish;
    }

    private static string Payload(Publish publish) => Encoding.UTF8.GetString(publish.Payload.Span);

    private static string Topic(Publish publish) => Encoding.UTF8.GetString(publish.Topic.Span);
}

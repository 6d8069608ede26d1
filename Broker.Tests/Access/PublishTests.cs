using System.Text;
using Broker.Core.Access;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;

namespace Broker.Tests.Access;

/// <summary>What becomes of a message that its publisher may not publish (MQTT 5, sections 3.4.2.1 and 3.5.2.1).</summary>
public sealed class PublishTests : IDisposable
{
    private readonly AccessBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task It_is_refused_with_0x87_at_each_qos_and_nobody_gets_it()
    {
        bench.UseOpen("deny user anna publish a");
        var subscriber = await bench.ConnectAsync("s");
        await subscriber.SubscribeAsync("#");
        var anna = await bench.ConnectAsync("c", "anna");

        anna.Publish("a", "0");
        anna.Publish("a", "1", qos: 1, identifier: 1);
        (await anna.ExpectAsync<PubAck>()).Reason.ShouldBe(ReasonCode.NotAuthorized);
        anna.Publish("a", "2", qos: 2, identifier: 2);
        (await anna.ExpectAsync<PubRec>()).Reason.ShouldBe(ReasonCode.NotAuthorized);
        anna.Publish("b", "2", qos: 2, identifier: 2);
        (await anna.ExpectAsync<PubRec>()).Reason.ShouldBe(ReasonCode.Success, "the identifier is free again");

        (await subscriber.ExpectMessageAsync("b")).Payload.Length.ShouldBe(1);
        bench.Broker.ReadStatistics().AccessDenied.ShouldBe(3);
    }

    [Fact]
    public async Task A_client_before_MQTT_5_is_told_that_it_was_taken_and_nobody_gets_it()
    {
        bench.UseOpen("deny anyone publish a");
        var subscriber = await bench.ConnectAsync("s");
        await subscriber.SubscribeAsync("#");
        var client = await bench.ConnectAsync("c", version: ProtocolVersion.V311, cleanStart: true);

        (await client.PublishAsync("a")).ShouldBe(ReasonCode.Success);
        client.Publish("a", "2", qos: 2, identifier: 2);
        await client.ExpectAsync<PubRec>();
        client.Send(new PubRel(2));
        await client.ExpectAsync<PubComp>();
        (await client.PublishAsync("b")).ShouldBe(ReasonCode.Success);

        await subscriber.ExpectMessageAsync("b");
    }

    [Fact]
    public async Task A_client_before_MQTT_5_is_disconnected_if_the_option_says_so()
    {
        using var strict = new AccessBench(new AccessOptions { RefusedPublish = RefusedPublish.Disconnect });
        strict.UseOpen("deny anyone publish a");
        var old = await strict.ConnectAsync("old", version: ProtocolVersion.V311, cleanStart: true);
        var current = await strict.ConnectAsync("new");

        old.Publish("a", "x");
        await old.ExpectEndAsync();
        (await current.PublishAsync("a")).ShouldBe(ReasonCode.NotAuthorized, "it can be told");
        await current.PingAsync();
    }

    [Fact]
    public async Task A_change_of_the_rules_holds_for_the_next_message_of_a_topic_that_was_used_before()
    {
        var client = await bench.ConnectAsync("c");
        var subscriber = await bench.ConnectAsync("s");
        await subscriber.SubscribeAsync("#");
        bench.UseOpen("deny anyone publish other");
        client.Publish("a", "1").Publish("a", "2");
        await client.PingAsync();
        bench.UseOpen("deny anyone publish a");
        client.Publish("a", "3").Publish("b", "4");
        await client.PingAsync();

        foreach (string topic in new[] { "a", "a", "b" }) await subscriber.ExpectMessageAsync(topic);
    }

    [Fact]
    public async Task Each_topic_is_told_once_with_its_rule_and_counted_each_time()
    {
        bench.UseOpen("deny anyone publish a/#");
        var client = await bench.ConnectAsync("c");
        for (int i = 0; i < 5; i++) await client.PublishAsync("a/b");
        await client.PublishAsync("a/c");

        bench.Events.Of<AccessDenied>().ShouldBe(
        [
            new AccessDenied("c", "publish to", "a/b", "rule 1: deny anyone to publish to a/#"),
            new AccessDenied("c", "publish to", "a/c", "rule 1: deny anyone to publish to a/#"),
        ]);
        bench.Broker.ReadStatistics().AccessDenied.ShouldBe(6);
    }

    [Fact] // CVE-2018-3778
    public async Task A_will_that_may_not_be_published_is_refused_at_connect()
    {
        bench.UseOpen("deny user anna publish a");
        var will = new Will { Topic = "a", Payload = Encoding.UTF8.GetBytes("gone") };

        var (client, answer) = await AccessBench.TryAsync(bench.Broker, "c", "anna", will: will);
        answer.Reason.ShouldBe(ReasonCode.NotAuthorized);
        await client.ExpectEndAsync();
        (await AccessBench.TryAsync(bench.Broker, "c", "anna", ProtocolVersion.V311, cleanStart: true, will: will)).Answer.Reason.ShouldBe(ReasonCode.NotAuthorized);
        await bench.ConnectAsync("c", "bert", will: will);
        bench.Events.Of<ClientRefused>().First().Why.ShouldContain("rule 1: deny user anna to publish to a");
    }

    [Fact]
    public async Task A_will_is_not_published_if_its_client_may_not_publish_it_any_more()
    {
        var subscriber = await bench.ConnectAsync("s");
        await subscriber.SubscribeAsync("#");
        var client = await bench.ConnectAsync("c", "anna", will: new Will { Topic = "a", Payload = Encoding.UTF8.GetBytes("gone") });
        bench.UseOpen("deny user anna publish a");

        await client.LeaveAsync();
        await (await bench.ConnectAsync("p")).PublishAsync("b");

        await subscriber.ExpectMessageAsync("b");
        bench.Events.Of<AccessDenied>().ShouldHaveSingleItem().ShouldBe(new AccessDenied("c", "publish its will to", "a", "rule 1: deny user anna to publish to a"));
    }
}

using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Subscribing;

/// <summary>Wildcards in the first level: filters that reach everything, on a broker where nothing else happens.</summary>
public sealed class FirstLevelTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    [Theory, Versions]
    public async Task A_leading_slash_is_an_empty_first_level(Transport transport, ProtocolVersion version)
    {
        var publisher = await ConnectAsync(transport, version, "publisher");
        var one = await ConnectAsync(transport, version, "one");
        await one.SubscribeAsync("+");
        var two = await ConnectAsync(transport, version, "two");
        await two.SubscribeAsync("+/+");
        var slash = await ConnectAsync(transport, version, "slash");
        await slash.SubscribeAsync("/+");
        await publisher.PublishAsync($"/{Unique}", "slash", QualityOfService.AtLeastOnce);
        await two.ReceiveAsync("slash");
        await slash.ReceiveAsync("slash");
        await publisher.PublishAsync(Unique, "plain", QualityOfService.AtLeastOnce);
        await one.ReceiveAsync("plain");
        foreach (var client in new[] { one, two, slash }) await client.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-4.7.2-1"), Spec311("MQTT-4.7.2-1")]
    public async Task A_leading_wildcard_matches_no_topic_that_begins_with_a_dollar_sign(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        var filters = new List<string> { "#", "+/#", "+/broker/#", "+/broker/version" };
        if (version == ProtocolVersion.V5) filters.AddRange(["$share/g/#", "$share/g/+/broker/#"]);
        foreach (string filter in filters) await client.SubscribeAsync(filter, QualityOfService.AtMostOnce);
        await client.FenceAsync(); // retained $SYS messages would have come
        await client.SubscribeAsync("$SYS/broker/version", QualityOfService.AtMostOnce);
        (await client.ReceiveAsync()).TopicText().ShouldBe("$SYS/broker/version");
        await client.SubscribeAsync("$SYS/broker/+", QualityOfService.AtMostOnce);
        (await client.ReceiveAsync()).TopicText().ShouldStartWith("$SYS/broker/");
    }
}

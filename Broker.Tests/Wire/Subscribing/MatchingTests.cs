using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Subscribing;

/// <summary>Which topics a filter matches, live and for retained messages.</summary>
public sealed class MatchingTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    /// <summary>Filters, the topics that they match, and topics that they do not; all stand below a level of the test's own.</summary>
    private static readonly (string Filter, string[] Matches, string[] Others)[] Cases =
    [
        ("/a", ["/a"], ["/A", "/a/", "", "/a/b", "/a "]),
        ("/a/#", ["/a", "/a/", "/a/b", "/a/b/c", "/a//"], ["", "/ab", "/b"]),
        ("/#", ["", "/", "/a", "/a/b"], []),
        ("/a/+", ["/a/", "/a/b"], ["/a", "/a/b/c", "/a/b/"]),
        ("/+", ["/a", "/"], ["", "/a/b", "//"]),
        ("/+/+", ["/a/b", "//", "/a/"], ["/a", "/a/b/c"]),
        ("/+/b", ["/a/b", "//b"], ["/a", "/b", "/a/b/c"]),
        ("/+/#", ["/a", "/", "/a/b", "/a/b/c"], [""]),
        ("//b", ["//b"], ["/b", "/a/b"]),
        ("/\u00E9", ["/\u00E9"], ["/e\u0301", "/e"]),
        ("/a b", ["/a b"], ["/ab", "/a  b"]),
    ];

    [Theory, Versions, Spec("MQTT-3.3.2-3", "MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.3-4"), Spec311("MQTT-3.3.2-3", "MQTT-4.7.1-2", "MQTT-4.7.1-3", "MQTT-4.7.3-4")]
    public async Task Filters_match_level_by_level_and_character_by_character(Transport transport, ProtocolVersion version)
    {
        var publisher = await ConnectAsync(transport, version, "publisher");
        var client = await ConnectAsync(transport, version);
        for (int i = 0; i < Cases.Length; i++)
        {
            var (filter, matches, others) = Cases[i];
            string root = $"{Unique}-{i}";
            await client.SubscribeAsync(root + filter, QualityOfService.AtMostOnce);
            foreach (string topic in matches.Concat(others)) await publisher.PublishAsync(root + topic, "live", retain: true);
            (await TopicsAsync(client, matches.Length)).ShouldBe(matches.Select(topic => root + topic), $"live: {filter}");
            var late = await ConnectAsync(transport, version, "late");
            await late.SubscribeAsync(root + filter, QualityOfService.AtMostOnce);
            (await TopicsAsync(late, matches.Length)).Order(StringComparer.Ordinal).ShouldBe(matches.Select(topic => root + topic).Order(StringComparer.Ordinal), $"retained: {filter}");
            await client.UnsubscribeAsync(root + filter);
        }

        static async Task<string[]> TopicsAsync(ScriptedClient client, int count)
        {
            var found = await client.ExpectManyAsync<Publish>(count);
            await client.FenceAsync();
            return [.. found.Select(publish => publish.TopicText())];
        }
    }

    [Theory, Versions, Spec("MQTT-4.7.3-4"), Spec311("MQTT-4.7.3-4")]
    public async Task A_topic_of_many_levels_and_long_names_is_matched_whole(Transport transport, ProtocolVersion version)
    {
        string deep = string.Join('/', Enumerable.Repeat(Unique, 100));
        string longest = $"{Unique}/{new string('x', 10_000)}";
        var client = await ConnectAsync(transport, version);
        var publisher = await ConnectAsync(transport, version, "publisher");
        foreach (string topic in new[] { deep, longest })
        {
            await client.SubscribeAsync(topic);
            await publisher.PublishAsync(topic, "here", QualityOfService.AtLeastOnce);
            (await client.ReceiveAsync("here")).TopicText().ShouldBe(topic);
        }
    }
}

using System.Text;
using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Fuzz;

/// <summary>Topics and subscriptions at the limits of what the broker allows, and beyond.</summary>
public sealed class LimitTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    private static readonly string Slashes = new('/', 65_535);

    private static string Levels(int count) => string.Join('/', Enumerable.Repeat("l", count));

    private static async Task<ReasonCode> PublishedAsync(ScriptedClient client, string topic)
    {
        ushort identifier = client.NextIdentifier();
        await client.SendAsync(ScriptedClient.Message(topic, "x", QualityOfService.AtLeastOnce, identifier));
        var answer = await client.ExpectAsync<PubAck>();
        answer.PacketIdentifier.ShouldBe(identifier);
        return answer.Reason;
    }

    private static async Task<byte> SubscribedAsync(ScriptedClient client, string filter)
    {
        await client.SendAsync(new Subscribe(client.NextIdentifier(), [new(filter, new SubscriptionOptions(QualityOfService.AtLeastOnce))]));
        return (byte)(await client.ExpectAsync<SubAck>()).Reasons.ShouldHaveSingleItem();
    }

    [Theory, Versions]
    public async Task A_topic_of_65535_slashes_ends_nothing(Transport transport, ProtocolVersion version)
    {
        bool v5 = version == ProtocolVersion.V5;
        var everything = await ConnectAsync(transport, ProtocolVersion.V5, "everything");
        await everything.SubscribeAsync("//#");
        var client = await ConnectAsync(transport, version);
        (await PublishedAsync(client, Slashes)).ShouldBe(v5 ? ReasonCode.TopicNameInvalid : ReasonCode.Success);
        await client.SendAsync(ScriptedClient.Message(Slashes, "x", retain: true));
        foreach (string filter in new[] { Slashes, Slashes[..^1] + "#", Slashes[..^2] + "/+" })
            (await SubscribedAsync(client, filter)).ShouldBe(v5 ? (byte)ReasonCode.TopicFilterInvalid : (byte)0x80);
        await client.SendAsync(new Unsubscribe(client.NextIdentifier(), [Slashes]));
        (await client.ExpectAsync<UnsubAck>()).Reasons.ShouldBe(v5 ? [ReasonCode.NoSubscriptionExisted] : []);
        await client.FenceAsync();
        await everything.FenceAsync();
    }

    [Theory, Versions]
    public async Task A_will_topic_of_65535_slashes_is_refused(Transport transport, ProtocolVersion version)
    {
        var client = await OpenAsync(transport, version);
        await client.SendAsync(Plain() with { Version = version, Will = new Will { Topic = Slashes } });
        await client.ExpectNotAcceptedAsync();
        await (await ConnectAsync(transport, version, "other")).FenceAsync();
    }

    [Theory, Versions]
    public async Task Two_hundred_levels_are_allowed_and_one_more_is_not(Transport transport, ProtocolVersion version)
    {
        bool v5 = version == ProtocolVersion.V5;
        var client = await ConnectAsync(transport, version);
        (await SubscribedAsync(client, Levels(201))).ShouldBe(v5 ? (byte)ReasonCode.TopicFilterInvalid : (byte)0x80);
        (await SubscribedAsync(client, Levels(200))).ShouldBe((byte)1);
        (await PublishedAsync(client, Levels(201))).ShouldBe(v5 ? ReasonCode.TopicNameInvalid : ReasonCode.Success);
        await client.SendAsync(ScriptedClient.Message(Levels(200), "deep"));
        (await client.ReceiveAsync("deep")).TopicText().ShouldBe(Levels(200));
        await client.UnsubscribeAsync(Levels(200));
        var willing = await OpenAsync(transport, version);
        await willing.SendAsync(Plain("willing") with { Version = version, Will = new Will { Topic = Levels(201) } });
        await willing.ExpectNotAcceptedAsync();
    }

    [Theory, Transports]
    public async Task A_session_has_10000_subscriptions_and_no_more(Transport transport)
    {
        var client = await ConnectAsync(transport);
        for (int packet = 0; packet < 10; packet++)
        {
            var requests = Enumerable.Range(packet * 1000, 1000).Select(i => new SubscriptionRequest($"{Unique}/{i}/+", new SubscriptionOptions(QualityOfService.AtLeastOnce)));
            await client.SendAsync(new Subscribe(client.NextIdentifier(), [.. requests]));
            (await client.ExpectAsync<SubAck>()).Reasons.ShouldAllBe(reason => reason == ReasonCode.GrantedQoS1);
        }
        (await SubscribedAsync(client, $"{Unique}/more")).ShouldBe((byte)ReasonCode.QuotaExceeded);
        (await SubscribedAsync(client, $"{Unique}/17/+")).ShouldBe((byte)1, "that one it has already");
        await client.UnsubscribeAsync($"{Unique}/18/+");
        (await SubscribedAsync(client, $"{Unique}/more")).ShouldBe((byte)1);
        await client.SendAsync(ScriptedClient.Message($"{Unique}/9999/x", "last"), ScriptedClient.Message($"{Unique}/18/x", "gone"));
        await client.ReceiveAsync("last");
        await client.FenceAsync();
    }

    [Theory, Versions]
    public async Task A_packet_that_announces_256_MB_ends_the_connection_at_its_header(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        await client.SendRawAsync(Encoding.Latin1.GetBytes("\x30\xFF\xFF\xFF\x7F"));
        await client.ExpectDisconnectedAsync(ReasonCode.PacketTooLarge);
        var stranger = await OpenAsync(transport, version);
        await stranger.SendRawAsync(Encoding.Latin1.GetBytes("\x10\xFF\xFF\xFF\x7F"));
        await stranger.ExpectClosedAsync();
    }
}

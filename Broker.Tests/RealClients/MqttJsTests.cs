using Broker.Tests.Rules;

namespace Broker.Tests.RealClients;

/// <summary>MQTT.js, the client of browsers and Node.js, over TCP and WebSocket. The scenarios stand in <c>mqttjs.mjs</c>.</summary>
public sealed class MqttJsTests(BrokerProcess broker) : IClassFixture<BrokerProcess>
{
    public static readonly TheoryData<string, int> EveryCarrier = Matrix.Of(["mqtt", "ws", "mqtts", "wss"], [3, 4, 5]);
    public static readonly TheoryData<string, int> Carriers = Matrix.Of(["mqtt", "ws"], [4, 5]);
    public static readonly TheoryData<string, int> CarriersOfVersion5 = Matrix.Of(["mqtt", "ws"], [5]);

    [Theory, MemberData(nameof(EveryCarrier))]
    public Task Messages_arrive_at_every_QoS(string carrier, int version) => PassesAsync("everyQoS", carrier, version);

    [Theory, MemberData(nameof(Carriers))]
    public Task Retained_messages_are_set_replaced_and_cleared(string carrier, int version) => PassesAsync("retained", carrier, version);

    [Theory, MemberData(nameof(Carriers))]
    public Task A_will_is_sent_for_a_client_that_vanishes_only(string carrier, int version) => PassesAsync("will", carrier, version);

    [Theory, MemberData(nameof(Carriers))]
    public Task Empty_payloads_and_odd_topics_arrive(string carrier, int version) => PassesAsync("emptyPayloadsAndOddTopics", carrier, version);

    [Theory, MemberData(nameof(Carriers))]
    public Task Large_payloads_arrive_whole(string carrier, int version) => PassesAsync("largePayloads", carrier, version);

    [Theory, MemberData(nameof(Carriers))]
    public Task Many_messages_arrive_in_order(string carrier, int version) => PassesAsync("manyInOrder", carrier, version);

    [Theory, MemberData(nameof(Carriers))]
    public Task An_unsubscribed_topic_is_silent(string carrier, int version) => PassesAsync("unsubscribe", carrier, version);

    [Theory, MemberData(nameof(Carriers))]
    public Task A_session_waits_for_its_client(string carrier, int version) => PassesAsync("session", carrier, version);

    [Theory, MemberData(nameof(Carriers))]
    public Task A_client_that_reconnects_misses_nothing(string carrier, int version) => PassesAsync("reconnect", carrier, version);

    [Theory, MemberData(nameof(Carriers))]
    public Task Five_hundred_clients_talk_at_once(string carrier, int version) => PassesAsync("manyClients", carrier, version);

    [Theory, MemberData(nameof(Carriers))]
    public Task A_hundred_sessions_come_back_at_once_and_miss_nothing(string carrier, int version) => PassesAsync("reconnectStorm", carrier, version);

    [Theory, MemberData(nameof(Carriers))]
    public Task A_client_is_taken_over_again_and_again(string carrier, int version) => PassesAsync("takeOver", carrier, version);

    [Theory, MemberData(nameof(CarriersOfVersion5))]
    public Task Requests_are_answered(string carrier, int version) => PassesAsync("requestResponse", carrier, version);

    [Theory, MemberData(nameof(Carriers))]
    public Task A_ping_is_answered(string carrier, int version) => PassesAsync("ping", carrier, version);

    [Theory, MemberData(nameof(CarriersOfVersion5))]
    public Task Properties_arrive_unaltered(string carrier, int version) => PassesAsync("properties", carrier, version);

    [Theory, MemberData(nameof(CarriersOfVersion5))]
    public Task Subscription_options_are_obeyed(string carrier, int version) => PassesAsync("subscriptionOptions", carrier, version);

    [Theory, MemberData(nameof(CarriersOfVersion5))]
    public Task Topic_aliases_stand_for_their_topics(string carrier, int version) => PassesAsync("topicAliases", carrier, version);

    private async Task PassesAsync(string scenario, string carrier, int version)
    {
        var url = carrier switch
        {
            "mqtt" => $"mqtt://127.0.0.1:{broker.Port}",
            "ws" => $"ws://127.0.0.1:{broker.HttpPort}/mqtt",
            "mqtts" => $"mqtts://localhost:{broker.TlsPort}",
            "wss" => $"wss://localhost:{broker.HttpsPort}/mqtt",
            _ => throw new ArgumentOutOfRangeException(nameof(carrier)),
        };
        var script = Path.Combine(Repository.Root, "Broker.Tests", "RealClients", "mqttjs.mjs");
        await using var node = RunningProgram.Start("node", [script, scenario, url, $"{version}", broker.CertificatePath]);

        await node.SucceedsAsync();
        node.Transcript.ShouldEndWith("passed");
    }
}

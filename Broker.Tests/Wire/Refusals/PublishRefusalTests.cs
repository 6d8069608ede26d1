using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Refusals;

/// <summary>A PUBLISH that breaks the standard ends the connection.</summary>
public sealed class PublishRefusalTests(BrokerHost broker) : RefusalTests(broker), IClassFixture<BrokerHost>
{
    [Theory, GoldenViolations("PUBLISH at QoS 3, MQTT 5", "PUBLISH at QoS 3, MQTT 3.1.1"), Spec("MQTT-3.3.1-4"), Spec311("MQTT-3.3.1-4")]
    public Task QoS_3(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBLISH at QoS 0 with DUP, MQTT 5", "PUBLISH at QoS 0 with DUP, MQTT 3.1.1"), Spec("MQTT-3.3.1-2"), Spec311("MQTT-3.3.1-2")]
    public Task DUP_at_QoS_0(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBLISH with packet identifier 0, MQTT 5", "PUBLISH with packet identifier 0, MQTT 3.1.1"), Spec("MQTT-2.2.1-3"), Spec311("MQTT-2.3.1-1")]
    public Task Packet_identifier_0(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBLISH without a packet identifier", "PUBLISH with nothing in it", "PUBLISH with a topic that runs past the packet"), Spec("MQTT-4.13.1-1"), Spec311("MQTT-4.8.0-1")]
    public Task A_PUBLISH_that_ends_early(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBLISH with + in the topic, MQTT 5", "PUBLISH with # in the topic, MQTT 5", "PUBLISH with + in the topic, MQTT 3.1.1", "PUBLISH with # in the topic, MQTT 3.1.1")]
    [Spec("MQTT-3.3.2-2", "MQTT-4.7.0-1"), Spec311("MQTT-3.3.2-2", "MQTT-4.7.1-1")]
    public Task A_wildcard_in_the_topic(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBLISH without topic and alias", "PUBLISH without topic, MQTT 3.1.1"), Spec("MQTT-4.7.3-1"), Spec311("MQTT-4.7.3-1")]
    public Task No_topic(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBLISH with U+0000 in the topic, MQTT 5", "PUBLISH with U+0000 in the topic, MQTT 3.1.1")]
    [Spec("MQTT-1.5.4-2", "MQTT-4.7.3-2"), Spec311("MQTT-1.5.3-2", "MQTT-4.7.3-2")]
    public Task U0000_in_the_topic(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBLISH with a surrogate in the topic, MQTT 5", "PUBLISH with a surrogate in the topic, MQTT 3.1.1", "PUBLISH with an overlong character in the topic",
        "PUBLISH with an overlong U+0000 in the topic", "PUBLISH with a character above U+10FFFF in the topic")]
    [Spec("MQTT-1.5.4-1", "MQTT-3.3.2-1"), Spec311("MQTT-1.5.3-1", "MQTT-3.3.2-1")]
    public Task A_topic_that_is_not_UTF8(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBLISH of MQTT 5 without properties", "PUBLISH with properties that run past the packet"), Spec("MQTT-2.2.2-1")]
    public Task No_property_length(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBLISH with an undefined property", "PUBLISH with a property of CONNECT", "PUBLISH with Will Delay Interval"), Spec("MQTT-4.13.1-1")]
    public Task A_property_that_does_not_belong_there(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBLISH with a subscription identifier from a client"), Spec("MQTT-3.3.4-6")]
    public Task A_subscription_identifier(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBLISH with a subscription identifier that is longer than it needs to be"), Spec("MQTT-1.5.5-1")]
    public Task A_variable_byte_integer_that_is_longer_than_it_needs_to_be(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBLISH with topic alias 0"), Spec("MQTT-3.3.2-8")]
    public Task Topic_alias_0(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBLISH with a topic alias twice", "PUBLISH with Payload Format Indicator twice", "PUBLISH with Message Expiry Interval twice",
        "PUBLISH with Content Type twice", "PUBLISH with Response Topic twice", "PUBLISH with Correlation Data twice"), Spec("MQTT-4.13.1-1")]
    public Task A_property_that_stands_twice(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBLISH with Payload Format Indicator 2"), Spec("MQTT-4.13.1-1")]
    public Task An_undefined_payload_format(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBLISH with a Content Type that is not UTF-8"), Spec("MQTT-3.3.2-19")]
    public Task A_content_type_that_is_not_UTF8(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBLISH with a Response Topic that is not UTF-8"), Spec("MQTT-3.3.2-13")]
    public Task A_response_topic_that_is_not_UTF8(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBLISH with a wildcard in the Response Topic"), Spec("MQTT-3.3.2-14")]
    public Task A_response_topic_with_a_wildcard(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBLISH with a User Property that is not UTF-8"), Spec("MQTT-1.5.7-1")]
    public Task A_user_property_that_is_not_UTF8(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, Transports, Spec("MQTT-4.13.2-1", "MQTT-3.1.2-8")]
    public async Task Who_breaks_the_standard_is_cut_off_and_its_will_is_sent(Transport transport)
    {
        var observer = await ConnectAsync(transport, name: "observer");
        await observer.SubscribeAsync($"{Unique}/will");
        var client = await ConnectAsync(transport, ProtocolVersion.V5, Plain() with { Will = new Will { Topic = $"{Unique}/will", Payload = "gone"u8.ToArray() } });
        await client.SendRawAsync("36 06 00 01 't' 00 01 00");
        await client.ExpectRefusedAsync();
        await observer.ReceiveAsync("gone");
    }
}

using Broker.Core.Protocol;
using Broker.Tests.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Refusals;

/// <summary>Acknowledgements, SUBSCRIBE, UNSUBSCRIBE and the rest: what breaks the standard ends the connection.</summary>
public sealed class OtherRefusalTests(BrokerHost broker) : RefusalTests(broker), IClassFixture<BrokerHost>
{
    [Theory, GoldenViolations("PUBACK with fixed header flags", "PUBREC with fixed header flags", "PUBCOMP with fixed header flags", "PUBACK with fixed header flags, MQTT 3.1.1",
        "PINGREQ with fixed header flags", "PINGREQ with fixed header flags, MQTT 3.1.1")]
    [Spec("MQTT-2.1.3-1"), Spec311("MQTT-2.2.2-1", "MQTT-2.2.2-2")]
    public Task Fixed_header_flags(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBREL without its fixed header flags, MQTT 5", "PUBREL without its fixed header flags, MQTT 3.1.1", "PUBREL with DUP, MQTT 3.1.1")]
    [Spec("MQTT-3.6.1-1"), Spec311("MQTT-3.6.1-1")]
    public Task Flags_of_PUBREL(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("SUBSCRIBE without its fixed header flags, MQTT 5", "SUBSCRIBE without its fixed header flags, MQTT 3.1.1", "SUBSCRIBE with DUP, MQTT 3.1.1")]
    [Spec("MQTT-3.8.1-1"), Spec311("MQTT-3.8.1-1")]
    public Task Flags_of_SUBSCRIBE(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("UNSUBSCRIBE without its fixed header flags, MQTT 5", "UNSUBSCRIBE without its fixed header flags, MQTT 3.1.1")]
    [Spec("MQTT-3.10.1-1"), Spec311("MQTT-3.10.1-1")]
    public Task Flags_of_UNSUBSCRIBE(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("DISCONNECT with fixed header flags, MQTT 5", "DISCONNECT with fixed header flags, MQTT 3.1.1")]
    [Spec("MQTT-3.14.1-1"), Spec311("MQTT-3.14.1-1")]
    public Task Flags_of_DISCONNECT(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("AUTH with fixed header flags"), Spec("MQTT-3.15.1-1")]
    public Task Flags_of_AUTH(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBACK with packet identifier 0", "PUBREC with packet identifier 0", "PUBREL with packet identifier 0", "PUBCOMP with packet identifier 0",
        "SUBSCRIBE with packet identifier 0, MQTT 5", "SUBSCRIBE with packet identifier 0, MQTT 3.1.1", "UNSUBSCRIBE with packet identifier 0",
        "UNSUBSCRIBE with packet identifier 0, MQTT 3.1.1")]
    [Spec("MQTT-2.2.1-3", "MQTT-2.2.1-5"), Spec311("MQTT-2.3.1-1")]
    public Task Packet_identifier_0(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBACK with bytes left over, MQTT 3.1.1", "PUBREC with bytes left over, MQTT 3.1.1", "PUBREL with bytes left over, MQTT 3.1.1",
        "PUBCOMP with bytes left over, MQTT 3.1.1", "PUBACK with bytes left over, MQTT 5", "PUBREC with bytes left over, MQTT 5", "PUBREL with bytes left over, MQTT 5",
        "PUBCOMP with bytes left over, MQTT 5", "PINGREQ with bytes left over", "PINGREQ with bytes left over, MQTT 3.1.1", "DISCONNECT with bytes left over, MQTT 5",
        "DISCONNECT with bytes left over, MQTT 3.1.1", "PUBACK with half a packet identifier")]
    [Spec("MQTT-4.13.1-1"), Spec311("MQTT-4.8.0-1")]
    public Task Left_over_bytes_and_missing_ones(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBACK with a reason code of another packet", "PUBACK with a reason code that the server alone may send"), Spec("MQTT-3.4.2-1")]
    public Task Reason_codes_of_PUBACK(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBREC with a reason code of another packet"), Spec("MQTT-3.5.2-1")]
    public Task Reason_codes_of_PUBREC(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBREL with a reason code of another packet"), Spec("MQTT-3.6.2-1")]
    public Task Reason_codes_of_PUBREL(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBCOMP with a reason code of another packet"), Spec("MQTT-3.7.2-1")]
    public Task Reason_codes_of_PUBCOMP(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("PUBACK with Reason String twice", "PUBACK with a property of another packet", "PUBREL with a Reason String that is not UTF-8"), Spec("MQTT-4.13.1-1")]
    public Task Properties_of_acknowledgements(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("SUBSCRIBE without a filter, MQTT 5", "SUBSCRIBE without a filter, MQTT 3.1.1", "SUBSCRIBE without options", "SUBSCRIBE of MQTT 5 without properties")]
    [Spec("MQTT-3.8.3-2"), Spec311("MQTT-3.8.3-3")]
    public Task SUBSCRIBE_without_a_filter(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("SUBSCRIBE with a filter that is not UTF-8, MQTT 5", "SUBSCRIBE with a filter that is not UTF-8, MQTT 3.1.1"), Spec("MQTT-3.8.3-1"), Spec311("MQTT-3.8.3-1")]
    public Task SUBSCRIBE_with_a_filter_that_is_not_UTF8(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("SUBSCRIBE with U+0000 in a filter, MQTT 5", "SUBSCRIBE with U+0000 in a filter, MQTT 3.1.1"), Spec("MQTT-4.7.3-2"), Spec311("MQTT-4.7.3-2")]
    public Task SUBSCRIBE_with_U0000_in_a_filter(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("SUBSCRIBE with QoS 3, MQTT 5", "SUBSCRIBE with Retain Handling 3", "SUBSCRIBE with reserved bits in the options, MQTT 5",
        "SUBSCRIBE with the other reserved bit in the options, MQTT 5", "SUBSCRIBE with QoS 3, MQTT 3.1.1", "SUBSCRIBE with reserved bits in the QoS byte, MQTT 3.1.1")]
    [Spec("MQTT-3.8.3-5"), Spec311("MQTT-3.8.3-4")]
    public Task SUBSCRIBE_with_undefined_options(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("SUBSCRIBE with subscription identifier 0", "SUBSCRIBE with a subscription identifier twice", "SUBSCRIBE with a subscription identifier over four bytes",
        "SUBSCRIBE with a property of another packet", "UNSUBSCRIBE with a subscription identifier"), Spec("MQTT-4.13.1-1")]
    public Task Properties_of_SUBSCRIBE_and_UNSUBSCRIBE(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("UNSUBSCRIBE without a filter, MQTT 5", "UNSUBSCRIBE without a filter, MQTT 3.1.1"), Spec("MQTT-3.10.3-2"), Spec311("MQTT-3.10.3-2")]
    public Task UNSUBSCRIBE_without_a_filter(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("UNSUBSCRIBE with a filter that is not UTF-8, MQTT 5", "UNSUBSCRIBE with a filter that is not UTF-8, MQTT 3.1.1",
        "UNSUBSCRIBE with bytes between its filters, MQTT 3.1.1"), Spec("MQTT-3.10.3-1"), Spec311("MQTT-3.10.3-1")]
    public Task UNSUBSCRIBE_with_a_filter_that_is_not_UTF8(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("CONNACK from a client", "SUBACK from a client", "UNSUBACK from a client", "PINGRESP from a client"), Spec("MQTT-4.13.1-1")]
    public Task Packets_that_the_server_sends(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("DISCONNECT with a reason code that the server alone may send", "DISCONNECT with an undefined reason code"), Spec("MQTT-3.14.2-1")]
    public Task Reason_codes_of_DISCONNECT(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("DISCONNECT with a Server Reference from a client", "DISCONNECT with Session Expiry Interval twice", "DISCONNECT with a property of another packet"), Spec("MQTT-4.13.1-1")]
    public Task Properties_of_DISCONNECT(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("AUTH of success from a client", "AUTH with an undefined reason code"), Spec("MQTT-3.15.2-1")]
    public Task Reason_codes_of_AUTH(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("AUTH without an Authentication Method", "AUTH with an Authentication Method twice", "AUTH before MQTT 5"), Spec("MQTT-4.12.0-7")]
    public Task Properties_of_AUTH(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("AUTH with bytes left over"), Spec("MQTT-4.12.0-7")]
    public async Task AUTH_that_nobody_asked_for_is_refused_before_or_after_it_is_read(Transport transport, string golden)
    {
        var client = await ConnectAsync(transport);
        await client.SendRawAsync(GoldenPackets.Named(golden).Bytes);
        (await client.ExpectRefusedAsync()).ShouldBeOneOf(ReasonCode.ProtocolError, ReasonCode.MalformedPacket);
    }

    [Theory, GoldenViolations("packet type 0, MQTT 5", "packet type 0, MQTT 3.1.1"), Spec("MQTT-2.1.3-1"), Spec311("MQTT-2.2.2-1")]
    public Task Packet_type_0(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("a Remaining Length over four bytes, MQTT 5", "a Remaining Length over four bytes, MQTT 3.1.1", "a Remaining Length that is longer than it needs to be",
        "a Remaining Length of three bytes that is longer than it needs to be"), Spec("MQTT-1.5.5-1")]
    public Task Remaining_lengths_in_another_form(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, GoldenViolations("a packet larger than allowed", "a packet larger than allowed, MQTT 3.1.1"), Spec("MQTT-3.2.2-15")]
    public Task Packets_larger_than_allowed_are_refused_before_they_arrive(Transport transport, string golden) => RefusesAsync(transport, golden);

    [Theory, Versions, Spec("MQTT-3.1.0-2", "MQTT-3.2.0-2"), Spec311("MQTT-3.1.0-2")]
    public async Task A_second_CONNECT_ends_the_connection_with_no_second_CONNACK(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        await client.SendAsync(Plain() with { Version = version });
        await client.ExpectDisconnectedAsync(ReasonCode.ProtocolError);
    }

    [Theory, Transports, Spec("MQTT-4.12.0-7", "MQTT-4.12.0-6")]
    public async Task AUTH_without_an_authentication_method_in_CONNECT_is_a_protocol_error(Transport transport)
    {
        var client = await ConnectAsync(transport);
        await client.SendAsync(new Auth(ReasonCode.ReAuthenticate) { Properties = Prop(PropertyId.AuthenticationMethod, "SCRAM-SHA-256") });
        await client.ExpectDisconnectedAsync(ReasonCode.ProtocolError);
    }
}

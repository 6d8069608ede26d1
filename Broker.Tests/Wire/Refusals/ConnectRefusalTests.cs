using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Refusals;

/// <summary>A CONNECT that breaks the standard is not accepted.</summary>
[Spec("MQTT-3.14.0-1"), Spec311("MQTT-3.1.4-1")]
public sealed class ConnectRefusalTests(BrokerHost broker) : RefusalTests(broker), IClassFixture<BrokerHost>
{
    [Theory, GoldenViolations("CONNECT with another protocol name")]
    [Spec("MQTT-3.1.2-1"), Spec311("MQTT-3.1.2-1")]
    public Task Another_protocol_name(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, Transports, Spec("MQTT-3.1.2-2", "MQTT-3.2.2-8", "MQTT-3.2.2-7")]
    public async Task A_level_of_the_future_that_is_laid_out_like_5_is_told_that_the_version_is_not_supported(Transport transport)
    {
        var client = await OpenAsync(transport);
        await client.SendRawAsync("10 0E 00 04 'MQTT' 06 02 00 00 00 00 01 'c'");
        (await client.ExpectNotAcceptedAsync()).ShouldBe(ReasonCode.UnsupportedProtocolVersion);
    }

    [Theory, Transports, Spec311("MQTT-3.1.2-2", "MQTT-3.2.2-5", "MQTT-3.2.2-4")]
    public async Task A_level_that_is_laid_out_like_3_1_1_is_told_return_code_1(Transport transport)
    {
        foreach (string level in new[] { "00", "03", "06", "7F" })
        {
            var client = await OpenAsync(transport, ProtocolVersion.V311);
            await client.SendRawAsync($"10 0D 00 04 'MQTT' {level} 02 00 00 00 01 'c'");
            var connAck = await client.ExpectAsync<ConnAck>();
            connAck.Reason.ShouldBe(ReasonCode.UnsupportedProtocolVersion);
            connAck.SessionPresent.ShouldBeFalse();
            await client.ExpectClosedAsync();
        }
    }

    [Theory, GoldenViolations("CONNECT with the reserved flag, MQTT 5", "CONNECT with the reserved flag, MQTT 3.1.1")]
    [Spec("MQTT-3.1.2-3"), Spec311("MQTT-3.1.2-3")]
    public Task The_reserved_flag(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with fixed header flags"), Spec("MQTT-2.1.3-1")]
    public Task Fixed_header_flags(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with Will QoS 3, MQTT 5", "CONNECT with Will QoS 3, MQTT 3.1.1")]
    [Spec("MQTT-3.1.2-12"), Spec311("MQTT-3.1.2-14")]
    public Task Will_QoS_3(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with Will QoS and no will, MQTT 5", "CONNECT with Will QoS and no will, MQTT 3.1.1")]
    [Spec("MQTT-3.1.2-11"), Spec311("MQTT-3.1.2-11", "MQTT-3.1.2-13")]
    public Task Will_QoS_without_a_will(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with Will Retain and no will, MQTT 5", "CONNECT with Will Retain and no will, MQTT 3.1.1")]
    [Spec("MQTT-3.1.2-13"), Spec311("MQTT-3.1.2-11", "MQTT-3.1.2-15")]
    public Task Will_Retain_without_a_will(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with the will flag and no will, MQTT 5", "CONNECT with a Will Topic and no Will Payload", "CONNECT with the will flag and no will, MQTT 3.1.1")]
    [Spec("MQTT-3.1.2-9"), Spec311("MQTT-3.1.2-9")]
    public Task A_will_flag_without_a_will(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with a will and no will flag, MQTT 3.1.1"), Spec311("MQTT-3.1.2-11")]
    public Task A_will_without_a_will_flag(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with a Will Topic that is not UTF-8", "CONNECT with a Will Topic that is not UTF-8, MQTT 3.1.1")]
    [Spec("MQTT-3.1.3-11"), Spec311("MQTT-3.1.3-10")]
    public Task A_will_topic_that_is_not_UTF8(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with a Will Topic that holds a wildcard", "CONNECT with an empty Will Topic")]
    [Spec("MQTT-4.7.0-1"), Spec311("MQTT-4.7.3-1")]
    public Task A_will_topic_that_is_no_topic_name(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with the user name flag and no user name, MQTT 5", "CONNECT with the user name flag and no user name, MQTT 3.1.1")]
    [Spec("MQTT-3.1.2-17"), Spec311("MQTT-3.1.2-19")]
    public Task A_user_name_flag_without_a_user_name(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with a user name and no flag, MQTT 5", "CONNECT with a user name and no flag, MQTT 3.1.1")]
    [Spec("MQTT-3.1.2-16"), Spec311("MQTT-3.1.2-18")]
    public Task A_user_name_without_its_flag(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with a user name that is not UTF-8", "CONNECT with a user name that is not UTF-8, MQTT 3.1.1")]
    [Spec("MQTT-3.1.3-12"), Spec311("MQTT-3.1.3-11")]
    public Task A_user_name_that_is_not_UTF8(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with the password flag and no password, MQTT 5", "CONNECT with the password flag and no password, MQTT 3.1.1")]
    [Spec("MQTT-3.1.2-19"), Spec311("MQTT-3.1.2-21")]
    public Task A_password_flag_without_a_password(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with a password and no flag, MQTT 5", "CONNECT with a password and no flag, MQTT 3.1.1")]
    [Spec("MQTT-3.1.2-18"), Spec311("MQTT-3.1.2-20")]
    public Task A_password_without_its_flag(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with a password and no user name, MQTT 3.1.1", "CONNECT with a password and no user name, MQTT 3.1"), Spec311("MQTT-3.1.2-22")]
    public Task A_password_without_a_user_name_before_MQTT_5(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT without a client identifier, MQTT 5", "CONNECT without a client identifier, MQTT 3.1.1", "CONNECT that ends in its client identifier")]
    [Spec("MQTT-3.1.3-3", "MQTT-3.1.3-1"), Spec311("MQTT-3.1.3-3", "MQTT-3.1.3-1")]
    public Task No_client_identifier(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with a client identifier that is not UTF-8, MQTT 5", "CONNECT with a client identifier that is not UTF-8, MQTT 3.1.1")]
    [Spec("MQTT-3.1.3-4", "MQTT-1.5.4-1"), Spec311("MQTT-3.1.3-4", "MQTT-1.5.3-1")]
    public Task A_client_identifier_that_is_not_UTF8(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with U+0000 in the client identifier, MQTT 5", "CONNECT with U+0000 in the client identifier, MQTT 3.1.1")]
    [Spec("MQTT-1.5.4-2"), Spec311("MQTT-1.5.3-2")]
    public Task A_client_identifier_with_U0000(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with bytes left over", "CONNECT with nothing in it", "CONNECT of MQTT 5 without properties",
        "CONNECT with properties that run past the packet", "CONNECT with a property that runs past the properties")]
    [Spec("MQTT-3.1.4-1", "MQTT-2.2.2-1", "MQTT-4.13.1-1")]
    public Task A_CONNECT_that_does_not_fit_its_length(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with a Property Length that is too long"), Spec("MQTT-1.5.5-1")]
    public Task A_length_that_is_longer_than_it_needs_to_be(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with an undefined property", "CONNECT with a property identifier above one byte", "CONNECT with a Topic Alias",
        "CONNECT with Will Delay Interval outside the will", "CONNECT with Session Expiry Interval in the will")]
    [Spec("MQTT-3.1.4-1")]
    public Task A_property_that_does_not_belong_there(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with Receive Maximum 0", "CONNECT with Maximum Packet Size 0", "CONNECT with Request Problem Information 2",
        "CONNECT with Request Response Information 2", "CONNECT with Payload Format Indicator 2 in the will", "CONNECT with a wildcard in the Response Topic of the will")]
    [Spec("MQTT-3.1.4-1")]
    public Task A_property_with_a_value_that_it_cannot_have(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with Session Expiry Interval twice", "CONNECT with Will Delay Interval twice"), Spec("MQTT-3.1.4-1")]
    public Task A_property_that_stands_twice(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with Authentication Data and no method"), Spec("MQTT-3.1.4-1")]
    public Task Authentication_Data_without_a_method(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, GoldenViolations("CONNECT with a User Property whose name is not UTF-8", "CONNECT with a User Property whose value holds U+0000"), Spec("MQTT-1.5.7-1")]
    public Task A_user_property_that_is_not_UTF8(Transport transport, string golden) => RefusesConnectAsync(transport, golden);

    [Theory, Versions, Spec("MQTT-3.1.0-1"), Spec311("MQTT-3.1.0-1")]
    public async Task Anything_but_CONNECT_as_the_first_packet_ends_the_connection_without_a_word(Transport transport, ProtocolVersion version)
    {
        foreach (string packet in new[] { "C0 00", "E0 00", "30 03 00 01 't'", "82 06 00 01 00 01 'a' 00", "40 02 00 01", "20 02 00 00", "F0 00", "00 00" })
        {
            var client = await OpenAsync(transport, version);
            await client.SendRawAsync(packet);
            await client.ExpectClosedAsync();
        }
    }

    [Theory, Transports, Spec("MQTT-3.1.4-6", "MQTT-3.2.0-1"), Spec311("MQTT-3.1.4-5")]
    public async Task What_stands_behind_a_refused_CONNECT_has_no_effect(Transport transport)
    {
        var client = await OpenAsync(transport, ProtocolVersion.V311);
        await client.SendRawAsync($"10 0D 00 04 'MQTT' 06 02 00 00 00 01 'c'  31 07 00 04 '{Unique,-4}' 'x'");
        (await client.ExpectNotAcceptedAsync()).ShouldBe(ReasonCode.UnsupportedProtocolVersion);
        var observer = await ConnectAsync(transport, name: "observer");
        await observer.SubscribeAsync($"{Unique,-4}");
        await observer.FenceAsync();
    }
}

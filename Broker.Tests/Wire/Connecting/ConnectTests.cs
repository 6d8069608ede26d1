using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Connecting;

/// <summary>CONNECT and what CONNACK says to it.</summary>
public sealed class ConnectTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    [Theory, Versions, Spec("MQTT-3.1.4-5", "MQTT-3.2.0-1", "MQTT-3.2.2-1", "MQTT-3.2.2-2", "MQTT-4.2.0-1"), Spec311("MQTT-3.1.4-4", "MQTT-3.2.0-1", "MQTT-3.2.2-1", "MQTT-7.1.1-1")]
    public async Task A_new_client_is_accepted_without_a_session(Transport transport, ProtocolVersion version)
    {
        var client = await OpenAsync(transport, version);
        var connAck = await client.RequestAsync(Plain());
        connAck.Reason.ShouldBe(ReasonCode.Success);
        connAck.SessionPresent.ShouldBeFalse();
        await client.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-3.1.2-1")]
    public async Task MQTT_3_1_is_served_under_its_own_name(Transport transport)
    {
        var client = await OpenAsync(transport, ProtocolVersion.V31);
        await client.SendRawAsync("10 0F 00 06 'MQIsdp' 03 02 00 3C 00 01 'x'");
        (await client.ExpectAsync<ConnAck>()).Reason.ShouldBe(ReasonCode.Success);
    }

    [Theory, Versions, Spec("MQTT-3.1.3-5"), Spec311("MQTT-3.1.3-5")]
    public async Task Client_identifiers_of_1_to_23_letters_and_digits_are_accepted(Transport transport, ProtocolVersion version)
    {
        foreach (string identifier in new[] { "a", "0123456789abcdefghijABC", "KLMNOPQRSTUVWXYZ", "klmnopqrstuvwxyzDEFGHIJ" })
        {
            var client = await OpenAsync(transport, version);
            await client.ConnectAsync(new Connect { CleanStart = true, ClientIdentifier = identifier });
        }
    }

    [Theory, Versions, Spec("MQTT-3.1.3-5"), Spec311("MQTT-3.1.3-5")]
    public async Task Client_identifiers_may_be_long_and_hold_any_character(Transport transport, ProtocolVersion version)
    {
        if (version == ProtocolVersion.V31) return; // 3.1 allows 23 characters
        var client = await ConnectAsync(transport, version, Plain($" /+#$\u00FC\U0001F600{new string('x', 200)}"));
        await client.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-3.1.3-6", "MQTT-3.1.3-7", "MQTT-3.2.2-16")]
    public async Task An_empty_client_identifier_is_replaced_by_a_new_one_that_can_be_used_again(Transport transport)
    {
        var expiry = Prop(PropertyId.SessionExpiryInterval, 60);
        var first = await OpenAsync(transport);
        string? assigned = (await first.ConnectAsync(new Connect { Properties = expiry })).Properties.Text(PropertyId.AssignedClientIdentifier);
        assigned.ShouldNotBeNullOrEmpty();
        var second = await OpenAsync(transport);
        string? other = (await second.ConnectAsync(new Connect { Properties = expiry })).Properties.Text(PropertyId.AssignedClientIdentifier);
        other.ShouldNotBeNullOrEmpty();
        other.ShouldNotBe(assigned);
        await first.DisconnectAsync();
        var returned = await OpenAsync(transport);
        var connAck = await returned.ConnectAsync(new Connect { ClientIdentifier = assigned, Properties = expiry });
        connAck.SessionPresent.ShouldBeTrue();
        connAck.Properties.Text(PropertyId.AssignedClientIdentifier).ShouldBeNull();
    }

    [Theory, Transports, Spec311("MQTT-3.1.3-6")]
    public async Task An_empty_client_identifier_with_clean_session_is_accepted_in_3_1_1(Transport transport)
    {
        var first = await ConnectAsync(transport, ProtocolVersion.V311, new Connect { CleanStart = true });
        var second = await ConnectAsync(transport, ProtocolVersion.V311, new Connect { CleanStart = true });
        await second.FenceAsync();
        await first.FenceAsync(); // each has an identifier of its own, else the second had taken over
    }

    [Theory, Transports, Spec311("MQTT-3.1.3-7", "MQTT-3.1.3-8", "MQTT-3.1.3-9", "MQTT-3.2.2-4", "MQTT-3.2.2-5")]
    public async Task An_empty_client_identifier_without_clean_session_is_refused_with_return_code_2_in_3_1_1(Transport transport)
    {
        var client = await OpenAsync(transport, ProtocolVersion.V311);
        var connAck = await client.RequestAsync(new Connect());
        connAck.Reason.ShouldBe(ReasonCode.ClientIdentifierNotValid);
        connAck.SessionPresent.ShouldBeFalse();
        await client.ExpectClosedAsync();
    }

    [Theory, Transports]
    public async Task A_client_identifier_of_more_than_23_characters_is_refused_in_3_1(Transport transport)
    {
        var client = await OpenAsync(transport, ProtocolVersion.V31);
        (await client.RequestAsync(new Connect { CleanStart = true, ClientIdentifier = new string('x', 24) })).Reason.ShouldBe(ReasonCode.ClientIdentifierNotValid);
        await client.ExpectClosedAsync();
    }

    [Theory, Transports]
    public async Task An_empty_client_identifier_is_refused_in_3_1(Transport transport)
    {
        var client = await OpenAsync(transport, ProtocolVersion.V31);
        (await client.RequestAsync(new Connect { CleanStart = true })).Reason.ShouldBe(ReasonCode.ClientIdentifierNotValid);
        await client.ExpectClosedAsync();
    }

    [Theory, Transports, Spec("MQTT-3.1.2-19")]
    public async Task A_password_without_a_user_name_is_legal_in_MQTT_5(Transport transport)
    {
        var client = await OpenAsync(transport);
        var connAck = await client.RequestAsync(Plain() with { Password = "secret"u8.ToArray() });
        connAck.Reason.ShouldBeOneOf(ReasonCode.Success, ReasonCode.BadUserNameOrPassword, ReasonCode.NotAuthorized);
    }

    [Theory, Versions, Spec("MQTT-1.5.4-3"), Spec311("MQTT-1.5.3-3")]
    public async Task A_byte_order_mark_is_part_of_an_identifier_and_of_a_topic(Transport transport, ProtocolVersion version)
    {
        var plain = await ConnectAsync(transport, version);
        var marked = await ConnectAsync(transport, version, new Connect { CleanStart = true, ClientIdentifier = $"\uFEFF{Unique}client" });
        await plain.SubscribeAsync($"{Unique}/x");
        await marked.SubscribeAsync($"\uFEFF{Unique}/x");
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"\uFEFF{Unique}/x", "marked", QualityOfService.AtLeastOnce);
        (await marked.ReceiveAsync("marked")).Topic.ToArray()[..3].ShouldBe([0xEF, 0xBB, 0xBF]);
        await plain.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-3.1.4-6")]
    public async Task Packets_that_follow_CONNECT_at_once_are_all_handled(Transport transport)
    {
        var client = await OpenAsync(transport);
        await client.SendAsync(Plain(), new Subscribe(1, [new($"{Unique}/x", default)]), ScriptedClient.Message($"{Unique}/x", "hello"), default(PingReq));
        await client.ExpectAsync<ConnAck>();
        await client.ExpectAsync<SubAck>();
        await client.ReceiveAsync("hello");
        await client.ExpectAsync<PingResp>();
    }

    [Theory, Transports, Spec("MQTT-4.12.0-1", "MQTT-4.12.0-4", "MQTT-3.1.2-30", "MQTT-3.1.4-2", "MQTT-3.2.2-6", "MQTT-3.2.2-7", "MQTT-3.2.2-8")]
    public async Task An_authentication_method_that_is_not_supported_is_refused(Transport transport)
    {
        var client = await OpenAsync(transport);
        var connAck = await client.RequestAsync(Plain() with { Properties = Prop(PropertyId.AuthenticationMethod, "NO-SUCH-METHOD") });
        connAck.Reason.ShouldBeOneOf(ReasonCode.BadAuthenticationMethod, ReasonCode.NotAuthorized);
        connAck.SessionPresent.ShouldBeFalse();
        connAck.Properties.Text(PropertyId.AuthenticationMethod).ShouldBeNull();
        await client.ExpectClosedAsync();
    }

    [Theory, Transports, Spec("MQTT-4.12.0-6", "MQTT-3.1.2-28")]
    public async Task CONNACK_carries_nothing_that_was_not_asked_for(Transport transport)
    {
        var client = await OpenAsync(transport);
        var connAck = await client.ConnectAsync(Plain() with { Properties = Prop(PropertyId.RequestResponseInformation, 0) });
        connAck.Properties.Text(PropertyId.AuthenticationMethod).ShouldBeNull();
        connAck.Properties.Text(PropertyId.ResponseInformation).ShouldBeNull();
        connAck.Properties.Text(PropertyId.AssignedClientIdentifier).ShouldBeNull();
        connAck.Properties.Number(PropertyId.ServerKeepAlive).ShouldBeNull();
    }

    [Theory, Transports, Spec("MQTT-3.3.2-9")]
    public async Task CONNACK_announces_the_limits_that_the_documentation_states(Transport transport)
    {
        var client = await OpenAsync(transport);
        var properties = (await client.ConnectAsync(Plain())).Properties;
        properties.Number(PropertyId.ReceiveMaximum).ShouldBe(32u);
        properties.Number(PropertyId.TopicAliasMaximum).ShouldBe(32u);
        properties.Number(PropertyId.MaximumPacketSize).ShouldBe(4u * 1024 * 1024);
        properties.Number(PropertyId.MaximumQoS).ShouldBeNull("QoS 2 is told by absence");
    }

    [Theory, Transports]
    public async Task A_session_expiry_that_is_longer_than_allowed_is_cut_and_announced(Transport transport)
    {
        var client = await OpenAsync(transport);
        var connAck = await client.ConnectAsync(Lasting(ProtocolVersion.V5, expiry: uint.MaxValue));
        connAck.Properties.Number(PropertyId.SessionExpiryInterval).ShouldBe(30u * 24 * 3600);
        var modest = await OpenAsync(transport);
        (await modest.ConnectAsync(Lasting(ProtocolVersion.V5, "modest", expiry: 60))).Properties.Number(PropertyId.SessionExpiryInterval).ShouldBeNull();
    }

    [Theory, Versions, Spec("MQTT-3.12.4-1"), Spec311("MQTT-3.12.4-1")]
    public async Task Every_PINGREQ_is_answered(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version);
        await client.SendAsync(default(PingReq), default(PingReq), default(PingReq));
        await client.ExpectManyAsync<PingResp>(3);
    }
}

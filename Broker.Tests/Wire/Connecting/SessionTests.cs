using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Connecting;

/// <summary>Sessions: what begins, what is resumed, what is thrown away.</summary>
public sealed class SessionTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    [Theory, Versions, Spec("MQTT-3.1.2-6", "MQTT-3.2.2-3"), Spec311("MQTT-3.1.2-4", "MQTT-3.2.2-3")]
    public async Task Who_asks_for_its_session_and_has_none_gets_a_new_one(Transport transport, ProtocolVersion version)
    {
        var client = await OpenAsync(transport, version);
        (await client.ConnectAsync(Lasting(version))).SessionPresent.ShouldBeFalse();
    }

    [Theory, Versions, Spec("MQTT-3.1.2-5", "MQTT-3.1.2-23", "MQTT-3.2.2-3", "MQTT-3.1.3-2", "MQTT-4.5.0-1"), Spec311("MQTT-3.1.2-4", "MQTT-3.1.2-5", "MQTT-3.2.2-2", "MQTT-3.1.3-2", "MQTT-4.1.0-1", "MQTT-4.5.0-1")]
    public async Task A_returning_session_gets_what_it_missed_in_order(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version, Lasting(version));
        await client.SubscribeAsync($"{Unique}/#");
        await client.DisconnectAsync();
        var publisher = await ConnectAsync(transport, version, "publisher");
        foreach (string text in new[] { "1", "2", "3" }) await publisher.PublishAsync($"{Unique}/x", text, QualityOfService.AtLeastOnce);
        await publisher.PublishAsync($"{Unique}/x", "4", QualityOfService.ExactlyOnce);
        var returned = await OpenAsync(transport, version);
        var connAck = await returned.ConnectAsync(Lasting(version));
        connAck.SessionPresent.ShouldBe(version != ProtocolVersion.V31, "3.1 has no Session Present");
        for (int i = 1; i <= 4; i++)
        {
            var publish = await returned.ReceiveAsync($"{i}");
            publish.Duplicate.ShouldBeFalse("it was never sent before");
            publish.Retain.ShouldBeFalse();
        }
        await publisher.PublishAsync($"{Unique}/x", "live", QualityOfService.AtLeastOnce);
        await returned.ReceiveAsync("live");
        await returned.FenceAsync();
    }

    [Theory, Versions]
    public async Task QoS_0_is_not_kept_for_a_client_that_is_away(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version, Lasting(version));
        await client.SubscribeAsync($"{Unique}/#");
        await client.DisconnectAsync();
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/x", "lost");
        await publisher.PublishAsync($"{Unique}/x", "kept", QualityOfService.AtLeastOnce);
        var returned = await ConnectAsync(transport, version, Lasting(version));
        await returned.ReceiveAsync("kept");
        await returned.FenceAsync();
    }

    [Theory, Versions, Spec("MQTT-3.2.2-3")]
    public async Task A_session_without_subscriptions_is_present_as_well(Transport transport, ProtocolVersion version)
    {
        if (version == ProtocolVersion.V31) return; // it cannot be told
        var client = await ConnectAsync(transport, version, Lasting(version));
        await client.DisconnectAsync();
        var returned = await OpenAsync(transport, version);
        (await returned.ConnectAsync(Lasting(version))).SessionPresent.ShouldBeTrue();
    }

    [Theory, Versions, Spec("MQTT-3.1.2-4", "MQTT-3.1.4-4", "MQTT-3.2.2-2"), Spec311("MQTT-3.1.2-6", "MQTT-3.1.4-3", "MQTT-3.2.2-1")]
    public async Task A_clean_start_throws_the_stored_session_away(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version, Lasting(version));
        await client.SubscribeAsync($"{Unique}/#");
        await client.DisconnectAsync();
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/x", "missed", QualityOfService.AtLeastOnce);
        var returned = await OpenAsync(transport, version);
        (await returned.ConnectAsync(Lasting(version, cleanStart: true))).SessionPresent.ShouldBeFalse();
        await publisher.PublishAsync($"{Unique}/x", "not subscribed any more", QualityOfService.AtLeastOnce);
        await returned.FenceAsync();
    }

    [Theory, EarlierVersions, Spec311("MQTT-3.1.2-6")]
    public async Task A_clean_session_is_never_resumed(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version, Plain());
        await client.SubscribeAsync($"{Unique}/#");
        await client.DisconnectAsync();
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/x", "missed", QualityOfService.AtLeastOnce);
        var returned = await OpenAsync(transport, version);
        (await returned.ConnectAsync(Lasting(version))).SessionPresent.ShouldBeFalse();
        await returned.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-3.1.2-5", "MQTT-4.1.0-2")]
    public async Task Without_an_expiry_interval_a_stored_session_is_resumed_and_then_ends(Transport transport)
    {
        var client = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await client.DisconnectAsync();
        var resumed = await OpenAsync(transport);
        (await resumed.ConnectAsync(Plain() with { CleanStart = false })).SessionPresent.ShouldBeTrue();
        await resumed.DisconnectAsync();
        var last = await OpenAsync(transport);
        (await last.ConnectAsync(Plain() with { CleanStart = false })).SessionPresent.ShouldBeFalse();
    }

    [Theory, Transports]
    public async Task A_clean_start_with_an_expiry_interval_begins_a_session_that_stays(Transport transport)
    {
        var client = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, cleanStart: true));
        await client.DisconnectAsync();
        var returned = await OpenAsync(transport);
        (await returned.ConnectAsync(Lasting(ProtocolVersion.V5))).SessionPresent.ShouldBeTrue();
    }

    [Theory, Transports]
    public async Task DISCONNECT_can_end_a_session_that_would_have_stayed(Transport transport)
    {
        var client = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await client.DisconnectAsync(properties: Prop(PropertyId.SessionExpiryInterval, 0));
        var returned = await OpenAsync(transport);
        (await returned.ConnectAsync(Lasting(ProtocolVersion.V5))).SessionPresent.ShouldBeFalse();
    }

    [Theory, Transports]
    public async Task DISCONNECT_cannot_keep_a_session_that_was_to_end_and_then_does_not_count(Transport transport)
    {
        var observer = await ConnectAsync(transport, name: "observer");
        await observer.SubscribeAsync($"{Unique}/will");
        var client = await ConnectAsync(transport, ProtocolVersion.V5, Plain() with { Will = new Will { Topic = $"{Unique}/will", Payload = "still due"u8.ToArray() } });
        await client.SendAsync(new Disconnect { Properties = Prop(PropertyId.SessionExpiryInterval, 60) });
        await client.ExpectDisconnectedAsync(ReasonCode.ProtocolError);
        await observer.ReceiveAsync("still due");
        var returned = await OpenAsync(transport);
        (await returned.ConnectAsync(Lasting(ProtocolVersion.V5))).SessionPresent.ShouldBeFalse();
    }

    [Theory, Versions, Spec("MQTT-3.2.0-1", "MQTT-3.14.0-1"), Spec311("MQTT-3.2.0-1")]
    public async Task CONNACK_comes_before_everything_that_waited(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version, Lasting(version));
        await client.SubscribeAsync($"{Unique}/#");
        await client.DisconnectAsync();
        var publisher = await ConnectAsync(transport, version, "publisher");
        for (int i = 0; i < 50; i++) await publisher.PublishAsync($"{Unique}/x", $"{i}", QualityOfService.AtLeastOnce);
        var returned = await OpenAsync(transport, version);
        await returned.SendAsync(Lasting(version) with { Version = version });
        await returned.ExpectAsync<ConnAck>();
        for (int i = 0; i < 50; i++) await returned.ReceiveAsync($"{i}");
    }

    [Theory, Versions, Spec("MQTT-4.1.0-1"), Spec311("MQTT-4.1.0-2", "MQTT-4.1.0-1")]
    public async Task A_session_lasts_while_its_connection_is_open(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version, Plain());
        await client.SubscribeAsync($"{Unique}/#");
        var publisher = await ConnectAsync(transport, version, "publisher");
        for (int i = 0; i < 20; i++)
        {
            await publisher.PublishAsync($"{Unique}/x", $"{i}", QualityOfService.AtLeastOnce);
            await client.ReceiveAsync($"{i}");
        }
    }

    [Theory, Versions]
    public async Task A_session_that_was_cut_off_is_resumed_like_one_that_was_closed(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version, Lasting(version));
        await client.SubscribeAsync($"{Unique}/#");
        client.Cut();
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/x", "missed", QualityOfService.AtLeastOnce);
        var returned = await ConnectAsync(transport, version, Lasting(version));
        await returned.ReceiveAsync("missed");
    }

    [Theory, Transports]
    public async Task A_session_moves_from_one_protocol_version_to_another(Transport transport)
    {
        var client = await ConnectAsync(transport, ProtocolVersion.V311, Lasting(ProtocolVersion.V311));
        await client.SubscribeAsync($"{Unique}/#");
        await client.DisconnectAsync();
        var publisher = await ConnectAsync(transport, ProtocolVersion.V5, "publisher");
        await publisher.PublishAsync($"{Unique}/x", "missed", QualityOfService.AtLeastOnce, properties: Prop(PropertyId.ContentType, "text"));
        var returned = await OpenAsync(transport);
        (await returned.ConnectAsync(Lasting(ProtocolVersion.V5))).SessionPresent.ShouldBeTrue();
        (await returned.ReceiveAsync("missed")).Properties.Text(PropertyId.ContentType).ShouldBe("text");
    }
}

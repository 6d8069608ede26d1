using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Connecting;

/// <summary>Session Expiry Interval, on a clock that the tests move.</summary>
public sealed class SessionExpiryTests(BrokerHostWithManualTime broker) : WireTests(broker), IClassFixture<BrokerHostWithManualTime>
{
    private async Task EndAsync(ScriptedClient client, Properties properties = default)
    {
        int before = broker.ClientsConnected;
        await client.DisconnectAsync(properties: properties);
        await broker.WaitForClientsAsync(before - 1);
    }

    [Theory, Transports, Spec("MQTT-4.1.0-2", "MQTT-3.2.2-3")]
    public async Task A_session_is_gone_when_its_interval_has_passed(Transport transport)
    {
        await EndAsync(await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, expiry: 60)));
        broker.Clock.Advance(TimeSpan.FromSeconds(61));
        var returned = await OpenAsync(transport);
        (await returned.ConnectAsync(Lasting(ProtocolVersion.V5, expiry: 60))).SessionPresent.ShouldBeFalse();
    }

    [Theory, Transports, Spec("MQTT-3.1.2-23")]
    public async Task A_session_is_there_until_its_interval_has_passed_and_a_new_one_begins_with_each_end(Transport transport)
    {
        await EndAsync(await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, expiry: 60)));
        for (int i = 0; i < 3; i++)
        {
            broker.Clock.Advance(TimeSpan.FromSeconds(58));
            var returned = await OpenAsync(transport);
            (await returned.ConnectAsync(Lasting(ProtocolVersion.V5, expiry: 60))).SessionPresent.ShouldBeTrue();
            broker.Clock.Advance(TimeSpan.FromSeconds(100));
            await EndAsync(returned);
        }
    }

    [Theory, Transports]
    public async Task DISCONNECT_can_shorten_and_lengthen_the_interval(Transport transport)
    {
        await EndAsync(await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, expiry: 60)), Prop(PropertyId.SessionExpiryInterval, 10));
        broker.Clock.Advance(TimeSpan.FromSeconds(11));
        var returned = await OpenAsync(transport);
        (await returned.ConnectAsync(Lasting(ProtocolVersion.V5, expiry: 10))).SessionPresent.ShouldBeFalse();
        await EndAsync(returned, Prop(PropertyId.SessionExpiryInterval, 60));
        broker.Clock.Advance(TimeSpan.FromSeconds(30));
        var again = await OpenAsync(transport);
        (await again.ConnectAsync(Lasting(ProtocolVersion.V5, expiry: 10))).SessionPresent.ShouldBeTrue();
    }

    [Theory, EarlierVersions]
    public async Task A_session_of_3_1_1_outlives_an_hour(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version, Lasting(version));
        await client.SubscribeAsync($"{Unique}/x");
        await EndAsync(client);
        broker.Clock.Advance(TimeSpan.FromHours(1));
        var publisher = await ConnectAsync(transport, version, "publisher");
        await publisher.PublishAsync($"{Unique}/x", "kept", QualityOfService.AtLeastOnce);
        var returned = await ConnectAsync(transport, version, Lasting(version));
        await returned.ReceiveAsync("kept");
    }

    [Theory, Transports, Spec311("MQTT-3.1.2-7")]
    public async Task Retained_messages_outlive_the_session_that_published_them(Transport transport)
    {
        var client = await ConnectAsync(transport, ProtocolVersion.V311, Plain());
        await client.PublishAsync($"{Unique}/x", "kept", QualityOfService.AtLeastOnce, retain: true);
        await EndAsync(client);
        broker.Clock.Advance(TimeSpan.FromMinutes(10));
        var other = await ConnectAsync(transport, ProtocolVersion.V311, "other");
        await other.SubscribeAsync($"{Unique}/x");
        await other.ReceiveAsync("kept");
    }
}

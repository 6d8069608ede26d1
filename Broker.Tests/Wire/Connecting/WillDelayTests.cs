using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Connecting;

/// <summary>Will Delay Interval and session expiry, on a clock that the tests move.</summary>
public sealed class WillDelayTests(BrokerHostWithManualTime broker) : WireTests(broker), IClassFixture<BrokerHostWithManualTime>
{
    private Connect WithWill(uint delay, uint expiry, bool cleanStart = false) => Lasting(ProtocolVersion.V5, cleanStart: cleanStart, expiry: expiry) with
    {
        Will = new Will { Topic = $"{Unique}/will", Payload = "gone"u8.ToArray(), QoS = QualityOfService.AtLeastOnce, Properties = Prop(PropertyId.WillDelayInterval, delay) },
    };

    private async Task<ScriptedClient> ObserveAsync(Transport transport)
    {
        var observer = await ConnectAsync(transport, name: "observer");
        await observer.SubscribeAsync($"{Unique}/will");
        return observer;
    }

    private async Task EndAsync(ScriptedClient client, ReasonCode reason = ReasonCode.DisconnectWithWillMessage)
    {
        int before = broker.ClientsConnected;
        await client.DisconnectAsync(reason);
        await broker.WaitForClientsAsync(before - 1);
    }

    [Theory, Transports, Spec("MQTT-3.1.2-8")]
    public async Task The_will_is_sent_when_its_delay_has_passed_and_not_before(Transport transport)
    {
        var observer = await ObserveAsync(transport);
        await EndAsync(await ConnectAsync(transport, ProtocolVersion.V5, WithWill(delay: 10, expiry: 100)));
        broker.Clock.Advance(TimeSpan.FromSeconds(9.9));
        await observer.FenceAsync();
        broker.Clock.Advance(TimeSpan.FromSeconds(1.1));
        await observer.ReceiveAsync("gone");
    }

    [Theory, Transports, Spec("MQTT-3.1.2-8")]
    public async Task The_will_is_sent_when_the_session_ends_before_its_delay(Transport transport)
    {
        var observer = await ObserveAsync(transport);
        await EndAsync(await ConnectAsync(transport, ProtocolVersion.V5, WithWill(delay: 100, expiry: 10)));
        broker.Clock.Advance(TimeSpan.FromSeconds(9.9));
        await observer.FenceAsync();
        broker.Clock.Advance(TimeSpan.FromSeconds(1.1));
        await observer.ReceiveAsync("gone");
        broker.Clock.Advance(TimeSpan.FromSeconds(200));
        await observer.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-3.1.2-8")]
    public async Task A_session_that_ends_with_its_connection_knows_no_delay(Transport transport)
    {
        var observer = await ObserveAsync(transport);
        var client = await ConnectAsync(transport, ProtocolVersion.V5, WithWill(delay: 100, expiry: 0));
        client.Cut();
        await observer.ReceiveAsync("gone");
    }

    [Theory, Transports, Spec("MQTT-3.1.3-9", "MQTT-3.1.2-8")]
    public async Task Who_returns_within_the_delay_has_left_no_will(Transport transport)
    {
        var observer = await ObserveAsync(transport);
        await EndAsync(await ConnectAsync(transport, ProtocolVersion.V5, WithWill(delay: 10, expiry: 100)));
        broker.Clock.Advance(TimeSpan.FromSeconds(5));
        var returned = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, expiry: 100));
        broker.Clock.Advance(TimeSpan.FromSeconds(50));
        await returned.FenceAsync();
        await observer.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-3.1.3-9", "MQTT-3.1.4-3")]
    public async Task A_take_over_that_resumes_a_session_with_a_delayed_will_suppresses_it(Transport transport)
    {
        var observer = await ObserveAsync(transport);
        var old = await ConnectAsync(transport, ProtocolVersion.V5, WithWill(delay: 10, expiry: 100));
        var successor = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, expiry: 100));
        await old.ExpectDisconnectedAsync(ReasonCode.SessionTakenOver);
        broker.Clock.Advance(TimeSpan.FromSeconds(50));
        await successor.FenceAsync();
        await observer.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-3.1.4-3", "MQTT-3.1.2-8")]
    public async Task A_clean_start_ends_the_session_and_sends_its_delayed_will_at_once(Transport transport)
    {
        var observer = await ObserveAsync(transport);
        await EndAsync(await ConnectAsync(transport, ProtocolVersion.V5, WithWill(delay: 10, expiry: 100)));
        await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, cleanStart: true));
        await observer.ReceiveAsync("gone");
        broker.Clock.Advance(TimeSpan.FromSeconds(50));
        await observer.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-3.1.4-3")]
    public async Task A_take_over_of_a_session_without_delay_sends_the_will_at_once(Transport transport)
    {
        var observer = await ObserveAsync(transport);
        var old = await ConnectAsync(transport, ProtocolVersion.V5, WithWill(delay: 0, expiry: 100));
        await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, expiry: 100));
        await old.ExpectDisconnectedAsync(ReasonCode.SessionTakenOver);
        await observer.ReceiveAsync("gone");
    }

    [Theory, Transports, Spec("MQTT-3.1.3-9")]
    public async Task A_new_connection_brings_a_will_of_its_own(Transport transport)
    {
        var observer = await ObserveAsync(transport);
        await EndAsync(await ConnectAsync(transport, ProtocolVersion.V5, WithWill(delay: 10, expiry: 100)));
        var returned = await ConnectAsync(transport, ProtocolVersion.V5, WithWill(delay: 20, expiry: 100));
        await EndAsync(returned);
        broker.Clock.Advance(TimeSpan.FromSeconds(19.9));
        await observer.FenceAsync();
        broker.Clock.Advance(TimeSpan.FromSeconds(1.1));
        await observer.ReceiveAsync("gone");
        broker.Clock.Advance(TimeSpan.FromSeconds(50));
        await observer.FenceAsync();
    }

    [Theory, Transports]
    public async Task The_expiry_of_a_will_counts_from_its_publication(Transport transport)
    {
        var away = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, "away", expiry: 1000));
        await away.SubscribeAsync($"{Unique}/will");
        await EndAsync(away, ReasonCode.Success);
        var connect = WithWill(delay: 10, expiry: 100);
        var properties = new PropertiesBuilder().Add(PropertyId.WillDelayInterval, 10).Add(PropertyId.MessageExpiryInterval, 30).Build();
        await EndAsync(await ConnectAsync(transport, ProtocolVersion.V5, connect with { Will = connect.Will! with { Properties = properties } }));
        broker.Clock.Advance(TimeSpan.FromSeconds(11));
        broker.Clock.Advance(TimeSpan.FromSeconds(15));
        var returned = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, "away", expiry: 1000));
        var will = await returned.ReceiveAsync("gone");
        will.Properties.Number(PropertyId.MessageExpiryInterval)!.Value.ShouldBeInRange(14u, 16u);
        will.Properties.Number(PropertyId.WillDelayInterval).ShouldBeNull();
    }
}

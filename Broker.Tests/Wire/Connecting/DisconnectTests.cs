using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Connecting;

/// <summary>DISCONNECT from the client, and the end that the broker itself chooses.</summary>
public sealed class DisconnectTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    [Theory, Versions, Spec("MQTT-3.14.4-1", "MQTT-3.14.4-2"), Spec311("MQTT-3.14.4-1", "MQTT-3.14.4-2")]
    public async Task What_stands_behind_DISCONNECT_has_no_effect_and_the_connection_ends(Transport transport, ProtocolVersion version)
    {
        var observer = await ConnectAsync(transport, version, "observer");
        await observer.SubscribeAsync($"{Unique}/x");
        var client = await ConnectAsync(transport, version);
        await client.SendAsync(ScriptedClient.Message($"{Unique}/x", "before"), new Disconnect(), ScriptedClient.Message($"{Unique}/x", "after"), default(PingReq));
        await client.ExpectClosedAsync();
        await observer.ReceiveAsync("before");
        await ConnectAsync(transport, version);
        await observer.FenceAsync();
    }

    [Theory, Transports]
    public async Task What_the_broker_answered_before_DISCONNECT_arrives_before_the_end(Transport transport)
    {
        var client = await ConnectAsync(transport);
        byte[] pings = [.. Enumerable.Repeat(new byte[] { 0xC0, 0x00 }, 20_000).SelectMany(bytes => bytes)];
        await client.SendRawAsync([.. pings, 0xE0, 0x00]);
        for (int i = 0; i < 20_000; i++) await client.ExpectAsync<PingResp>();
        await client.ExpectClosedAsync();
    }

    [Theory, Transports]
    public async Task A_DISCONNECT_with_a_reason_and_properties_is_taken(Transport transport)
    {
        var client = await ConnectAsync(transport);
        await client.DisconnectAsync(ReasonCode.Success, new PropertiesBuilder().Add(PropertyId.ReasonString, "bye").AddUserProperty("n", "v").Build());
    }

    [Theory, Transports, Spec("MQTT-3.14.2-1", "MQTT-3.14.2-2", "MQTT-3.14.4-1", "MQTT-3.14.4-2", "MQTT-4.13.1-1")]
    public async Task The_reason_arrives_though_the_client_has_sent_more_that_nobody_reads(Transport transport)
    {
        for (int i = 0; i < 10; i++)
        {
            var client = await ConnectAsync(transport);
            byte[] more = [.. Enumerable.Repeat(new byte[] { 0xC0, 0x00 }, 20_000).SelectMany(bytes => bytes)];
            await client.SendRawAsync([0x00, 0x00, .. more]);
            var disconnect = await client.ExpectAsync<Disconnect>();
            disconnect.Reason.ShouldBe(ReasonCode.MalformedPacket);
            disconnect.Properties.Number(PropertyId.SessionExpiryInterval).ShouldBeNull();
            await client.ExpectClosedAsync();
        }
    }

    [Theory, Versions]
    public async Task A_broker_that_stops_says_so(Transport transport, ProtocolVersion version)
    {
        var host = new BrokerHost();
        await host.InitializeAsync();
        using var client = await ScriptedClient.OpenAsync(host.Address, transport, version, "client");
        await client.ConnectAsync(Plain());
        var stopping = host.StopAsync();
        await client.ExpectDisconnectedAsync(ReasonCode.ServerShuttingDown);
        client.Cut();
        await stopping;
        await host.DisposeAsync();
    }
}

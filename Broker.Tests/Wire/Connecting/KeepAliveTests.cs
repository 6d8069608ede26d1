using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Connecting;

/// <summary>Keep alive: one and a half times the interval without a packet ends the connection.</summary>
public sealed class KeepAliveTests(BrokerHostWithManualTime broker) : WireTests(broker), IClassFixture<BrokerHostWithManualTime>
{
    private ManualTime Clock => broker.Clock;

    [Theory, Versions, Spec("MQTT-3.1.2-22", "MQTT-3.2.2-22"), Spec311("MQTT-3.1.2-24")]
    public async Task Silence_for_longer_than_allowed_ends_the_connection_and_sends_the_will(Transport transport, ProtocolVersion version)
    {
        var observer = await ConnectAsync(transport, version, "observer");
        await observer.SubscribeAsync($"{Unique}/will");
        var client = await ConnectAsync(transport, version, Plain() with { KeepAlive = 10, Will = new Will { Topic = $"{Unique}/will", Payload = "gone"u8.ToArray() } });
        Clock.Advance(TimeSpan.FromSeconds(14.9));
        await observer.FenceAsync();
        Clock.Advance(TimeSpan.FromSeconds(1.1));
        await client.ExpectDisconnectedAsync(ReasonCode.KeepAliveTimeout);
        await observer.ReceiveAsync("gone");
    }

    [Theory, Versions, Spec("MQTT-3.1.2-22"), Spec311("MQTT-3.1.2-24")]
    public async Task Any_complete_packet_counts(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version, Plain() with { KeepAlive = 10 });
        for (int i = 0; i < 4; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(14));
            if (i % 2 == 0) await client.PublishAsync($"{Unique}/x", "alive", QualityOfService.AtLeastOnce);
            else await client.FenceAsync();
        }
        Clock.Advance(TimeSpan.FromSeconds(16));
        await client.ExpectDisconnectedAsync(ReasonCode.KeepAliveTimeout);
    }

    [Theory, Versions]
    public async Task Packets_to_the_client_do_not_count(Transport transport, ProtocolVersion version)
    {
        var publisher = await ConnectAsync(transport, version, "publisher");
        var client = await ConnectAsync(transport, version, Plain() with { KeepAlive = 10 });
        await client.SubscribeAsync($"{Unique}/x", QualityOfService.AtMostOnce);
        Clock.Advance(TimeSpan.FromSeconds(10));
        await publisher.PublishAsync($"{Unique}/x", "news");
        await client.ReceiveAsync("news");
        Clock.Advance(TimeSpan.FromSeconds(6));
        await client.ExpectDisconnectedAsync(ReasonCode.KeepAliveTimeout);
    }

    [Theory, Versions]
    public async Task Half_a_packet_does_not_count(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version, Plain() with { KeepAlive = 10 });
        Clock.Advance(TimeSpan.FromSeconds(10));
        await client.SendRawAsync("C0");
        Clock.Advance(TimeSpan.FromSeconds(6));
        await client.ExpectDisconnectedAsync(ReasonCode.KeepAliveTimeout);
    }

    [Theory, Versions]
    public async Task Zero_switches_it_off(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version, Plain() with { KeepAlive = 0 });
        Clock.Advance(TimeSpan.FromHours(1));
        await client.FenceAsync();
    }

    [Theory, Transports]
    public async Task Whoever_does_not_send_CONNECT_in_time_is_closed(Transport transport)
    {
        var silent = await OpenAsync(transport);
        var slow = await OpenAsync(transport);
        await slow.SendRawAsync("10 0D 00 04 'MQTT' 05 02 00 00 00");
        // The broker's timers begin when it has seen the connections: a client that connects behind them shows that it has.
        await using var witness = new Witness(await ConnectAsync(transport, name: "witness"));
        await witness.AdvanceUntilAsync(Clock, TimeSpan.FromSeconds(1), Task.WhenAll(silent.ExpectClosedAsync(), slow.ExpectClosedAsync()));
    }

    /// <summary>Lets time pass in steps while something is awaited, for effects whose beginning no packet tells.</summary>
    private sealed class Witness(ScriptedClient client) : IAsyncDisposable
    {
        public async Task AdvanceUntilAsync(ManualTime clock, TimeSpan step, Task awaited)
        {
            while (!awaited.IsCompleted)
            {
                clock.Advance(step);
                await client.FenceAsync();
            }
            await awaited;
        }

        public ValueTask DisposeAsync()
        {
            client.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

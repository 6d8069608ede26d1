using Broker.Core;
using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Fuzz;

/// <summary>Clients that send their CONNECT drop by drop, on a clock that the tests move.</summary>
public sealed class SlowClientTests(BrokerHostWithManualTime broker) : WireTests(broker), IClassFixture<BrokerHostWithManualTime>
{
    private static readonly byte[] Connect = PacketCodec.ToArray(new Connect { ClientIdentifier = "slow", CleanStart = true }, ProtocolVersion.V5);

    [Theory, Transports]
    public async Task A_CONNECT_that_drips_in_does_not_hold_a_connection_open(Transport transport)
    {
        const int Clients = 50;
        long before = Opened;
        var slow = new List<ScriptedClient>();
        for (int i = 0; i < Clients; i++)
        {
            slow.Add(await OpenAsync(transport));
            await slow[i].SendRawAsync(Connect[..1]);
        }
        while (Opened < before + Clients) await Task.Yield();
        for (int at = 1; at < 5; at++) // a byte a second
        {
            broker.Clock.Advance(TimeSpan.FromSeconds(0.9));
            foreach (var client in slow) await client.SendRawAsync(Connect[at..(at + 1)]);
            using var pair = await ControlPair.ConnectAsync(broker, $"{Unique}-{at}");
            await pair.ExchangeAsync(2);
        }
        broker.Clock.Advance(TimeSpan.FromSeconds(2));
        foreach (var client in slow) await client.ExpectClosedAsync();
    }

    [Theory, Transports]
    public async Task A_packet_that_drips_in_does_not_count_as_a_sign_of_life(Transport transport)
    {
        var client = await ConnectAsync(transport, ProtocolVersion.V5, Plain() with { KeepAlive = 10 });
        byte[] packet = PacketCodec.ToArray(ScriptedClient.Message("a", "drip"), ProtocolVersion.V5);
        for (int at = 0; at < 4; at++)
        {
            await client.SendRawAsync(packet[at..(at + 1)]);
            broker.Clock.Advance(TimeSpan.FromSeconds(3));
        }
        broker.Clock.Advance(TimeSpan.FromSeconds(4));
        await client.ExpectDisconnectedAsync(ReasonCode.KeepAliveTimeout);
    }

    private long Opened => broker.Services.GetRequiredService<MqttBroker>().ReadStatistics().SocketsOpened;
}

using System.Net.Sockets;
using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Fuzz;

/// <summary>Clients that send or take far more, or far less, than they should: others do not notice, and the broker's memory stays in bounds.</summary>
[Collection(AloneCollection.Name)]
public sealed class FloodTests(HardenedBroker broker) : WireTests(broker), IClassFixture<HardenedBroker>
{
    private const int Megabyte = 1024 * 1024;

    private static async Task<long> GrowthAsync(Func<Task> during)
    {
        long before = HardenedBroker.LiveBytes();
        await during();
        return HardenedBroker.LiveBytes() - before;
    }

    [Theory, Transports]
    public async Task Packets_that_announce_much_and_send_little_take_no_memory(Transport transport)
    {
        const int Clients = 200;
        using var pair = await ControlPair.ConnectAsync(broker, Unique);
        long growth = await GrowthAsync(async () =>
        {
            for (int i = 0; i < Clients; i++)
            {
                var client = await ConnectAsync(transport, ProtocolVersion.V5, $"announcer{i}");
                await client.SendRawAsync("30 F0 FF FF 01 00 01 'a' 00 41*100"); // 4 MiB less a few bytes
            }
            await pair.ExchangeAsync(20);
        });
        growth.ShouldBeLessThan(Clients * 400L * 1024, $"{Clients} clients announced 4 MiB each; a client of these tests itself holds up to 256 KiB");
        broker.Errors.ShouldBeEmpty();
    }

    [Theory, Versions]
    public async Task Of_a_flood_of_CONNECTs_on_one_connection_the_second_ends_it(Transport transport, ProtocolVersion version)
    {
        using var pair = await ControlPair.ConnectAsync(broker, Unique);
        var client = await OpenAsync(transport, version);
        byte[] connect = PacketCodec.ToArray(Plain() with { Version = version }, version);
        await client.SendRawAsync([.. Enumerable.Repeat(connect, 1000).SelectMany(bytes => bytes)]);
        (await client.ExpectAsync<ConnAck>()).Reason.ShouldBe(ReasonCode.Success);
        await client.ExpectDisconnectedAsync(ReasonCode.ProtocolError);
        await pair.ExchangeAsync(5);
    }

    [Theory, Transports]
    public async Task Of_many_that_connect_at_once_under_one_name_one_stays(Transport transport)
    {
        using var pair = await ControlPair.ConnectAsync(broker, Unique);
        var publisher = await ConnectAsync(transport, name: "publisher");
        var fight = await FightAsync(transport);
        await fight.Alone;
        await publisher.PublishAsync($"{Unique}/who", "you");
        (await fight.LastReceivesAsync(1)).ShouldBe(["you"]);
        await pair.ExchangeAsync(20);
        await broker.WaitForClientsAsync(4);
        broker.Errors.ShouldBeEmpty();
    }

    [Theory, Transports]
    public async Task What_comes_while_many_take_a_session_from_each_other_reaches_the_one_that_stays(Transport transport)
    {
        const int Messages = 50;
        var publisher = await ConnectAsync(transport, name: "publisher");
        var first = await ConnectAsync(transport, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await first.SubscribeAsync($"{Unique}/who", QualityOfService.AtLeastOnce);
        var fight = await FightAsync(transport);
        for (int i = 0; i < Messages; i++) await publisher.PublishAsync($"{Unique}/who", $"{i}", QualityOfService.AtLeastOnce);
        await fight.Alone;
        (await fight.LastReceivesAsync(Messages)).ShouldBe(Enumerable.Range(0, Messages).Select(i => $"{i}"));
        broker.Errors.ShouldBeEmpty();
    }

    private async Task<Fight> FightAsync(Transport transport)
    {
        var clients = new List<ScriptedClient>();
        for (int i = 0; i < 100; i++) clients.Add(await OpenAsync(transport));
        var subscribe = new Subscribe(1, [new($"{Unique}/who", new SubscriptionOptions(QualityOfService.AtLeastOnce))]);
        await Task.WhenAll(clients.Select(client => client.SendAsync(Lasting(ProtocolVersion.V5) with { Version = ProtocolVersion.V5 }, subscribe)));
        return new Fight(clients);
    }

    [Theory]
    [InlineData(Transport.Tcp, QualityOfService.AtMostOnce)]
    [InlineData(Transport.Tcp, QualityOfService.AtLeastOnce)]
    [InlineData(Transport.WebSocket, QualityOfService.AtMostOnce)]
    [InlineData(Transport.WebSocket, QualityOfService.ExactlyOnce)]
    public async Task A_subscriber_that_stops_reading_slows_nobody_and_takes_bounded_memory(Transport transport, QualityOfService qos)
    {
        const int Messages = 2000, Size = 16 * 1024;
        var lazy = await OpenAsync(transport, receiveBuffer: 4096);
        await lazy.ConnectAsync(Plain("lazy"));
        await lazy.SubscribeAsync($"{Unique}/busy", qos);
        var eager = await ConnectAsync(Transport.Tcp, ProtocolVersion.V311, "eager");
        await eager.SubscribeAsync($"{Unique}/busy", QualityOfService.AtMostOnce);
        var publisher = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, "publisher");
        using var pair = await ControlPair.ConnectAsync(broker, Unique);
        byte[] message = PacketCodec.ToArray(ScriptedClient.Message($"{Unique}/busy", new string('x', Size), QualityOfService.AtLeastOnce, 1), ProtocolVersion.V5);
        long growth = await GrowthAsync(async () =>
        {
            for (int i = 0; i < Messages; i++)
            {
                await publisher.SendRawAsync(message);
                await publisher.ExpectAsync<PubAck>();
                (await eager.ExpectAsync<Publish>()).Payload.Length.ShouldBe(Size);
                if (i % 100 == 0) await pair.ExchangeAsync(1);
            }
        });
        growth.ShouldBeLessThan(28L * Megabyte, $"{Messages * Size / Megabyte} MiB went by; the subscriber's queue may hold 16 MiB and its outbox 1");
        broker.Statistics.PublishDropped.ShouldBeGreaterThan(0);
        broker.Errors.ShouldBeEmpty();
    }

    [Theory, Transports]
    public async Task Who_sends_PINGREQ_and_reads_no_answer_is_not_read_either(Transport transport)
    {
        const int Piece = 64 * 1024, Pieces = 24 * 16; // 24 MiB: more than the sockets and the broker take together
        var flooder = await OpenAsync(transport, receiveBuffer: 4096);
        await flooder.ConnectAsync(Plain("flooder"));
        using var pair = await ControlPair.ConnectAsync(broker, Unique);
        byte[] pings = [.. Enumerable.Repeat(new byte[] { 0xC0, 0 }, Piece / 2).SelectMany(bytes => bytes)];
        Task? flood = null;
        int sent = 0;
        long growth = await GrowthAsync(async () =>
        {
            flood = FloodAsync();
            int before;
            do
            {
                before = Volatile.Read(ref sent);
                await pair.ExchangeAsync(100);
            }
            while (Volatile.Read(ref sent) != before && !flood.IsCompleted); // until it is stuck
        });
        flood!.IsCompleted.ShouldBeFalse("all was taken, though no answer was read");
        growth.ShouldBeLessThan(8L * Megabyte);
        broker.Errors.ShouldBeEmpty();
        flooder.Cut();
        await flood;
        await broker.WaitForClientsAsync(2);

        async Task FloodAsync()
        {
            try
            {
                for (int i = 0; i < Pieces; i++)
                {
                    await flooder.Stream.SendAsync(pings, CancellationToken.None);
                    Interlocked.Increment(ref sent);
                }
            }
            catch (Exception cut) when (cut is SocketException or ObjectDisposedException)
            {
                // Cut at the end of the test.
            }
        }
    }
}

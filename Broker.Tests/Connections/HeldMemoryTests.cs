using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Tests.Testing;

namespace Broker.Tests.Connections;

/// <summary>Clients that make the broker hold more than it may, all together.</summary>
public sealed class HeldMemoryTests : IDisposable
{
    private const int Most = 1_000_000, Packet = 100_000;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly ManualTime time = new();
    private readonly BrokerBench bench;

    public HeldMemoryTests() => bench = new BrokerBench(limits: new Limits { HeldBytes = Most, QueueMemoryBytes = 2 * Most }, time: time);

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task Who_sends_packets_in_part_is_disconnected_before_the_memory_is_full_of_them()
    {
        var light = await bench.ConnectAsync("light");
        var heavy = await bench.ConnectAsync("heavy");
        await SendPartAsync(light, Packet);
        await SendPartAsync(heavy, Most);

        time.Advance(Look);

        (await heavy.ExpectAsync<Disconnect>()).Reason.ShouldBe(ReasonCode.QuotaExceeded);
        bench.Broker.Memory.Bytes.ShouldBeInRange(Packet, Packet + 100);
        bench.Broker.Memory.IsFull.ShouldBeFalse();
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(100u)]
    public async Task Messages_that_are_not_acknowledged_count_where_they_are_kept(uint expiry)
    {
        var subscriber = await bench.ConnectAsync("subscriber", expiry);
        subscriber.Subscribe(1, ("a", 1));
        await subscriber.ExpectAsync<SubAck>();
        var publisher = await bench.ConnectAsync("publisher");
        for (ushort n = 1; n <= 5; n++)
        {
            publisher.Publish("a", new string('x', Packet), qos: 1, identifier: n);
            await publisher.ExpectAsync<PubAck>();
            await subscriber.ExpectAsync<Publish>();
        }

        time.Advance(Look);
        bench.Broker.Memory.Bytes.ShouldBeInRange(expiry == 0 ? 0 : 5 * Packet, expiry == 0 ? 100 : 5 * Packet + 100); // one that is sent is not kept where it is never sent again

        for (ushort n = 1; n <= 5; n++) subscriber.Send(new PubAck(n));
        await subscriber.PingAsync();
        time.Advance(Look);
        bench.Broker.Memory.Bytes.ShouldBeLessThan(100);
    }

    [Fact]
    public async Task Nobody_else_is_let_in_while_much_is_held()
    {
        var heavy = await bench.ConnectAsync("heavy");
        await SendPartAsync(heavy, Most * 9 / 10);
        time.Advance(Look);
        bench.Broker.Memory.IsFull.ShouldBeTrue();

        var late = bench.Client().Connect("late");
        (await late.ExpectAsync<ConnAck>()).Reason.ShouldBe(ReasonCode.QuotaExceeded);

        await heavy.LeaveAsync();
        time.Advance(Look);
        await bench.ConnectAsync("later");
    }

    private static Task SendPartAsync(PipeClient client, int bytes) =>
        client.SendPartAsync(PacketCodec.ToArray(new Publish { Topic = "a"u8.ToArray(), Payload = new byte[bytes] }, ProtocolVersion.V5).AsMemory(..^1));
}

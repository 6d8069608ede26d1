using System.IO.Pipelines;
using System.Text;
using Broker.Core.Access;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Tests.Sessions;

namespace Broker.Tests.Routing;

/// <summary>A QoS 0 message costs no allocation once publisher and subscribers are warm.</summary>
public sealed class AllocationTests : IDisposable
{
    private readonly SessionBench bench = new();

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData(ProtocolVersion.V311, 0)]
    [InlineData(ProtocolVersion.V5, 0)]
    [InlineData(ProtocolVersion.V5, 10)]
    public async Task A_qos_0_message_is_routed_encoded_and_flushed_without_allocating(ProtocolVersion version, int aliases)
    {
        for (int i = 0; i < 3; i++) await SubscribeAsync($"subscriber {i}", version, (ushort)aliases);
        var cache = bench.Router.CreateCache();
        byte[][] topics = [.. Enumerable.Range(1, 8).Select(i => Encoding.UTF8.GetBytes($"sensors/{i}/temperature"))];
        byte[] payload = new byte[64];
        for (int i = 0; i < 100; i++) Read();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++) Read();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        bench.Counters.DroppedInAll.ShouldBe(0);

        // What one read buffer brings: some messages, then one flush.
        void Read()
        {
            var delivery = Delivery.Rent(bench.Time);
            for (int i = 0; i < 16; i++)
            {
                var message = new Publication { Topic = topics[i % topics.Length], Payload = payload, ExpiresAt = ApplicationMessage.Never, Publisher = "publisher" };
                bench.Router.Route(message, cache, delivery);
                delivery.FlushIfUrgent();
            }
            delivery.Return();
        }
    }

    private async Task SubscribeAsync(string name, ProtocolVersion version, ushort aliases)
    {
        var outbox = new Outbox(new Sink(), version, bench.Limits, bench.Time, new Traffic(), new Nobody())
        {
            TopicAliasMaximum = aliases,
        };
        var (session, _) = await bench.Registry.AttachAsync(new AttachRequest(ClientIdentity.Stored(name, null), true, 0, 10, null), outbox);
        var delivery = Delivery.Rent(bench.Time);
        session.Open(outbox, new ConnAck(false, ReasonCode.Success), delivery);
        session.Subscribe(TopicFilter.Parse("sensors/+/temperature"), default, 0, delivery, out _);
        delivery.Return();
    }

    /// <summary>Takes everything and keeps nothing.</summary>
    private sealed class Nobody : IConnection
    {
        public Task Detached => Task.CompletedTask;

        public ConnectedClient? Client => null;

        public void Disconnect(ReasonCode reason, string why) => throw new InvalidOperationException(why);
    }

    private sealed class Sink : PipeWriter
    {
        private readonly byte[] memory = new byte[64 * 1024];

        public override void Advance(int bytes)
        {
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => memory;

        public override Span<byte> GetSpan(int sizeHint = 0) => memory;

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => new(new FlushResult(false, false));

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }
    }
}

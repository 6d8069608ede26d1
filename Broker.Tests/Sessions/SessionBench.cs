using System.Text;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Routing;
using Broker.Core.Sessions;
using Broker.Core.Storage;
using Broker.Core.Topics;
using Broker.Tests.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Sessions;

/// <summary>Sessions with all that belongs to them, without connections: the test attaches clients whose pipes it scripts.</summary>
internal sealed class SessionBench : IDisposable
{
    private readonly MatchCache cache;

    public SessionBench(IBrokerStore? store = null, Limits? limits = null)
    {
        Limits = limits ?? new();
        store ??= new InMemoryStore();
        Reader = new StoreReader(store, TimeProvider.System, NullLogger<StoreReader>.Instance);
        Journal = new Journal(store, 64 << 20, NullLogger<Journal>.Instance);
        Journal.Start(0);
        Retained = new RetainedMessages(Limits.RetainedMessages);
        Registry = new SessionRegistry(new SessionServices(Tree, Journal, Reader, Limits, Counters, Time));
        Router = new MessageRouter(Tree, Retained, Journal, Counters, Limits, Time);
        Registry.PublishWill = Router.PublishWill;
        cache = Router.CreateCache();
    }

    public ManualTime Time { get; } = new();

    public Limits Limits { get; }

    public BrokerCounters Counters { get; } = new();

    public TopicTree<Session> Tree { get; } = new();

    public RetainedMessages Retained { get; }

    public Journal Journal { get; }

    public StoreReader Reader { get; }

    public SessionRegistry Registry { get; }

    public MessageRouter Router { get; }

    /// <summary>Connects a client and opens its session.</summary>
    public async Task<BenchClient> ConnectAsync(
        string name, uint expiry = 0, bool cleanStart = false, int receiveMaximum = 65_535, ushort aliases = 0, PendingWill? will = null, ProtocolVersion version = ProtocolVersion.V5)
    {
        var client = new BenchClient(this, name, version, aliases);
        await client.AttachAsync(cleanStart, expiry, receiveMaximum, will);
        client.Open();
        return client;
    }

    /// <summary>Publishes as the broker does, and flushes.</summary>
    public ReasonCode Publish(string topic, string payload, int qos = 0, bool retain = false, string? publisher = null, long expiresAt = ApplicationMessage.Never)
    {
        var delivery = Delivery.Rent(Time);
        var reason = Route(delivery, topic, payload, qos, retain, publisher, expiresAt);
        delivery.Return();
        return reason;
    }

    /// <summary>Publishes without flushing, as one of many packets of a read does.</summary>
    public ReasonCode Route(
        Delivery delivery, string topic, string payload, int qos = 0, bool retain = false, string? publisher = null, long expiresAt = ApplicationMessage.Never)
    {
        var reason = Router.Route(
            new Publication
            {
                Topic = Encoding.UTF8.GetBytes(topic),
                Payload = Encoding.UTF8.GetBytes(payload),
                QoS = (QualityOfService)qos,
                Retain = retain,
                Publisher = publisher,
                ExpiresAt = expiresAt,
            },
            cache,
            delivery);
        if (delivery.TakeUnit() is { } unit) Journal.Append(unit);
        return reason;
    }

    public void Dispose()
    {
        Registry.Dispose();
        Journal.Dispose();
        Reader.Dispose();
    }
}

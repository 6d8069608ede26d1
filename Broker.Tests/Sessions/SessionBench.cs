using System.Text;
using Broker.Bench.Micro;
using Broker.Core.Protocol;
using Broker.Core.Routing;
using Broker.Core.Sessions;
using Broker.Core.Storage;
using Broker.Tests.Testing;

namespace Broker.Tests.Sessions;

/// <summary>Sessions without connections: the test attaches clients whose pipes it scripts, and moves their clock.</summary>
internal sealed class SessionBench : BareSessions
{
    private readonly MatchCache cache;

    public SessionBench(IBrokerStore? store = null, Limits? limits = null) : base(new ManualTime(), store, limits) => cache = Router.CreateCache();

    public new ManualTime Time => (ManualTime)base.Time;

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
}

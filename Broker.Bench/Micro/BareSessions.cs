using Broker.Core.Access;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Routing;
using Broker.Core.Sessions;
using Broker.Core.Storage;
using Broker.Core.Topics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Bench.Micro;

/// <summary>Sessions with all that belongs to them, without connections.</summary>
internal class BareSessions : IDisposable
{
    public BareSessions(TimeProvider time, IBrokerStore? store = null, Limits? limits = null)
    {
        Time = time;
        Limits = limits ?? new();
        store ??= new InMemoryStore();
        Reader = new StoreReader(store, TimeProvider.System, NullLogger<StoreReader>.Instance);
        Journal = new Journal(store, 64 << 20, NullLogger<Journal>.Instance);
        Journal.Start(0);
        Retained = new RetainedMessages(Limits.RetainedMessages);
        Registry = new SessionRegistry(new SessionServices(Tree, Journal, Reader, Limits, Counters, time));
        Router = new MessageRouter(Tree, Retained, Journal, Counters, Limits, time);
        Registry.PublishWill = Router.PublishWill;
    }

    public TimeProvider Time { get; }

    public Limits Limits { get; }

    public BrokerCounters Counters { get; } = new();

    public TopicTree<Session> Tree { get; } = new();

    public RetainedMessages Retained { get; }

    public Journal Journal { get; }

    public StoreReader Reader { get; }

    public SessionRegistry Registry { get; }

    public MessageRouter Router { get; }

    /// <summary>Opens a session whose client takes everything and keeps nothing.</summary>
    public async Task<Session> OpenSinkAsync(string name, ProtocolVersion version, ushort aliases = 0, uint expiry = 0)
    {
        var outbox = new Outbox(new Sink(), version, Limits, Time, new Traffic(), new Nobody()) { TopicAliasMaximum = aliases };
        var (session, _) = await Registry.AttachAsync(new AttachRequest(ClientIdentity.Stored(name, null), true, expiry, ushort.MaxValue, null), outbox);
        var delivery = Delivery.Rent(Time);
        session.Open(outbox, new ConnAck(false, ReasonCode.Success), delivery);
        delivery.Return();
        return session;
    }

    /// <summary>Subscribes a session.</summary>
    public void Subscribe(Session session, string filter, QualityOfService qos = QualityOfService.AtMostOnce)
    {
        var delivery = Delivery.Rent(Time);
        session.Subscribe(TopicFilter.Parse(filter), new SubscriptionOptions(qos), 0, delivery, out _);
        if (delivery.TakeUnit() is { } unit) Journal.Append(unit);
        delivery.Return();
    }

    public void Dispose()
    {
        Registry.Dispose();
        Journal.Dispose();
        Reader.Dispose();
    }

    private sealed class Nobody : IConnection
    {
        public Task Detached => Task.CompletedTask;

        public ConnectedClient? Client => null;

        public void Disconnect(ReasonCode reason, string why) => throw new InvalidOperationException(why);
    }
}

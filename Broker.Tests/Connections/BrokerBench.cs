using Broker.Core;
using Broker.Core.Access;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Core.Storage;
using Broker.Tests.Storage;
using Broker.Tests.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Connections;

/// <summary>A whole broker without listeners, over a store whose commits the test holds and lets go.</summary>
internal sealed class BrokerBench : IDisposable
{
    public BrokerBench(
        bool durable = true, Limits? limits = null, TimeProvider? time = null, ILoggerFactory? logs = null, StorageOptions? storage = null, IBrokerStore? store = null,
        IAuthenticator? authenticator = null, AccessOptions? access = null, IClientEvents? events = null, Func<CancellationToken, Task<AccessPolicy>>? readAccess = null)
    {
        Store = new GatedStore(store);
        var options = new BrokerOptions { Limits = limits ?? new(), Storage = storage ?? new(), Access = access ?? new() };
        Broker = new MqttBroker(
            options, durable ? Store : new InMemoryStore(), authenticator ?? new AnonymousAuthenticator(), new AccessControl(), time ?? TimeProvider.System, logs ?? NullLoggerFactory.Instance, events)
        { ReadAccess = readAccess };
        Broker.StartAsync(CancellationToken.None).GetAwaiter().GetResult(); // none of these stores makes it wait
    }

    public GatedStore Store { get; }

    public MqttBroker Broker { get; }

    /// <summary>Connects a client whose CONNACK needs no commit that is held.</summary>
    public async Task<PipeClient> ConnectAsync(string name, uint expiry = 0, bool cleanStart = true, ProtocolVersion version = ProtocolVersion.V5)
    {
        var client = new PipeClient(Broker, version, new PipeTransport { Listener = "memory", Anonymous = AnonymousAccess.Always });
        client.Connect(name, cleanStart, expiry);
        (await client.ExpectAsync<ConnAck>()).Reason.ShouldBe(ReasonCode.Success);
        return client;
    }

    public PipeClient Client() => new(Broker, ProtocolVersion.V5, new PipeTransport { Listener = "memory", Anonymous = AnonymousAccess.Always });

    public void Dispose()
    {
        Store.Open();
        Broker.Dispose();
    }
}

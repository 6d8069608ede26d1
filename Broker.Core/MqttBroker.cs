using Broker.Core.Connections;
using Broker.Core.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Broker.Core;

/// <summary>The broker's front door: a host gives it clients' byte streams and asks it what goes on.</summary>
public sealed class MqttBroker(BrokerOptions options, TimeProvider time, ILoggerFactory logs)
{
    /// <summary>The options that the broker runs with.</summary>
    public BrokerOptions Options => options;

    /// <summary>Recovers what is stored and begins to serve. Until then <see cref="ServeAsync"/> waits.</summary>
    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Disconnects every client with reason 0x8B (Server shutting down) and ends when all are gone or <paramref name="cancellation"/> fires.</summary>
    public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Serves one client until its connection has ended. Never throws: what goes wrong ends that client's connection and is logged.</summary>
    public Task ServeAsync(ClientTransport transport) => Task.CompletedTask;

    /// <summary>Whether the broker serves, and if not, why, in words for an operator.</summary>
    public (bool IsReady, string Reason) Readiness => (true, "ready");

    /// <summary>What the broker has counted up to now.</summary>
    public BrokerStatistics ReadStatistics() => throw new NotImplementedException($"{time} {logs}");
}

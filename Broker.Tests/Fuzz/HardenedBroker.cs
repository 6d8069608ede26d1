using Broker.Core;
using Broker.Core.Diagnostics;
using Broker.Tests.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Fuzz;

/// <summary>A broker that remembers what it logged at level Error, with short queues, so that what lies in them does not count as growth.</summary>
public class HardenedBroker : BrokerHost, IAsyncLifetime
{
    private readonly ErrorLog log = new();

    /// <summary>A broker with short queues.</summary>
    public HardenedBroker() : base(("Mqtt:Limits:QueueMessages", "500"), ("Mqtt:Limits:QueueBytes", "4MiB"))
    {
    }

    /// <summary>What was logged at level Error since the start.</summary>
    public IReadOnlyCollection<string> Errors => log.Errors;

    /// <summary>What the broker has counted.</summary>
    public BrokerStatistics Statistics => Services.GetRequiredService<MqttBroker>().ReadStatistics();

    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
    }

    /// <summary>Ends every connection as a stop of the host does; it does not come back before all are gone.</summary>
    public Task EndConnectionsAsync() => Services.GetRequiredService<MqttBroker>().StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>The bytes that live in the process.</summary>
    public static long LiveBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}

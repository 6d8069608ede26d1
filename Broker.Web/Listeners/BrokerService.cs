using Broker.Core;
using Broker.Web.Configuration;
using Broker.Web.Operations.Status;
using Broker.Web.Security.Access;
using Microsoft.AspNetCore.Hosting.Server;

namespace Broker.Web.Listeners;

/// <summary>
/// Starts the broker before the first client is let in, and stops it before anything else: the listeners close, every client is told (MQTT 5 ones with 0x8B),
/// and only then Kestrel ends what is left.
/// </summary>
internal sealed partial class BrokerService(
    MqttBroker broker, LiveAccess access, BoundListeners bound, IServer server, HostSettings settings, IHostApplicationLifetime lifetime, ListenerQueries listeners, ILogger<BrokerService> log) : IHostedLifecycleService
{
    /// <summary>Longest time for everything together, below the 5 s after which a container or a service manager may kill the process.</summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(3.5);

    private readonly CancellationTokenSource stopping = new();

    private static readonly TimeSpan ClientTimeout = TimeSpan.FromSeconds(2);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // While the store is away, or another process owns it, the host starts all the same and says at /health/ready why it is not ready.
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        broker.Lost = End;
        broker.ReadAccess = access.ReadFirstAsync;
        var serving = broker.StartAsync(stopping.Token);
        await Task.WhenAny(serving, broker.ReadyOrWaiting);
        if (serving.IsCompleted) await serving;
        else _ = FollowAsync(serving);
    }

    private async Task FollowAsync(Task serving)
    {
        try
        {
            await serving;
            LogServing(log);
        }
        catch (OperationCanceledException)
        {
            // The host ends before the store was there.
        }
        catch (Exception failure)
        {
            End(failure.Message);
        }
    }

    private void End(string why)
    {
        LogEnd(log, why);
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        bound.ReadHttp(server);
        Welcome.Write(Console.Out, bound, settings);
        foreach (var listener in listeners.OpenToAnybody) LogOpen(log, listener.Url);
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        bound.Close();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(ClientTimeout);
        try
        {
            await broker.StopAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            LogImpatient(log, ClientTimeout.TotalSeconds);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Information, Message = "The broker serves clients now")]
    private static partial void LogServing(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Url} lets anybody in who reaches it, without a user name. Add users and set its AllowAnonymous to false, unless that is meant")]
    private static partial void LogOpen(ILogger log, string url);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The broker ends: {Why}")]
    private static partial void LogEnd(ILogger log, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Some clients were still connected after {Seconds} s; their connections are cut")]
    private static partial void LogImpatient(ILogger log, double seconds);
}

using Broker.Core;
using Broker.Tests.RealClients;
using Broker.Web.Listeners;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Broker.Tests.Testing;

/// <summary>Where a broker listens on this machine.</summary>
public readonly record struct BrokerAddress(int MqttPort, int HttpPort);

/// <summary>
/// The real host in this process, on real sockets: one a test class, started before its first test. <c>BROKER_ADDRESS=mqttport,httpport</c> in the environment
/// runs the tests against a broker that runs already, to compare; <c>BROKER_TEST_STORE=Sqlite</c> or <c>PostgreSql</c> gives each host a store of that kind.
/// </summary>
public class BrokerHost : IAsyncLifetime
{
    private readonly (string Key, string Value)[] settings;
    private Application? application;
    private DirectoryInfo? folder;

    /// <summary>A broker with the defaults of a first start.</summary>
    public BrokerHost() : this([])
    {
    }

    /// <summary>A broker with these settings.</summary>
    protected BrokerHost(params (string Key, string Value)[] settings) => this.settings = settings;

    /// <summary>Where it listens.</summary>
    public BrokerAddress Address { get; private set; }

    /// <summary>The clock that it goes by, if that is one that tests move; it must be set before the start.</summary>
    protected TimeProvider? Time { get; init; }

    /// <summary>The store that it has, Sqlite or PostgreSql, whatever the environment asks for; it must be set before the start.</summary>
    protected string? Store { get; init; }

    /// <summary>The host's services.</summary>
    public IServiceProvider Services => application!.Services;

    /// <inheritdoc/>
    public virtual async Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("BROKER_ADDRESS") is { } given)
        {
            int[] ports = [.. given.Split(',').Select(int.Parse)];
            Address = new BrokerAddress(ports[0], ports[1]);
            return;
        }
        application = new Application([.. await StoreAsync(), .. settings], Time, AddServices);
        application.StartServer();
        var bound = Services.GetRequiredService<BoundListeners>();
        Address = new BrokerAddress(new Uri(bound.Mqtt[0]).Port, new Uri(bound.Http[0]).Port);
    }

    /// <summary>How many clients the broker counts as connected.</summary>
    public int ClientsConnected => (int)Services.GetRequiredService<MqttBroker>().ReadStatistics().ClientsConnected;

    /// <summary>Comes back when the broker counts that many clients: the end of a connection is told by no packet.</summary>
    public async Task WaitForClientsAsync(int count)
    {
        using var deadline = new CancellationTokenSource(RunningProgram.Patience);
        while (ClientsConnected != count)
        {
            if (deadline.IsCancellationRequested) throw new ScriptException($"the broker counts {ClientsConnected} clients, not {count}");
            await Task.Delay(TimeSpan.FromMilliseconds(2), CancellationToken.None);
        }
    }

    /// <summary>Asks the host to stop, as SIGTERM does, and waits until it has.</summary>
    public async Task StopAsync()
    {
        var lifetime = Services.GetRequiredService<IHostApplicationLifetime>();
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = lifetime.ApplicationStopped.Register(stopped.SetResult);
        lifetime.StopApplication();
        await stopped.Task.WaitAsync(RunningProgram.Patience);
    }

    /// <inheritdoc/>
    public virtual async Task DisposeAsync()
    {
        if (application is not null) await application.DisposeAsync();
        folder?.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    // One that asks for nothing else gets the store that is asked for in the environment, a new one.
    private async Task<(string Key, string Value)[]> StoreAsync()
    {
        switch (Store ?? Environment.GetEnvironmentVariable("BROKER_TEST_STORE"))
        {
            case "Sqlite":
                folder = Directory.CreateTempSubdirectory("broker-tests-");
                return [("Storage:Provider", "Sqlite"), ("ConnectionStrings:Broker", $"Data Source={Path.Combine(folder.FullName, "broker.db")}")];
            case "PostgreSql":
                var server = await PostgresServer.SharedAsync();
                return [("Storage:Provider", "PostgreSql"), ("ConnectionStrings:Broker", await server.CreateDatabaseAsync())];
            default:
                return [("Storage:Provider", "Memory")];
        }
    }

    /// <summary>Adds to what the host is made of.</summary>
    protected virtual void AddServices(IServiceCollection services)
    {
    }

    private sealed class Application : WebApplicationFactory<Program>
    {
        private readonly (string Key, string Value)[] settings;
        private readonly TimeProvider? time;
        private readonly Action<IServiceCollection> addServices;

        public Application((string Key, string Value)[] settings, TimeProvider? time, Action<IServiceCollection> addServices)
        {
            this.settings = settings;
            this.time = time;
            this.addServices = addServices;
            UseKestrel();
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseSetting("Mqtt:Listeners:0:Url", "mqtt://127.0.0.1:0");
            builder.UseSetting("Kestrel:Endpoints:Http:Url", "http://127.0.0.1:0");
            builder.UseSetting("Logging:LogLevel:Default", "Warning");
            foreach (var (key, value) in settings) builder.UseSetting(key, value);
            builder.ConfigureTestServices(addServices);
            if (time is not null) builder.ConfigureTestServices(services => services.Replace(ServiceDescriptor.Singleton(time)));
        }
    }
}

/// <summary>A broker whose clock stands still until a test advances it.</summary>
public class BrokerHostWithManualTime : BrokerHost
{
    /// <summary>A broker with the defaults of a first start.</summary>
    public BrokerHostWithManualTime() : this([])
    {
    }

    /// <summary>A broker with these settings.</summary>
    protected BrokerHostWithManualTime(params (string Key, string Value)[] settings) : base(settings) => Time = Clock;

    /// <summary>The clock.</summary>
    public ManualTime Clock { get; } = new();
}

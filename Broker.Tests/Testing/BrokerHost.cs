using System.Net;
using System.Net.Sockets;
using Broker.Core;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Broker.Tests.Testing;

/// <summary>Where a broker listens on this machine.</summary>
public readonly record struct BrokerAddress(int MqttPort, int HttpPort);

/// <summary>
/// The real host in this process, on real sockets: one a test class, started before its first test. <c>BROKER_ADDRESS=mqttport,httpport</c> in the environment
/// runs the tests against a broker that runs already, to compare.
/// </summary>
public class BrokerHost : IAsyncLifetime
{
    private const int Attempts = 5;
    private readonly (string Key, string Value)[] settings;
    private Application? application;

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

    /// <summary>The host's services.</summary>
    public IServiceProvider Services => application!.Services;

    /// <inheritdoc/>
    public Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("BROKER_ADDRESS") is { } given)
        {
            int[] ports = [.. given.Split(',').Select(int.Parse)];
            Address = new BrokerAddress(ports[0], ports[1]);
            return Task.CompletedTask;
        }
        for (int attempt = 1; ; attempt++)
        {
            Address = new BrokerAddress(FreePort(), FreePort());
            application = new Application(Address, settings, Time);
            try
            {
                application.StartServer();
                return Task.CompletedTask;
            }
            catch (Exception) when (attempt < Attempts)
            {
                application.Dispose(); // somebody else may have taken a port
            }
        }
    }

    /// <summary>How many clients the broker counts as connected.</summary>
    public int ClientsConnected => (int)Services.GetRequiredService<MqttBroker>().ReadStatistics().ClientsConnected;

    /// <summary>Comes back when the broker counts that many clients: the end of a connection is told by no packet.</summary>
    public async Task WaitForClientsAsync(int count)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (ClientsConnected != count)
        {
            if (deadline.IsCancellationRequested) throw new ScriptException($"the broker counts {ClientsConnected} clients, not {count}");
            await Task.Delay(TimeSpan.FromMilliseconds(2), CancellationToken.None);
        }
    }

    /// <summary>Stops the host as SIGTERM does.</summary>
    public async Task StopAsync()
    {
        if (application is null) return;
        foreach (var service in application.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().Reverse()) await service.StopAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (application is not null) await application.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private sealed class Application : WebApplicationFactory<Program>
    {
        private readonly BrokerAddress address;
        private readonly (string Key, string Value)[] settings;
        private readonly TimeProvider? time;

        public Application(BrokerAddress address, (string Key, string Value)[] settings, TimeProvider? time)
        {
            this.address = address;
            this.settings = settings;
            this.time = time;
            UseKestrel();
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseSetting("Mqtt:Listeners:0:Url", $"mqtt://127.0.0.1:{address.MqttPort}");
            builder.UseSetting("Kestrel:Endpoints:Http:Url", $"http://127.0.0.1:{address.HttpPort}");
            builder.UseSetting("Logging:LogLevel:Default", "Warning");
            foreach (var (key, value) in settings) builder.UseSetting(key, value);
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

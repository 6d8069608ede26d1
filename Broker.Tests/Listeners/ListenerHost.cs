using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using Broker.Core;
using Broker.Core.Connections;
using Broker.Web.Configuration;
using Broker.Web.Files;
using Broker.Web.Listeners;
using Broker.Web.Listeners.Tcp;
using Broker.Web.Listeners.Tls;
using Broker.Web.Operations.Status;
using Broker.Web.Persistence;
using Broker.Web.Security.Users;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Listeners;

/// <summary>The real listeners in this process, with something simple in the broker's place.</summary>
internal sealed class ListenerHost : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly BoundListeners bound;

    private ListenerHost(WebApplication app, BoundListeners bound, Log log) => (this.app, this.bound, Messages) = (app, bound, log.Messages);

    public ConcurrentQueue<string> Messages { get; }

    public Uri Http => new(bound.Http[0]);

    public string Listener => bound.Mqtt[0];

    public IPEndPoint Mqtt => bound.EndPoints[0];

    public IReadOnlyList<IPEndPoint> EveryMqtt => bound.EndPoints;

    /// <summary>Where the broker listens, as pages and the API show it.</summary>
    public IReadOnlyList<ListenerView> Views => new ListenerQueries(bound, app.Services.GetRequiredService<HostSettings>(), NoUsers, TimeProvider.System).List();

    // Nobody has looked into a store.
    private static Admissions NoUsers => new(new UserLookup(null!), new RevisionWatch(null!, TimeProvider.System, NullLogger<RevisionWatch>.Instance), new BrokerOptions());

    /// <summary>How many handshakes were refused for this reason.</summary>
    public long Refused(HandshakeRefusal reason) => app.Services.GetRequiredService<HostSettings>().Tls.Sum(endpoint => endpoint.Refusals.Of(reason));

    /// <summary>Looks at the files of TLS now.</summary>
    public void LookAtFiles() => app.Services.GetRequiredService<IFileReader>().Look();

    public static async Task<ListenerHost> StartAsync(Func<ClientTransport, Task> serve, params string[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = "Production" });
        var keys = settings.Select(setting => setting.Split('=', 2)).ToDictionary(pair => pair[0], pair => (string?)pair[1]);
        keys.TryAdd("Mqtt:Listeners:0:Url", "mqtt://127.0.0.1:0");
        if (!keys.Keys.Any(key => key.StartsWith("Kestrel:", StringComparison.Ordinal))) keys["Kestrel:Endpoints:Http:Url"] = "http://127.0.0.1:0";
        builder.Configuration.AddInMemoryCollection(keys);
        var log = new Log();
        builder.Logging.ClearProviders().AddProvider(log);
        var read = builder.AddSettings();
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(read.Broker);
        var others = builder.Services.ToHashSet();
        builder.AddListeners(read);
        foreach (var service in builder.Services.Where(service => service.ServiceType == typeof(IHostedService) && !others.Contains(service)).ToList())
            builder.Services.Remove(service); // Files are looked at when a test says so.
        builder.Services.AddSingleton<ServeClient>(transport => serve(transport));
        var app = builder.Build();
        app.MapMqttOverWebSocket();
        await app.StartAsync();
        var bound = app.Services.GetRequiredService<BoundListeners>();
        bound.ReadHttp(app.Services.GetRequiredService<IServer>());
        return new ListenerHost(app, bound, log);
    }

    /// <summary>Sends back what it gets, until the client is done.</summary>
    public static async Task EchoAsync(ClientTransport transport)
    {
        try
        {
            while (true)
            {
                var read = await transport.Pipe.Input.ReadAsync();
                foreach (var piece in read.Buffer) transport.Pipe.Output.Write(piece.Span);
                transport.Pipe.Input.AdvanceTo(read.Buffer.End);
                await transport.Pipe.Output.FlushAsync();
                if (read.IsCompleted) break;
            }
            await transport.HalfCloseAsync();
        }
        catch (IOException)
        {
            // The client went away.
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private sealed class Log : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Messages { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) Messages.Enqueue(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}

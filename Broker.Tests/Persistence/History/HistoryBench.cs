using Broker.Core;
using Broker.Core.Access;
using Broker.Core.Storage;
using Broker.Tests.Connections;
using Broker.Tests.Testing;
using Broker.Web.Persistence.History;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Persistence.History;

/// <summary>A broker without listeners whose history is written when the test says so, by a clock that the test moves.</summary>
internal sealed class HistoryBench : IAsyncDisposable
{
    private readonly HistoryStore store;

    public HistoryBench(HistoryStore store, HistoryOptions? options = null)
    {
        this.store = store;
        Buffer = new HistoryBuffer(Time);
        Broker = new MqttBroker(new BrokerOptions { Sys = { Interval = TimeSpan.Zero } }, new InMemoryStore(), new AnonymousAuthenticator(), new AccessControl(), Time, Log, Buffer);
        Recorder = new HistoryRecorder(Broker, Buffer, store, options ?? new(), Time, new Logger<HistoryRecorder>(Log));
        Broker.StartAsync(CancellationToken.None).GetAwaiter().GetResult(); // its store makes nobody wait
    }

    public ManualTime Time { get; } = new();

    public ErrorLog Log { get; } = new();

    public HistoryBuffer Buffer { get; }

    public MqttBroker Broker { get; }

    public HistoryRecorder Recorder { get; }

    public DateTime Now => Time.GetUtcNow().UtcDateTime;

    /// <summary>Opens a connection; nothing is sent yet.</summary>
    public PipeClient Open() => new(Broker, transport: new PipeTransport { Listener = "memory", Anonymous = AnonymousAccess.Always });

    /// <summary>Writes what has its turn.</summary>
    public Task WriteAsync() => Recorder.WriteAsync(CancellationToken.None);

    /// <summary>Writes until nothing waits.</summary>
    public async Task WriteAllAsync()
    {
        do await WriteAsync();
        while (Buffer.Count is not (0, 0));
    }

    public async ValueTask DisposeAsync()
    {
        Recorder.Dispose();
        Broker.Dispose();
        await store.DisposeAsync();
    }
}

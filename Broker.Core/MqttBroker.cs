using System.Collections.Concurrent;
using System.Reflection;
using Broker.Core.Access;
using Broker.Core.Connections;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Routing;
using Broker.Core.Sessions;
using Broker.Core.Storage;
using Broker.Core.Topics;
using Microsoft.Extensions.Logging;

namespace Broker.Core;

/// <summary>The broker's front door: a host gives it clients' byte streams and asks it what goes on.</summary>
public sealed partial class MqttBroker : IDisposable
{
    private static readonly TimeSpan RetainedSweep = TimeSpan.FromSeconds(10);

    private readonly AccessControl access;
    private readonly TimeProvider time;
    private readonly IBrokerStore store;
    private readonly long started;
    private readonly BrokerCounters counters = new();
    private readonly TopicTree<Session> subscriptions = new();
    private readonly RetainedMessages retained;
    private readonly Journal journal;
    private readonly StoreReader reader;
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SessionRegistry sessions;
    private readonly MessageRouter router;
    private readonly EventTail eventTail;
    private readonly SystemTopics systemTopics;
    private readonly ConnectionServices services;
    private readonly SemaphoreSlim pending;
    private readonly Action<ClientConnection> gone;
    private readonly ITimer sweep;
    private readonly ConcurrentDictionary<ClientConnection, byte> connections = new();
    private readonly TaskCompletionSource empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool serving, stopping;
    private volatile string waitsFor = "starting";

    /// <summary>Puts a broker together; it serves once it was started.</summary>
    public MqttBroker(
        BrokerOptions options, IBrokerStore store, IAuthenticator authenticator, AccessControl access, TimeProvider time, ILoggerFactory logs, IClientEvents? events = null)
    {
        Options = options;
        this.access = access;
        this.time = time;
        this.store = store;
        started = time.GetTimestamp();
        eventTail = new EventTail(events ?? NoClientEvents.Instance, time);
        Meters = new BrokerMeters(counters, ReadStatistics, time);
        journal = new Journal(store, options.Storage.PendingBytes, logs.CreateLogger<Journal>());
        journal.Times.Taken = took => Meters.CommitTime.Record(took.TotalSeconds);
        retained = new RetainedMessages(options.Limits.RetainedMessages, store.IsDurable ? options.Storage.RetainedCacheBytes : long.MaxValue);
        reader = new StoreReader(store, time, logs.CreateLogger<StoreReader>());
        sessions = new SessionRegistry(new SessionServices(subscriptions, journal, reader, options.Limits, counters, time) { Access = access, Events = eventTail });
        router = new MessageRouter(subscriptions, retained, journal, counters, options.Limits, time);
        sessions.PublishWill = router.PublishWill;
        systemTopics = new SystemTopics(options.Sys.Interval, "Broker version " + Version, ReadStatistics, router, time);
        Memory = new HeldMemory(() => connections.Select(one => one.Key), options.Limits, time);
        services = new ConnectionServices(
            sessions, router, retained, systemTopics, authenticator, access, journal, counters, options.Limits, options.Redirect, time, ready.Task,
            logs.CreateLogger<ClientConnection>())
        { Memory = Memory, Events = eventTail, RefusedPublish = options.Access.RefusedPublish, AcknowledgedAfter = waited => Meters.PubAckTime.Record(waited.TotalSeconds) };
        pending = new SemaphoreSlim(options.Limits.PendingConnections);
        gone = Forget;
        sweep = time.CreateTimer(_ => ExpireRetained(), null, RetainedSweep, RetainedSweep);
    }

    /// <summary>The version of the broker.</summary>
    public static string Version { get; } = typeof(MqttBroker).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The options that the broker runs with.</summary>
    public BrokerOptions Options { get; }

    private ReasonCode StopReason => Options.Redirect.IsOn ? Options.Redirect.Reason : ReasonCode.ServerShuttingDown;

    /// <summary>Whether the broker serves, and if not, why, in words for an operator.</summary>
    public (bool IsReady, string Reason) Readiness =>
        stopping ? (false, "shutting down")
        : !serving ? (false, waitsFor)
        : journal.Trouble is { } trouble ? (false, $"the store is away: {trouble}")
        : Policy.Trouble is { } unreadable ? (false, $"the rules of access cannot be read, and everything is denied: {unreadable}")
        : (true, "ready");

    /// <summary>The clients that are connected. Reading goes on while clients come and go: one that is there all the time is met once.</summary>
    public IEnumerable<ConnectedClient> Clients
    {
        get
        {
            foreach (var (connection, _) in connections)
                if (connection.Client is { } client) yield return client;
        }
    }

    /// <summary>What is held in memory for all clients.</summary>
    public HeldMemory Memory { get; }

    /// <summary>The broker's meters.</summary>
    public BrokerMeters Meters { get; }

    /// <summary>Ends when the broker serves.</summary>
    public Task Ready => ready.Task;

    /// <summary>Ends when the broker serves, or has to wait for its store.</summary>
    public Task ReadyOrWaiting => waiting.Task;

    /// <summary>Called when another process has become the owner of the store: what this one knows is out of date, and it must end.</summary>
    public Action<string> Lost
    {
        get => journal.Lost;
        set => journal.Lost = value;
    }

    /// <summary>Reads the rules of access once the store is open, before the first client is let in; never throws. Null keeps those that hold.</summary>
    public Func<CancellationToken, Task<AccessPolicy>>? ReadAccess { get; set; }

    /// <summary>Becomes the owner of the store, recovers what is there and begins to serve; as a standby it waits until it can.</summary>
    /// <exception cref="StoreRefusedException">The store can never be used as it is.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var state = await store.OpenAsync(Wait, cancellation).ConfigureAwait(false);
        if (ReadAccess is not null) access.Policy = await ReadAccess(cancellation).ConfigureAwait(false);
        foreach (var (number, message, payloadLength) in state.Retained) retained.Restore(number, message, payloadLength);
        Failpoints.Reached(Failpoint.Recovery);
        journal.Start(state.LastMessage);
        ExpireRetained();
        await sessions.RestoreAsync(state).ConfigureAwait(false);
        sessions.HoldToRules(); // they may have changed while nobody was here
        await journal.FlushAsync().ConfigureAwait(false);
        serving = true;
        waiting.TrySetResult();
        ready.TrySetResult();
    }

    /// <summary>Disconnects every client with reason 0x8B (Server shutting down), or tells it where to go, and ends when all are gone or <paramref name="cancellation"/> fires.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        stopping = true;
        foreach (var connection in connections.Keys) connection.Disconnect(StopReason, "the server is shutting down");
        TellIfEmpty();
        await empty.Task.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Serves one client until its connection has ended. Never throws: what goes wrong ends that client's connection and is logged.</summary>
    public Task ServeAsync(ClientTransport transport)
    {
        var connection = new ClientConnection(services, transport);
        connections[connection] = 0;
        if (stopping) connection.Disconnect(StopReason, "the server is shutting down");
        return connection.RunAsync(pending, gone);
    }

    private void Forget(ClientConnection connection)
    {
        connections.TryRemove(connection, out _);
        if (stopping) TellIfEmpty();
    }

    private void TellIfEmpty()
    {
        if (connections.IsEmpty) empty.TrySetResult();
    }

    /// <summary>What the broker has counted up to now.</summary>
    public BrokerStatistics ReadStatistics()
    {
        var traffic = counters.Total();
        long queued = 0, inflight = 0;
        foreach (var session in sessions.All)
        {
            var messages = session.Messages;
            queued += messages.Queued;
            inflight += messages.InFlight;
        }
        return new BrokerStatistics
        {
            At = time.GetUtcNow(),
            Uptime = time.GetElapsedTime(started),
            ClientsConnected = counters.ClientsConnected,
            ClientsMaximum = counters.ClientsMaximum,
            Sessions = sessions.Count,
            Subscriptions = subscriptions.Count,
            RetainedMessages = retained.Count,
            PacketsReceived = traffic.PacketsReceived,
            PacketsSent = traffic.PacketsSent,
            PublishReceived = traffic.PublishReceived,
            PublishSent = traffic.PublishSent,
            PublishDropped = counters.DroppedInAll,
            BytesReceived = traffic.BytesReceived,
            BytesSent = traffic.BytesSent,
            PublishBytesReceived = traffic.PublishBytesReceived,
            PublishBytesSent = traffic.PublishBytesSent,
            QueuedMessages = queued,
            InflightMessages = inflight,
            SocketsOpened = counters.SocketsOpened,
            ConnectionsAccepted = counters.ConnectionsAccepted,
            TakeOvers = counters.TakeOvers,
            CommitP99 = journal.Times.Percentile(0.99),
            SessionsExpired = counters.SessionsExpired,
            AuthenticationFailures = counters.AuthenticationFailures,
            AccessDenied = counters.AccessDenied,
            Dropped = [.. Enum.GetValues<DropReason>().Select(reason => (reason.ToString().ToLowerInvariant(), counters.Dropped(reason)))],
        };
    }

    /// <summary>Every value below <c>$SYS</c> that is a number, under its topic name, at this moment.</summary>
    public IReadOnlyList<(string Topic, double Value)> ReadSystemTopics() => systemTopics.Figures();

    private void Wait(string reason)
    {
        waitsFor = reason;
        waiting.TrySetResult();
    }

    private void ExpireRetained()
    {
        foreach (long number in retained.Expire(time.GetUtcNow().ToUnixTimeMilliseconds())) journal.Append(new RetainedCleared(number));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        sweep.Dispose();
        Memory.Dispose();
        systemTopics.Dispose();
        sessions.Dispose();
        reader.Dispose();
        journal.Dispose();
        Meters.Dispose();
        pending.Dispose();
    }
}

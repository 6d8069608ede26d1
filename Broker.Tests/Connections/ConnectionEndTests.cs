using System.IO.Pipelines;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Tests.RealClients;
using Broker.Tests.Sessions;
using Broker.Tests.Testing;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Connections;

/// <summary>However a connection ends, its session is let go and nobody else is harmed.</summary>
public sealed class ConnectionEndTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_subscriber_whose_pipe_fails_does_not_end_the_connection_of_the_publisher(bool onWrite)
    {
        using var bench = new BrokerBench(durable: false);
        var (pipe, subscriber) = Scripted(bench, "subscriber");
        subscriber.Subscribe(1, ("a", 1));
        var publisher = await bench.ConnectAsync("publisher");
        if (onWrite) pipe.FailsToWrite = new IOException("reset");
        else pipe.FailsToFlush = new IOException("reset");
        publisher.Publish("a", "1", qos: 1, identifier: 1).Publish("a", "2", qos: 1, identifier: 2);
        await publisher.ExpectAsync<PubAck>();
        await publisher.ExpectAsync<PubAck>();
        await publisher.PingAsync();
        await subscriber.LeaveAsync();
        bench.Broker.ReadStatistics().ClientsConnected.ShouldBe(1);
    }

    [Fact]
    public async Task A_connection_that_is_ended_just_before_it_waits_for_room_does_not_wait()
    {
        using var bench = new BrokerBench(durable: false, limits: new Limits { OutboxBytes = 100 });
        var (pipe, client) = Scripted(bench, "client");
        pipe.IsSlow = true;
        Task? stopping = null;
        pipe.OnFlush = () =>
        {
            pipe.OnFlush = null;
            stopping = bench.Broker.StopAsync(CancellationToken.None);
        };
        client.Send(Enumerable.Repeat(default(PingReq), 60).ToArray()); // the answers fill the outbox
        (stopping is not null).ShouldBeTrue();
        bench.Broker.ReadStatistics().ClientsConnected.ShouldBe(0);
        while (pipe.IsFlushing) pipe.EndFlush();
        await client.LeaveAsync();
        await stopping!;
    }

    [Fact]
    public async Task Disconnect_is_the_last_packet_while_others_publish_to_the_client()
    {
        using var bench = new BrokerBench(durable: false);
        var (pipe, client) = Scripted(bench, "client");
        client.Subscribe(1, ("a", 0));
        var publisher = await bench.ConnectAsync("publisher");
        pipe.IsSlow = true;
        publisher.Publish("a", "1").Publish("a", "2");
        await publisher.PingAsync();
        client.Send(new Connect { ClientIdentifier = "client" }); // a second CONNECT
        publisher.Publish("a", "3");
        await publisher.PingAsync();
        while (pipe.IsFlushing) pipe.EndFlush();
        await client.LeaveAsync();
        pipe.Packets()[^1].ShouldStartWith("Disconnect(Reason=ProtocolError");
    }

    [Fact]
    public async Task A_session_is_let_go_even_if_telling_of_the_end_fails()
    {
        using var bench = new BrokerBench(durable: false, logs: new FailingLogs());
        for (int i = 0; i < 2; i++)
        {
            var client = await bench.ConnectAsync("client", expiry: 100, cleanStart: false);
            await client.LeaveAsync();
        }
        bench.Broker.ReadStatistics().ClientsConnected.ShouldBe(0);
    }

    [Fact]
    public async Task Where_the_carrier_needs_no_farewell_DISCONNECT_is_the_end_whatever_the_client_does_then()
    {
        var time = new ManualTime(); // stands still: waiting for the client to close would not end
        using var bench = new BrokerBench(durable: false, time: time);
        var pipe = new PipeTransport { Listener = "memory", Anonymous = AnonymousAccess.Always, Quiet = true };
        var client = new PipeClient(bench.Broker, transport: pipe);
        client.Connect("client");
        await client.ExpectAsync<ConnAck>();
        client.Send(default(PingReq)).Send(new Disconnect());
        await client.Served.WaitAsync(RunningProgram.Patience);
        await client.ExpectAsync<PingResp>();
    }

    private static (ScriptedWriter Pipe, PipeClient Client) Scripted(BrokerBench bench, string name)
    {
        var pipe = new ScriptedWriter();
        var client = new PipeClient(bench.Broker, transport: new PipeTransport(PipeScheduler.Inline, pipe) { Listener = "memory", Anonymous = AnonymousAccess.Always });
        client.Connect(name);
        pipe.Packets().ShouldHaveSingleItem().ShouldStartWith("ConnAck(");
        return (pipe, client);
    }

    private sealed class FailingLogs : ILoggerFactory, ILogger
    {
        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).Contains("disconnected by", StringComparison.Ordinal)) throw new IOException("the disk of the logs is full");
        }
    }
}

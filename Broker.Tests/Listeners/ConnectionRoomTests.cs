using System.Net;
using System.Net.Sockets;
using Broker.Core.Protocol;
using Broker.Tests.RealClients;
using Broker.Tests.Testing;
using Broker.Web.Listeners;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Listeners;

/// <summary>More connections than the system lets the process have: they are turned away, and nothing dies.</summary>
public sealed class ConnectionRoomTests
{
    private const int OpenFiles = 900;

    [Fact]
    public void Some_files_are_kept_for_the_process_itself()
    {
        Room(1_048_576).Most.ShouldBe(1_048_576 - 512);
        Room(1_024).Most.ShouldBe(512);
        Room(100).Most.ShouldBe(50);
    }

    [Fact]
    public void A_place_that_was_given_back_is_taken_again()
    {
        var time = new ManualTime();
        var room = new ConnectionRoom(4, time, NullLogger<ConnectionRoom>.Instance);
        (room.TryEnter(), room.TryEnter(), room.TryEnter()).ShouldBe((true, true, false));
        room.TurnedAway.ShouldBe(1);
        room.WasFull(TimeSpan.FromMinutes(10)).ShouldBeTrue();
        room.Leave();
        room.TryEnter().ShouldBeTrue();
        time.Advance(TimeSpan.FromMinutes(10));
        room.WasFull(TimeSpan.FromMinutes(10)).ShouldBeFalse();
    }

    [Fact]
    public async Task Who_finds_no_room_is_closed_and_the_others_are_served()
    {
        var host = new BrokerProcess { OpenFiles = OpenFiles };
        await host.StartAsync("--Mqtt:Limits:ConnectTimeout=00:05:00");
        var crowd = new List<Socket>();
        try
        {
            using var client = await GreetAsync(host, "early");
            int before = host.Descriptors;
            // Both kinds of ports draw on the same files.
            while (crowd.Count < OpenFiles) crowd.Add(await ConnectAsync(crowd.Count % 4 == 0 ? host.HttpPort : host.Port));
            await host.LineAsync(line => line.Contains("Connections are turned away"));
            await client.FenceAsync();
            crowd.ForEach(socket => socket.Dispose());
            using var deadline = new CancellationTokenSource(RunningProgram.Patience);
            for (; host.Descriptors > before + 50; await Task.Yield()) // some of the runtime's own come later
                deadline.IsCancellationRequested.ShouldBeFalse($"{host.Descriptors} descriptors are open, and {before} were");
            using var late = await GreetAsync(host, "late");
            await client.FenceAsync();
        }
        finally
        {
            crowd.ForEach(socket => socket.Dispose());
            await host.DisposeAsync();
        }
    }

    private static async Task<ScriptedClient> GreetAsync(BrokerProcess host, string name)
    {
        var client = await ScriptedClient.OpenAsync(new(host.Port, host.HttpPort), Transport.Tcp, ProtocolVersion.V5, name);
        (await client.ConnectAsync(new Connect { ClientIdentifier = name })).Reason.ShouldBe(ReasonCode.Success);
        return client;
    }

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            // It was turned away before this side knew that it was accepted.
        }
        return socket;
    }

    private static ConnectionRoom Room(long files) => new(files, TimeProvider.System, NullLogger<ConnectionRoom>.Instance);
}

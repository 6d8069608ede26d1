using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Broker.Tests.RealClients;
using Broker.Web.Listeners.Sockets;

namespace Broker.Tests.Listeners;

/// <summary>What event loops owe to the connections that share them.</summary>
public sealed class EventLoopTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Work_that_is_posted_runs_on_the_loop_whoever_posts_it()
    {
        using var loop = new EventLoop(1);
        var first = new Item(_ => { });
        loop.Post(first);
        var thread = await first.Ran.Task.WaitAsync(Patience);
        var second = new Item(_ => { });
        loop.Post(new Item(_ => loop.Post(second)));
        (await second.Ran.Task.WaitAsync(Patience)).ShouldBe(thread);
        thread.ShouldNotBe(Environment.CurrentManagedThreadId);
    }

    [Fact]
    public async Task A_connection_that_always_has_something_to_read_lets_others_of_its_loop_read_too()
    {
        using var loop = new EventLoop(1);
        var (busy, floods) = await ConnectAsync(loop);
        var (quiet, speaks) = await ConnectAsync(loop);
        using var done = new CancellationTokenSource();
        var flooding = Task.Run(async () =>
        {
            var bytes = new byte[256 * 1024];
            while (!done.IsCancellationRequested) await floods.SendAsync(bytes);
        });
        var reading = Task.Run(async () =>
        {
            ReadResult read;
            while (!(read = await busy.ReadAsync().ConfigureAwait(false)).IsCompleted) busy.AdvanceTo(read.Buffer.End);
        });

        for (int round = 0; round < 50; round++)
        {
            await speaks.SendAsync(new byte[] { (byte)round });
            var read = await quiet.ReadAsync().AsTask().WaitAsync(Patience);
            read.Buffer.FirstSpan[0].ShouldBe((byte)round);
            quiet.AdvanceTo(read.Buffer.End);
        }
        await done.CancelAsync();
        await flooding.WaitAsync(Patience);
        floods.Dispose();
        await reading.WaitAsync(Patience);
        speaks.Dispose();
    }

    [Fact]
    public async Task Little_that_is_flushed_in_a_round_leaves_at_its_end_with_what_came_after_it()
    {
        using var loop = new EventLoop(1);
        var (writer, far) = await ConnectWriterAsync(loop);
        int early = -1;
        await InRoundAsync(loop, () =>
        {
            Flush(writer, "one, ").ShouldBeTrue();
            Flush(writer, "two").ShouldBeTrue();
            early = far.Available;
        });
        (await TakeAsync(far, 8)).ShouldBe("one, two");
        early.ShouldBe(0);
        await writer.WriteAsync(", three"u8.ToArray()).AsTask().WaitAsync(Patience); // by another thread: it has been sent when the flush has ended
        far.Available.ShouldBe(7);
        far.Dispose();
    }

    [Fact]
    public async Task Much_that_is_flushed_in_a_round_leaves_at_once_behind_the_little_before_it()
    {
        using var loop = new EventLoop(1);
        var (writer, far) = await ConnectWriterAsync(loop);
        int early = -1;
        await InRoundAsync(loop, () =>
        {
            Flush(writer, "first").ShouldBeTrue();
            Flush(writer, new string('x', 8_192)).ShouldBeTrue();
            early = far.Available;
        });
        early.ShouldBe(5 + 8_192);
        (await TakeAsync(far, 6)).ShouldBe("firstx");
        far.Dispose();
    }

    [Fact]
    public async Task What_was_flushed_in_a_round_leaves_when_another_thread_flushes_or_ends_the_stream()
    {
        using var loop = new EventLoop(1);
        var (writer, far) = await ConnectWriterAsync(loop);
        bool flushed = false;
        await InRoundAsync(loop, () =>
        {
            Flush(writer, "in the round").ShouldBeTrue();
            Task.Run(() => flushed = Flush(writer, " and beside it")).Wait(Patience).ShouldBeTrue();
            Flush(writer, ", last").ShouldBeTrue();
            writer.Finish();
        });
        flushed.ShouldBeTrue();
        (await TakeAsync(far, 33)).ShouldBe("in the round and beside it, last");
        far.Dispose();
    }

    [Theory]
    [InlineData("1")]
    [InlineData("3")]
    [InlineData("0")]
    public async Task Connections_that_come_and_go_in_thousands_leave_no_descriptor_behind(string loops)
    {
        var host = new BrokerProcess();
        await host.StartAsync($"--Mqtt:Transport:EventLoops={loops}");
        try
        {
            await CrowdAsync(host);
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("1", false)]
    [InlineData("1", true)]
    [InlineData("0", false)]
    [InlineData("0", true)]
    public async Task What_a_client_asked_for_last_is_answered_before_its_connection_ends(string loops, bool saysGoodbye)
    {
        await using var host = new BrokerProcess();
        await host.StartAsync("--Storage:Provider=Memory", $"--Mqtt:Transport:EventLoops={loops}");
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async number =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, host.Port);
            byte[] goodbye = saysGoodbye ? [0xE0, 0] : [];
            await socket.SendAsync((byte[])[.. Connect($"{number}"), 0xC0, 0, 0x32, 5, 0, 1, (byte)'t', 0, 7, .. goodbye]); // PINGREQ, PUBLISH of QoS 1
            if (!saysGoodbye) socket.Shutdown(SocketShutdown.Send);
            return Convert.ToHexString(await TakeBytesAsync(socket, 100));
        }));
        answers.ShouldAllBe(answer => answer == "20020000" + "D000" + "40020007");
    }

    private static async Task CrowdAsync(BrokerProcess host)
    {
        int before = host.Descriptors;
        for (int round = 0; round < 4; round++)
        {
            var sockets = await Task.WhenAll(Enumerable.Range(0, 500).Select(number => GreetAsync(host.Port, $"{round} {number}")));
            for (int i = 0; i < sockets.Length; i++)
            {
                if (i % 3 == 0) sockets[i].LingerState = new LingerOption(true, 0);
                if (i % 3 == 1) await sockets[i].SendAsync(new byte[] { 0xE0, 0 });
                sockets[i].Dispose();
            }
        }
        using var deadline = new CancellationTokenSource(Patience);
        while (host.Descriptors > before + 10) // some of the runtime's own come later
        {
            deadline.IsCancellationRequested.ShouldBeFalse($"{host.Descriptors} descriptors are open, and {before} were");
            await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
        }
    }

    private static async Task<Socket> GreetAsync(int port, string clientIdentifier)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await socket.SendAsync(Connect(clientIdentifier));
        (await TakeBytesAsync(socket, 4)).ShouldBe(new byte[] { 0x20, 2, 0, 0 });
        return socket;
    }

    private static byte[] Connect(string clientIdentifier)
    {
        byte[] identifier = Encoding.ASCII.GetBytes(clientIdentifier);
        return [0x10, (byte)(12 + identifier.Length), 0, 4, .. "MQTT"u8, 4, 2, 0, 0, 0, (byte)identifier.Length, .. identifier];
    }

    private static async Task InRoundAsync(EventLoop loop, Action work)
    {
        var round = new Item(_ => work());
        loop.Post(round);
        await round.Ran.Task.WaitAsync(Patience);
    }

    private static bool Flush(LoopWriter writer, string text) => writer.WriteAsync(Encoding.ASCII.GetBytes(text)).IsCompletedSuccessfully;

    private static async Task<string> TakeAsync(Socket from, int most) => Encoding.ASCII.GetString(await TakeBytesAsync(from, most));

    // Up to the end, or as many as are wanted.
    private static async Task<byte[]> TakeBytesAsync(Socket from, int most)
    {
        var bytes = new byte[most];
        int got = 0;
        for (int count; got < most && (count = await from.ReceiveAsync(bytes.AsMemory(got)).AsTask().WaitAsync(Patience)) > 0;) got += count;
        return bytes[..got];
    }

    private static async Task<(LoopReader Reader, Socket Peer)> ConnectAsync(EventLoop loop)
    {
        var (near, far) = await PairAsync();
        var reader = new LoopReader(near, loop);
        loop.Watch(near, reader, new LoopWriter(near, loop));
        return (reader, far);
    }

    private static async Task<(LoopWriter Writer, Socket Peer)> ConnectWriterAsync(EventLoop loop)
    {
        var (near, far) = await PairAsync();
        var writer = new LoopWriter(near, loop);
        loop.Watch(near, new LoopReader(near, loop), writer);
        return (writer, far);
    }

    private static async Task<(Socket Near, Socket Far)> PairAsync()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await far.ConnectAsync(listener.LocalEndPoint!);
        var near = await listener.AcceptAsync();
        near.Blocking = false;
        return (near, far);
    }

    private sealed class Item(Action<int> work) : IThreadPoolWorkItem
    {
        public TaskCompletionSource<int> Ran { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Execute()
        {
            try
            {
                work(Environment.CurrentManagedThreadId);
                Ran.SetResult(Environment.CurrentManagedThreadId);
            }
            catch (Exception failure)
            {
                Ran.SetException(failure); // the test's, not the loop's
            }
        }
    }
}

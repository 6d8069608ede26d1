using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Broker.Web.Listeners;
using Broker.Web.Listeners.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Broker.Tests.Listeners;

/// <summary>The reader and the writer of the MQTT transport on a real socket that the thread pool waits for.</summary>
public sealed class ThreadPoolPipeTests : SocketPipeTests
{
    private protected override (SocketReader Reader, BatchWriter Writer) Open(Socket socket) => (new SocketReader(socket), new SocketWriter(socket));
}

/// <summary>The same on one that an event loop waits for.</summary>
public sealed class EventLoopPipeTests : SocketPipeTests
{
    private readonly EventLoop loop = new(1);

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        loop.Dispose();
    }

    private protected override (SocketReader Reader, BatchWriter Writer) Open(Socket socket)
    {
        var (reader, writer) = (new LoopReader(socket, loop), new LoopWriter(socket, loop));
        loop.Watch(socket, reader, writer);
        return (reader, writer);
    }
}

/// <summary>What every reader and writer of a socket does.</summary>
public abstract class SocketPipeTests : IAsyncLifetime
{
    private Socket near = null!, far = null!;
    private SocketReader reader = null!;
    private BatchWriter writer = null!;

    public async Task InitializeAsync()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await far.ConnectAsync(listener.LocalEndPoint!);
        near = await listener.AcceptAsync();
        near.Blocking = false;
        (reader, writer) = Open(near);
    }

    public virtual Task DisposeAsync()
    {
        near.Dispose();
        far.Dispose();
        return Task.CompletedTask;
    }

    private protected abstract (SocketReader Reader, BatchWriter Writer) Open(Socket socket);

    [Fact]
    public async Task Bytes_that_were_not_examined_are_given_again_at_once()
    {
        await Send("peek");
        var read = await reader.ReadAsync();
        reader.AdvanceTo(read.Buffer.Start, read.Buffer.Start);
        reader.TryRead(out read).ShouldBeTrue();
        Text(read).ShouldBe("peek");
        reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        reader.TryRead(out _).ShouldBeFalse();
        var pending = reader.ReadAsync();
        pending.IsCompleted.ShouldBeFalse();
        await Send("aboo");
        Text(await pending).ShouldBe("peekaboo");
    }

    [Fact]
    public async Task A_packet_larger_than_a_block_is_contiguous()
    {
        var packet = new byte[300_000];
        new Random(1).NextBytes(packet);
        var sending = far.SendAsync(packet);
        ReadResult read;
        while ((read = await reader.ReadAsync()).Buffer.Length < packet.Length) reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        read.Buffer.IsSingleSegment.ShouldBeTrue();
        read.Buffer.ToArray().ShouldBe(packet);
        await sending;
    }

    [Fact]
    public async Task A_stream_taken_in_odd_steps_arrives_unaltered()
    {
        var random = new Random(7);
        var all = new byte[2_000_000];
        random.NextBytes(all);
        var sending = Task.Run(async () =>
        {
            for (var at = 0; at < all.Length;)
            {
                var count = Math.Min(random.Next(1, 40_000), all.Length - at);
                at += await far.SendAsync(all.AsMemory(at, count));
            }
            far.Shutdown(SocketShutdown.Send);
        });
        var got = new List<byte>();
        var steps = new Random(8);
        while (true)
        {
            var read = await reader.ReadAsync();
            var step = read.IsCompleted ? read.Buffer.Length : steps.NextInt64(read.Buffer.Length + 1);
            var rest = read.Buffer.Slice(step);
            got.AddRange(read.Buffer.Slice(0, step).ToArray());
            reader.AdvanceTo(rest.Start, steps.Next(2) == 0 ? rest.End : rest.Start);
            if (read.IsCompleted) break;
        }
        await sending;
        got.ToArray().ShouldBe(all);
    }

    [Fact]
    public async Task Cancelling_wakes_the_read_and_what_comes_later_is_read_by_the_next_one()
    {
        var pending = reader.ReadAsync();
        reader.CancelPendingRead();
        var read = await pending;
        read.IsCanceled.ShouldBeTrue();
        reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        await Send("after");
        Text(await reader.ReadAsync()).ShouldBe("after");
    }

    [Fact]
    public async Task Cancelling_before_a_read_wakes_that_read()
    {
        await Send("held");
        var read = await reader.ReadAsync();
        reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        reader.CancelPendingRead();
        read = await reader.ReadAsync();
        (read.IsCanceled, Text(read)).ShouldBe((true, "held"));
        reader.AdvanceTo(read.Buffer.End);
        await Send("next");
        Text(await reader.ReadAsync()).ShouldBe("next");
    }

    [Fact]
    public async Task A_token_abandons_the_read_and_no_byte()
    {
        using var source = new CancellationTokenSource();
        var pending = reader.ReadAsync(source.Token);
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () => await pending);
        await Send("still here");
        Text(await reader.ReadAsync()).ShouldBe("still here");
    }

    [Fact]
    public async Task The_end_of_the_stream_comes_after_its_last_bytes()
    {
        await Send("bye");
        far.Shutdown(SocketShutdown.Send);
        var read = await reader.ReadAsync();
        Text(read).ShouldBe("bye");
        reader.AdvanceTo(read.Buffer.End);
        (await reader.ReadAsync()).IsCompleted.ShouldBeTrue();
        (await reader.ReadAsync()).IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_reset_is_told_apart_from_an_orderly_end()
    {
        var pending = reader.ReadAsync();
        far.LingerState = new LingerOption(true, 0);
        far.Close();
        await Should.ThrowAsync<ConnectionResetException>(async () => await pending);
    }

    [Fact]
    public async Task Ending_from_another_thread_ends_the_read()
    {
        var pending = reader.ReadAsync();
        await Task.Run(reader.End);
        (await pending).IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_half_close_follows_what_was_flushed_and_leaves_the_other_direction_open()
    {
        await Send("unread by the broker");
        await writer.WriteAsync(Encoding.ASCII.GetBytes("reason"));
        await writer.Finish();
        var buffer = new byte[100];
        var count = await far.ReceiveAsync(buffer);
        Encoding.ASCII.GetString(buffer, 0, count).ShouldBe("reason");
        (await far.ReceiveAsync(buffer)).ShouldBe(0);
        await Send(", and more");
        far.Shutdown(SocketShutdown.Send);
        ReadResult read;
        while (!(read = await reader.ReadAsync()).IsCompleted) reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        Text(read).ShouldBe("unread by the broker, and more");
    }

    [Fact]
    public async Task A_peer_that_does_not_read_makes_the_flush_wait_until_it_does()
    {
        var chunk = new byte[1 << 20];
        ValueTask<FlushResult> flush;
        var sent = 0L;
        do
        {
            sent += chunk.Length;
            flush = writer.WriteAsync(chunk);
        } while (flush.IsCompleted);
        "last"u8.CopyTo(writer.GetSpan(4));
        writer.Advance(4);
        var received = Task.Run(async () =>
        {
            var buffer = new byte[1 << 20];
            var total = 0L;
            for (int count; (count = await far.ReceiveAsync(buffer)) > 0;) total += count;
            return total;
        });
        (await flush).IsCompleted.ShouldBeFalse();
        await writer.FlushAsync();
        await writer.Finish();
        (await received).ShouldBe(sent + 4);
    }

    private async Task Send(string text) => await far.SendAsync(Encoding.ASCII.GetBytes(text));

    private static string Text(ReadResult read) => Encoding.ASCII.GetString(read.Buffer);
}

using System.Buffers;
using System.Text;
using Broker.Core.Connections;

namespace Broker.Tests.Listeners;

/// <summary>MQTT over WebSocket on HTTP/1.1 (RFC 6455; MQTT 5, chapter 6), with an echo where the broker is.</summary>
public sealed class WebSocketTests
{
    [Fact]
    public async Task Bytes_right_behind_the_handshake_are_not_lost()
    {
        await using var host = await ListenerHost.StartAsync(ListenerHost.EchoAsync);
        using var client = await RawWebSocket.ConnectAsync(host, RawWebSocket.Frame(2, "eager"u8));
        (await client.ReadBinaryAsync(5)).ShouldBe("eager");
    }

    [Fact]
    public async Task One_byte_a_frame_one_byte_a_send_and_empty_messages_work()
    {
        await using var host = await ListenerHost.StartAsync(ListenerHost.EchoAsync);
        using var client = await RawWebSocket.ConnectAsync(host);
        foreach (var letter in "slowly"u8.ToArray())
        {
            foreach (var one in RawWebSocket.Frame(2, [letter])) await client.SendAsync(one);
            await client.SendAsync(RawWebSocket.Frame(2, []));
        }
        (await client.ReadBinaryAsync(6)).ShouldBe("slowly");
    }

    [Fact]
    public async Task Fragments_with_a_ping_between_them_are_one_stream_and_the_ping_is_answered()
    {
        await using var host = await ListenerHost.StartAsync(ListenerHost.EchoAsync);
        using var client = await RawWebSocket.ConnectAsync(host);
        await client.SendAsync([.. RawWebSocket.Frame(2, "fra"u8, final: false), .. RawWebSocket.Frame(9, "are you there"u8)]);
        var frames = new[] { await client.ReadFrameAsync(), await client.ReadFrameAsync() };
        frames.Select(frame => $"{frame.First:X} {Encoding.ASCII.GetString(frame.Payload)}").ShouldBe(["82 fra", "8A are you there"], ignoreOrder: true);
        await client.SendAsync(RawWebSocket.Frame(0, "gment"u8));
        (await client.ReadBinaryAsync(5)).ShouldBe("gment");
    }

    [Fact]
    public async Task Large_messages_pass_in_both_directions()
    {
        await using var host = await ListenerHost.StartAsync(ListenerHost.EchoAsync);
        using var client = await RawWebSocket.ConnectAsync(host);
        var text = string.Concat(Enumerable.Range(0, 3_000_000).Select(i => (char)('a' + i % 26)));
        var sending = client.SendBinaryAsync(text);
        (await client.ReadBinaryAsync(text.Length) == text).ShouldBeTrue();
        await sending;
    }

    [Fact]
    public async Task What_gathers_between_two_flushes_is_one_frame()
    {
        await using var host = await ListenerHost.StartAsync(async transport =>
        {
            foreach (var packet in new[] { "one ", "two ", "three" }) transport.Pipe.Output.Write(Encoding.ASCII.GetBytes(packet));
            await transport.Pipe.Output.FlushAsync();
            await ListenerHost.EchoAsync(transport);
        });
        using var client = await RawWebSocket.ConnectAsync(host);
        Encoding.ASCII.GetString((await client.ReadFrameAsync()).Payload).ShouldBe("one two three");
    }

    [Theory]
    [InlineData(new byte[] { 3, 0xE9 }, 1001)]
    [InlineData(new byte[] { 0x0F, 0xA0, (byte)'x' }, 4000)]
    [InlineData(new byte[0], null)]
    public async Task A_close_frame_is_answered_with_its_code_and_ends_the_connection(byte[] payload, int? code)
    {
        var ended = new TaskCompletionSource();
        await using var host = await ListenerHost.StartAsync(async transport =>
        {
            await ListenerHost.EchoAsync(transport);
            ended.SetResult();
        });
        using var client = await RawWebSocket.ConnectAsync(host);
        await client.SendAsync(RawWebSocket.Frame(8, payload));
        (await client.ReadCloseAsync()).ShouldBe(code);
        (await client.ReadEndAsync()).ShouldBe(0);
        await ended.Task;
    }

    [Theory]
    [InlineData("81 85 00000000 68656C6C6F", 1003)]
    [InlineData("82 01 61", 1002)]
    [InlineData("C2 80 00000000", 1002)]
    [InlineData("80 80 00000000", 1002)]
    [InlineData("88 82 00000000 03ED", 1002)]
    [InlineData("88 84 00000000 03E8C328", 1007)]
    public async Task A_client_that_breaks_the_protocol_is_told_with_which_code_even_while_it_sends_on(string frame, int code)
    {
        await using var host = await ListenerHost.StartAsync(ListenerHost.EchoAsync);
        using var client = await RawWebSocket.ConnectAsync(host);
        await client.SendAsync([.. Convert.FromHexString(frame.Replace(" ", "")), .. new byte[100_000]]);
        (await client.ReadCloseAsync()).ShouldBe(code);
        host.Messages.ShouldContain(message => message.Contains("was closed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_half_close_sends_1000_behind_the_last_bytes_and_awaits_the_answer()
    {
        await using var host = await ListenerHost.StartAsync(async transport =>
        {
            await transport.Pipe.Output.WriteAsync("reason"u8.ToArray());
            await transport.HalfCloseAsync();
            await ReadToEndAsync(transport);
        });
        using var client = await RawWebSocket.ConnectAsync(host);
        (await client.ReadBinaryAsync(6)).ShouldBe("reason");
        (await client.ReadCloseAsync()).ShouldBe(1000);
        await client.SendBinaryAsync("crossing");
        await client.SendAsync(RawWebSocket.Frame(8, [3, 0xE8]));
        (await client.ReadEndAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Aborting_ends_a_pending_read_and_the_connection()
    {
        var ended = new TaskCompletionSource();
        await using var host = await ListenerHost.StartAsync(async transport =>
        {
            var hello = await transport.Pipe.Input.ReadAsync();
            transport.Pipe.Input.AdvanceTo(hello.Buffer.End);
            var pending = ReadToEndAsync(transport);
            transport.Abort();
            transport.Abort();
            await pending;
            ended.SetResult();
        });
        using var client = await RawWebSocket.ConnectAsync(host);
        await client.SendBinaryAsync("hello");
        await ended.Task;
        (await client.ReadEndAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_ping_is_answered_while_a_flush_waits_for_the_client_to_read()
    {
        await using var host = await ListenerHost.StartAsync(async transport =>
        {
            var reading = ReadToEndAsync(transport);
            ValueTask<System.IO.Pipelines.FlushResult> flush;
            do
            {
                transport.Pipe.Output.Write(new byte[1 << 20]);
                flush = transport.Pipe.Output.FlushAsync();
            } while (flush.IsCompleted);
            await flush;
            await reading;
        });
        using var client = await RawWebSocket.ConnectAsync(host);
        for (var i = 0; i < 100; i++) await client.SendAsync(RawWebSocket.Frame(9, [(byte)i]));
        for (var last = -1; last != 99;)
        {
            var (first, payload) = await client.ReadFrameAsync();
            if (first == 0x8A) last = payload[0];
            else (first, payload.Length).ShouldBe(((byte)0x82, 1 << 20));
        }
    }

    private static async Task ReadToEndAsync(ClientTransport transport)
    {
        try
        {
            while (true)
            {
                var read = await transport.Pipe.Input.ReadAsync();
                transport.Pipe.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted) return;
            }
        }
        catch (IOException)
        {
            // Aborted.
        }
    }
}

using System.Net.Sockets;
using System.Text;
using Broker.Core.Access;
using Broker.Core.Connections;

namespace Broker.Tests.Listeners;

/// <summary>MQTT listeners on TCP: what is handed to the broker, and what is told to those who meant another port.</summary>
public sealed class TcpTests
{
    [Fact]
    public async Task The_broker_gets_every_byte_from_the_first_one_on()
    {
        await using var host = await ListenerHost.StartAsync(ListenerHost.EchoAsync);
        using var client = await ConnectAsync(host);
        foreach (var one in new byte[] { 0x10, 0x0C, 0x00, 0x04 })
        {
            await client.GetStream().WriteAsync(new[] { one });
            (await ReadAsync(client, 1)).ShouldBe([one]);
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("POST /api HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData("OPTIONS * HTTP/1.1\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    public async Task An_HTTP_request_is_answered_with_the_right_addresses(string request)
    {
        await using var host = await ListenerHost.StartAsync(_ => throw new InvalidOperationException("not MQTT"));
        using var client = await ConnectAsync(host);
        foreach (var part in request.Chunk(2)) await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(part));
        using var reader = new StreamReader(client.GetStream());
        var answer = await reader.ReadToEndAsync();
        answer.ShouldStartWith("HTTP/1.1 400 Bad Request\r\n");
        answer.ShouldContain($"http://{host.Http.Authority}");
        answer.ShouldContain($"ws://{host.Http.Authority}/mqtt");
        host.Messages.ShouldContain(message => message.Contains("HTTP request", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_TLS_client_on_a_plain_listener_is_closed_and_logged()
    {
        await using var host = await ListenerHost.StartAsync(_ => throw new InvalidOperationException("not MQTT"));
        using var client = await ConnectAsync(host);
        await client.GetStream().WriteAsync(new byte[] { 0x16 });
        await client.GetStream().WriteAsync(new byte[] { 0x03, 0x01, 0x02, 0x00 });
        (await IsEndedAsync(client)).ShouldBeTrue();
        host.Messages.ShouldContain(message => message.Contains("mqtts://", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_that_says_nothing_is_let_go()
    {
        await using var host = await ListenerHost.StartAsync(_ => throw new InvalidOperationException("said nothing"), "Mqtt:Limits:ConnectTimeout=100 ms");
        using var client = await ConnectAsync(host);
        (await IsEndedAsync(client)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_reason_sent_last_arrives_though_the_client_sends_on()
    {
        await using var host = await ListenerHost.StartAsync(async transport =>
        {
            await transport.Pipe.Output.WriteAsync("reason"u8.ToArray());
            await transport.HalfCloseAsync();
            await DrainAsync(transport);
        });
        using var client = await ConnectAsync(host);
        await client.GetStream().WriteAsync(new byte[500_000]);
        using var reader = new StreamReader(client.GetStream(), leaveOpen: true);
        (await reader.ReadToEndAsync()).ShouldBe("reason");
    }

    [Fact]
    public async Task An_abort_ends_a_pending_flush()
    {
        var ended = new TaskCompletionSource<bool>();
        await using var host = await ListenerHost.StartAsync(async transport =>
        {
            ValueTask<System.IO.Pipelines.FlushResult> flush;
            do flush = transport.Pipe.Output.WriteAsync(new byte[1 << 20]);
            while (flush.IsCompleted);
            transport.Abort();
            ended.SetResult((await flush).IsCompleted);
        });
        using var client = await ConnectAsync(host);
        await client.GetStream().WriteAsync(new byte[] { 0x10 });
        (await ended.Task).ShouldBeTrue();
    }

    [Theory]
    [InlineData("mqtt://127.0.0.1:0", "", true)]
    [InlineData("mqtt://localhost:0", "", true)]
    [InlineData("mqtt://127.0.0.1:0", "Mqtt:Listeners:0:AllowAnonymous=false", false)]
    [InlineData("mqtt://*:0", "", false)]
    [InlineData("mqtt://0.0.0.0:0", "", false)]
    [InlineData("mqtt://*:0", "Mqtt:Listeners:0:AllowAnonymous=true", true)]
    public async Task The_broker_learns_who_came_where(string url, string setting, bool anonymous)
    {
        var seen = new TaskCompletionSource<ClientTransport>();
        await using var host = await ListenerHost.StartAsync(transport =>
        {
            seen.SetResult(transport);
            return Task.CompletedTask;
        }, [$"Mqtt:Listeners:0:Url={url}", .. setting.Length > 0 ? new[] { setting } : []]);
        using var client = new TcpClient(AddressFamily.InterNetwork);
        await client.ConnectAsync("127.0.0.1", host.Mqtt.Port);
        await client.GetStream().WriteAsync(new byte[] { 0x10 });
        var transport = await seen.Task;
        (transport.Anonymous != AnonymousAccess.Never).ShouldBe(anonymous);
        transport.IsEncrypted.ShouldBeFalse();
        transport.RemoteEndPoint.ShouldBe(client.Client.LocalEndPoint);
        transport.Listener.ShouldBe($"{url[..^1]}{host.Mqtt.Port}");
    }

    [Fact]
    public async Task Localhost_means_both_loopback_families()
    {
        await using var host = await ListenerHost.StartAsync(ListenerHost.EchoAsync, "Mqtt:Listeners:0:Url=mqtt://localhost:0");
        foreach (var address in new[] { "127.0.0.1", "::1" })
        {
            if (address == "::1" && !Socket.OSSupportsIPv6) continue;
            using var client = new TcpClient();
            await client.ConnectAsync(address, host.Mqtt.Port);
            await client.GetStream().WriteAsync(new byte[] { 0x10 });
            (await ReadAsync(client, 1)).ShouldBe([0x10]);
        }
    }

    private static async Task<TcpClient> ConnectAsync(ListenerHost host)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(host.Mqtt.Address, host.Mqtt.Port);
        return client;
    }

    private static async Task<byte[]> ReadAsync(TcpClient client, int count)
    {
        var bytes = new byte[count];
        await client.GetStream().ReadExactlyAsync(bytes);
        return bytes;
    }

    private static async Task<bool> IsEndedAsync(TcpClient client)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[1]) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static async Task DrainAsync(ClientTransport transport)
    {
        while (true)
        {
            var read = await transport.Pipe.Input.ReadAsync();
            transport.Pipe.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return;
        }
    }
}

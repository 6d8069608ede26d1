using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Text;

namespace Broker.Tests.Listeners;

/// <summary>MQTT over WebSocket on HTTP/2 (RFC 8441), with TLS and with prior knowledge, by the framework's own client.</summary>
public sealed class Http2WebSocketTests : IDisposable
{
    private readonly Certificates files = new();

    public void Dispose() => files.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_is_served_over_a_stream(bool encrypted)
    {
        await using var host = await StartAsync(encrypted, ListenerHost.EchoAsync);
        using var client = await ConnectAsync(host, encrypted, "mqtt");
        client.SubProtocol.ShouldBe("mqtt");
        await client.SendAsync("he"u8.ToArray(), WebSocketMessageType.Binary, endOfMessage: false, default);
        await client.SendAsync("llo"u8.ToArray(), WebSocketMessageType.Binary, endOfMessage: true, default);
        (await ReadAsync(client, 5)).ShouldBe("hello"u8.ToArray());
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
        client.State.ShouldBe(WebSocketState.Closed);
    }

    [Fact]
    public async Task More_passes_than_a_request_body_may_hold()
    {
        await using var host = await StartAsync(false, ListenerHost.EchoAsync);
        using var client = await ConnectAsync(host, false, "mqtt");
        var bytes = new byte[40_000_000]; // Kestrel's limit for bodies is 30,000,000.
        new Random(5).NextBytes(bytes);
        var sending = client.SendAsync(bytes, WebSocketMessageType.Binary, true, default);
        (await ReadAsync(client, bytes.Length)).AsSpan().SequenceEqual(bytes).ShouldBeTrue();
        await sending;
    }

    [Fact]
    public async Task A_half_close_is_a_close_frame_and_the_answer_ends_the_stream()
    {
        var ended = new TaskCompletionSource();
        await using var host = await StartAsync(false, async transport =>
        {
            await transport.Pipe.Output.WriteAsync("reason"u8.ToArray());
            await transport.HalfCloseAsync();
            await ListenerHost.EchoAsync(transport);
            ended.SetResult();
        });
        using var client = await ConnectAsync(host, false, "mqtt");
        Encoding.ASCII.GetString(await ReadAsync(client, 6)).ShouldBe("reason");
        (await client.ReceiveAsync(new byte[1], default)).MessageType.ShouldBe(WebSocketMessageType.Close);
        client.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
        await ended.Task;
    }

    [Fact]
    public async Task An_abort_ends_this_stream_and_not_its_neighbours()
    {
        var first = true;
        var ended = new TaskCompletionSource();
        await using var host = await StartAsync(false, async transport =>
        {
            if (!Interlocked.Exchange(ref first, false))
            {
                await ListenerHost.EchoAsync(transport);
                return;
            }
            transport.Pipe.Input.AdvanceTo((await transport.Pipe.Input.ReadAsync()).Buffer.End);
            transport.Abort();
            (await transport.Pipe.Input.ReadAsync()).IsCompleted.ShouldBeTrue();
            ended.SetResult();
        });
        using var shared = Handler();
        using var doomed = await ConnectAsync(host, false, "mqtt", shared);
        using var other = await ConnectAsync(host, false, "mqtt", shared);
        await doomed.SendAsync("now"u8.ToArray(), WebSocketMessageType.Binary, true, default);
        await ended.Task;
        await Should.ThrowAsync<WebSocketException>(async () => await doomed.ReceiveAsync(new byte[1], default));
        await other.SendAsync("here"u8.ToArray(), WebSocketMessageType.Binary, true, default);
        Encoding.ASCII.GetString(await ReadAsync(other, 4)).ShouldBe("here");
    }

    [Fact]
    public async Task Without_the_sub_protocol_the_handshake_is_refused()
    {
        await using var host = await StartAsync(false, ListenerHost.EchoAsync);
        (await Should.ThrowAsync<WebSocketException>(() => ConnectAsync(host, false, "chat"))).Message.ShouldContain("400");
    }

    private Task<ListenerHost> StartAsync(bool encrypted, Func<Core.Connections.ClientTransport, Task> serve) => encrypted
        ? ListenerHost.StartAsync(serve, "Kestrel:Endpoints:Https:Url=https://127.0.0.1:0", $"Kestrel:Endpoints:Https:Certificate:Path={files.Pfx}", $"Kestrel:Endpoints:Https:Certificate:Password={Certificates.Password}")
        : ListenerHost.StartAsync(serve, "Kestrel:Endpoints:H2C:Url=http://127.0.0.1:0", "Kestrel:Endpoints:H2C:Protocols=Http2");

    private static SocketsHttpHandler Handler() => new() { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true } };

    private static async Task<ClientWebSocket> ConnectAsync(ListenerHost host, bool encrypted, string protocol, SocketsHttpHandler? shared = null)
    {
        var client = new ClientWebSocket();
        client.Options.HttpVersion = HttpVersion.Version20;
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        client.Options.AddSubProtocol(protocol);
        var handler = shared ?? Handler();
        await client.ConnectAsync(new Uri($"{(encrypted ? "wss" : "ws")}://{host.Http.Authority}/mqtt"), new HttpMessageInvoker(handler, disposeHandler: false), default);
        return client;
    }

    private static async Task<byte[]> ReadAsync(ClientWebSocket client, int length)
    {
        var bytes = new byte[length];
        for (var at = 0; at < length;)
        {
            var result = await client.ReceiveAsync(bytes.AsMemory(at), default);
            result.MessageType.ShouldBe(WebSocketMessageType.Binary);
            at += result.Count;
        }
        return bytes;
    }
}

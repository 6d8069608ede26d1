using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Broker.Tests.Listeners;

/// <summary>A WebSocket client that sends whatever bytes it is told to, right ones and wrong ones.</summary>
internal sealed class RawWebSocket(Stream stream) : IDisposable
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";
    private static readonly byte[] Mask = [0xA1, 0xB2, 0xC3, 0xD4];

    /// <summary>Does the handshake on a stream; what follows on it are frames.</summary>
    public static async Task<Stream> UpgradeAsync(Stream stream)
    {
        var socket = new RawWebSocket(stream);
        await socket.SendAsync(Encoding.ASCII.GetBytes(Request(new Uri("http://localhost"), "Sec-WebSocket-Protocol: mqtt\r\n")));
        (await socket.ReadHeadAsync()).ShouldStartWith("HTTP/1.1 101 ");
        return stream;
    }

    public static async Task<RawWebSocket> ConnectAsync(ListenerHost host, params byte[] behind)
    {
        var socket = new RawWebSocket(await OpenAsync(host.Http));
        await socket.SendAsync([.. Encoding.ASCII.GetBytes(Request(host.Http, "Sec-WebSocket-Protocol: mqtt\r\n")), .. behind]);
        (await socket.ReadHeadAsync()).ShouldStartWith("HTTP/1.1 101 ");
        return socket;
    }

    /// <summary>Sends a handshake with <paramref name="headers"/> besides the ones that every handshake has; gives back the whole answer.</summary>
    public static async Task<string> AskAsync(Uri http, string headers, string? host = null)
    {
        using var socket = new RawWebSocket(await OpenAsync(http));
        await socket.SendAsync(Encoding.ASCII.GetBytes(Request(http, headers, host)));
        var head = await socket.ReadHeadAsync();
        return head.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal) ? head : head + await socket.ReadBodyAsync(head);
    }

    public static byte[] Frame(int opcode, ReadOnlySpan<byte> payload, bool final = true) => FrameBytes.Client(opcode, payload, final, Mask);

    public Task SendAsync(params byte[] bytes) => stream.WriteAsync(bytes).AsTask();

    public Task SendBinaryAsync(string text) => SendAsync(Frame(2, Encoding.ASCII.GetBytes(text)));

    /// <summary>The next frame: its first byte and its payload. Fails when it is masked.</summary>
    public async Task<(byte First, byte[] Payload)> ReadFrameAsync()
    {
        var head = await ReadAsync(2);
        (head[1] & 0x80).ShouldBe(0);
        long length = head[1];
        if (length == 126) length = BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(2));
        else if (length == 127) length = BinaryPrimitives.ReadInt64BigEndian(await ReadAsync(8));
        return (head[0], await ReadAsync((int)length));
    }

    /// <summary>The payload of binary frames until <paramref name="length"/> bytes are there.</summary>
    public async Task<string> ReadBinaryAsync(int length)
    {
        var text = new StringBuilder();
        while (text.Length < length)
        {
            var (first, payload) = await ReadFrameAsync();
            first.ShouldBe((byte)0x82);
            text.Append(Encoding.ASCII.GetString(payload));
        }
        return text.ToString();
    }

    /// <summary>The code of the close frame that is next, or null when it has none.</summary>
    public async Task<int?> ReadCloseAsync()
    {
        var (first, payload) = await ReadFrameAsync();
        first.ShouldBe((byte)0x88);
        return payload.Length == 0 ? null : BinaryPrimitives.ReadUInt16BigEndian(payload);
    }

    /// <summary>0 when the connection has ended, in order or by a reset; 1 when there are more bytes.</summary>
    public async Task<int> ReadEndAsync()
    {
        try
        {
            return await stream.ReadAsync(new byte[1]);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    public void Dispose() => stream.Dispose();

    private static async Task<Stream> OpenAsync(Uri http)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(http.Host, http.Port);
        return client.GetStream();
    }

    private static string Request(Uri http, string headers, string? host = null) =>
        $"GET /mqtt HTTP/1.1\r\nHost: {host ?? http.Authority}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {Key}\r\n{headers}\r\n";

    private async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)) head.Append((char)(await ReadAsync(1))[0]);
        return head.ToString();
    }

    private async Task<string> ReadBodyAsync(string head)
    {
        var body = new StringBuilder();
        while (!body.ToString().EndsWith("0\r\n\r\n", StringComparison.Ordinal)) body.Append((char)(await ReadAsync(1))[0]);
        head.ShouldContain("chunked");
        return body.ToString();
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }
}

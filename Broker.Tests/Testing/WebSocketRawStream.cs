using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Broker.Tests.Testing;

/// <summary>
/// MQTT over WebSocket with framing of its own (RFC 6455), so that a test can send what no well-behaved client would. What it receives is checked: a server
/// masks nothing, sets no reserved bits and sends binary frames only.
/// </summary>
public sealed class WebSocketRawStream : RawStream
{
    private readonly Socket socket;
    private const int MostInOneFrame = 16 * 1024 * 1024;
    private byte[] buffer = new byte[64 * 1024];
    private int start;
    private int end;
    private bool closed;
    private string howItEnded = "it did not end";

    private WebSocketRawStream(Socket socket) => this.socket = socket;

    /// <summary>The kinds of frame (RFC 6455, section 5.2).</summary>
    public enum Opcode : byte
    {
#pragma warning disable CS1591 // the names are the standard's own
        Continuation = 0,
        Text = 1,
        Binary = 2,
        Close = 8,
        Ping = 9,
        Pong = 10,
#pragma warning restore CS1591
    }

    /// <inheritdoc/>
    public override string HowItEnded => howItEnded;

    /// <summary>The status line and headers that the server answered with.</summary>
    public string Response { get; private set; } = "";

    /// <summary>The sub-protocol that the server selected, if any.</summary>
    public string? SubProtocol => HeaderOf(Response, "Sec-WebSocket-Protocol");

    /// <summary>The code of the close frame that the server sent; null if it sent none, 0 if there was no code in it.</summary>
    public int? CloseCode { get; private set; }

    /// <summary>What the last pong carried.</summary>
    public byte[]? Pong { get; private set; }

    /// <summary>Connects and upgrades; the server must agree.</summary>
    /// <param name="port">The HTTP port.</param>
    /// <param name="subProtocols">The sub-protocols offered, as they stand in the header; null for no such header.</param>
    /// <param name="receiveBuffer">The size of the socket's receive buffer, or null for the system's own.</param>
    /// <param name="headers">More headers, each line with its end.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public static async Task<WebSocketRawStream> OpenAsync(
        int port, string? subProtocols = "mqtt", int? receiveBuffer = null, string headers = "", CancellationToken cancellation = default)
    {
        var stream = await RequestAsync(port, "/mqtt", subProtocols, receiveBuffer, headers, cancellation);
        if (!stream.Response.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal)) throw new ScriptException($"the server did not upgrade: {stream.Response}");
        return stream;
    }

    /// <summary>Connects and asks for an upgrade; <see cref="Response"/> tells what the server thinks of it.</summary>
    public static async Task<WebSocketRawStream> RequestAsync(
        int port, string path, string? subProtocols, int? receiveBuffer = null, string headers = "", CancellationToken cancellation = default)
    {
        var stream = new WebSocketRawStream(await ConnectAsync(port, receiveBuffer, cancellation));
        string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        string offer = subProtocols is null ? "" : $"Sec-WebSocket-Protocol: {subProtocols}\r\n";
        string request = $"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + $"Sec-WebSocket-Key: {key}\r\n{offer}{headers}\r\n";
        await stream.SendBytesAsync(Encoding.ASCII.GetBytes(request), cancellation);
        await stream.ReadResponseAsync(key, cancellation);
        return stream;
    }

    /// <inheritdoc/>
    public override Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => SendFrameAsync(Opcode.Binary, bytes, cancellation: cancellation);

    /// <summary>Sends one frame, well-formed or not.</summary>
    public Task SendFrameAsync(
        Opcode opcode, ReadOnlyMemory<byte> payload, bool final = true, bool masked = true, byte reserved = 0, CancellationToken cancellation = default)
    {
        byte mask = (byte)(masked ? 0x80 : 0);
        var frame = new List<byte> { (byte)((final ? 0x80 : 0) | reserved << 4 | (byte)opcode) };
        if (payload.Length < 126) frame.Add((byte)(mask | payload.Length));
        else if (payload.Length <= 0xFFFF) frame.AddRange([(byte)(mask | 126), (byte)(payload.Length >> 8), (byte)payload.Length]);
        else
        {
            byte[] length = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(length, payload.Length);
            frame.AddRange([(byte)(mask | 127), .. length]);
        }
        byte[] key = [0x12, 0x34, 0x56, 0x78];
        if (masked) frame.AddRange(key);
        byte[] bytes = [.. frame, .. payload.Span];
        for (int i = 0; masked && i < payload.Length; i++) bytes[frame.Count + i] ^= key[i % 4];
        return SendBytesAsync(bytes, cancellation);
    }

    /// <summary>Sends bytes below the framing.</summary>
    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation = default)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes, cancellation)..];
    }

    /// <inheritdoc/>
    public override async Task<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellation)
    {
        while (!closed)
        {
            if (!await FillAsync(2, cancellation)) return default;
            byte first = buffer[start], second = buffer[start + 1];
            if ((first & 0x70) != 0 || (second & 0x80) != 0) throw new ScriptException($"the server sent a frame that begins {first:X2} {second:X2}");
            int header = (second & 0x7F) switch { 126 => 4, 127 => 10, _ => 2 };
            if (!await FillAsync(header, cancellation)) return default;
            long length = header switch
            {
                4 => BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(start + 2)),
                10 => BinaryPrimitives.ReadInt64BigEndian(buffer.AsSpan(start + 2)),
                _ => second & 0x7F,
            };
            if (!await FillAsync(header + (int)length, cancellation)) return default;
            var payload = buffer.AsMemory(start + header, (int)length);
            start += header + (int)length;
            if (await TakeAsync((Opcode)(first & 0x0F), payload, cancellation)) return payload;
        }
        return default;
    }

    /// <inheritdoc/>
    public override void Cut() => socket.Dispose();

    private async Task<bool> TakeAsync(Opcode opcode, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        switch (opcode)
        {
            case Opcode.Binary or Opcode.Continuation:
                return !payload.IsEmpty;
            case Opcode.Close:
                CloseCode = payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload.Span) : 0;
                howItEnded = $"close frame {CloseCode}";
                closed = true;
                return false;
            case Opcode.Ping:
                await SendFrameAsync(Opcode.Pong, payload.ToArray(), cancellation: cancellation);
                return false;
            case Opcode.Pong:
                Pong = payload.ToArray();
                return false;
            default:
                throw new ScriptException($"the server sent a frame of kind {opcode}");
        }
    }

    private async Task<bool> FillAsync(int length, CancellationToken cancellation)
    {
        if (start + length > buffer.Length)
        {
            if (length > MostInOneFrame) throw new ScriptException($"the server sent a frame of {length} bytes");
            byte[] larger = length > buffer.Length ? new byte[length] : buffer;
            buffer.AsSpan(start, end - start).CopyTo(larger);
            (buffer, start, end) = (larger, 0, end - start);
        }
        while (end - start < length)
        {
            try
            {
                int received = await socket.ReceiveAsync(buffer.AsMemory(end), cancellation);
                if (received == 0)
                {
                    howItEnded = "FIN without a close frame";
                    closed = true;
                    return false;
                }
                end += received;
            }
            catch (SocketException error)
            {
                howItEnded = error.SocketErrorCode.ToString();
                closed = true;
                return false;
            }
        }
        return true;
    }

    private async Task ReadResponseAsync(string key, CancellationToken cancellation)
    {
        int stop;
        while ((stop = buffer.AsSpan(start, end - start).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await FillAsync(end - start + 1, cancellation)) throw new ScriptException($"the server closed during the upgrade: {howItEnded}");
        }
        Response = Encoding.ASCII.GetString(buffer, start, stop + 4);
        start += stop + 4;
        if (!Response.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal)) return;
#pragma warning disable CA5350 // RFC 6455 asks for SHA-1
        string accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        if (HeaderOf(Response, "Sec-WebSocket-Accept") != accept) throw new ScriptException($"the server accepted with another key: {Response}");
    }

    private static string? HeaderOf(string response, string name) => response.Split("\r\n")
        .FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
}

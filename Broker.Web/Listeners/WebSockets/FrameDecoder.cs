using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace Broker.Web.Listeners.WebSockets;

/// <summary>Why <see cref="FrameDecoder.Decode"/> came back.</summary>
internal enum FrameEvent
{
    /// <summary>The input is used up.</summary>
    NeedInput,

    /// <summary>The output is full and there is more payload.</summary>
    NeedRoom,

    /// <summary>A ping; its payload is in <see cref="FrameDecoder.Control"/>.</summary>
    Ping,

    /// <summary>The peer closes; see <see cref="FrameDecoder.CloseCode"/>.</summary>
    Close,

    /// <summary>The peer broke the protocol; <see cref="FrameDecoder.CloseCode"/> is what to close with, <see cref="FrameDecoder.Violation"/> why.</summary>
    Violation,
}

/// <summary>
/// Takes the frames that a client sends (RFC 6455 section 5) apart, wherever the bytes were split, and joins the payload of the binary ones into one stream.
/// Strict: what a client must not send ends the connection.
/// </summary>
internal sealed class FrameDecoder
{
    private const int LongestControl = 125, LongestHeader = 14;
    private readonly byte[] header = new byte[LongestHeader];
    private readonly byte[] control = new byte[LongestControl];
    private int headerLength, controlLength;
    private bool inFrame, inMessage;
    private byte opcode;
    private long remaining;
    private uint key;

    /// <summary>Payload of the control frame just read; valid until the next call.</summary>
    public ReadOnlySpan<byte> Control => control.AsSpan(0, controlLength);

    /// <summary>After <see cref="FrameEvent.Close"/> the peer's code, or null when it gave none; after <see cref="FrameEvent.Violation"/> the code to close with.</summary>
    public ushort? CloseCode { get; private set; }

    /// <summary>What the peer did, after <see cref="FrameEvent.Violation"/>.</summary>
    public string? Violation { get; private set; }

    /// <summary>Goes on until <paramref name="input"/> is used up, <paramref name="output"/> is full, or something is to be done.</summary>
    public FrameEvent Decode(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int written)
    {
        (consumed, written) = (0, 0);
        while (true)
        {
            if (!inFrame)
            {
                var taken = ReadHeader(input[consumed..]);
                if (Violation is not null) return FrameEvent.Violation;
                consumed += taken;
                if (!inFrame) return FrameEvent.NeedInput;
            }
            var part = input[consumed..];
            if (part.Length > remaining) part = part[..(int)remaining];
            var into = opcode >= Opcodes.Close ? control.AsSpan(controlLength) : output[written..];
            if (part.Length > into.Length) part = part[..into.Length];
            key = Masking.Unmask(part, into, key);
            consumed += part.Length;
            remaining -= part.Length;
            if (opcode >= Opcodes.Close) controlLength += part.Length;
            else written += part.Length;
            if (remaining > 0) return consumed == input.Length ? FrameEvent.NeedInput : FrameEvent.NeedRoom;
            inFrame = false;
            if (opcode == Opcodes.Ping) return FrameEvent.Ping;
            if (opcode == Opcodes.Close) return ReadClose();
        }
    }

    /// <summary>Reads a header, perhaps over several calls; gives back the bytes taken.</summary>
    private int ReadHeader(ReadOnlySpan<byte> input)
    {
        var earlier = headerLength;
        var bytes = input;
        if (earlier > 0)
        {
            var more = Math.Min(LongestHeader - earlier, input.Length);
            input[..more].CopyTo(header.AsSpan(earlier));
            bytes = header.AsSpan(0, earlier + more);
        }
        if (bytes.Length >= 2)
        {
            Check(bytes[0], bytes[1]);
            if (Violation is not null) return 0;
            var extended = (bytes[1] & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 };
            var size = 2 + extended + sizeof(uint);
            if (bytes.Length >= size)
            {
                BeginFrame(bytes[0], ReadLength(bytes, extended), MemoryMarshal.Read<uint>(bytes[(2 + extended)..]));
                headerLength = 0;
                return size - earlier;
            }
        }
        bytes.CopyTo(header);
        headerLength = bytes.Length;
        return input.Length;
    }

    private void Check(byte first, byte second)
    {
        var code = (byte)(first & 0x0F);
        var final = (first & 0x80) != 0;
        var length = second & 0x7F;
        if ((first & 0x70) != 0) Fail(CloseCodes.ProtocolError, "a reserved bit is set, and no extension was agreed on");
        else if (code is not (Opcodes.Continuation or Opcodes.Text or Opcodes.Binary or Opcodes.Close or Opcodes.Ping or Opcodes.Pong)) Fail(CloseCodes.ProtocolError, $"opcode {code} is reserved");
        else if ((second & 0x80) == 0) Fail(CloseCodes.ProtocolError, "a frame from a client is not masked");
        else if (code >= Opcodes.Close && !final) Fail(CloseCodes.ProtocolError, "a control frame is fragmented");
        else if (code >= Opcodes.Close && length > LongestControl) Fail(CloseCodes.ProtocolError, "a control frame is longer than 125 bytes");
        else if (code == Opcodes.Continuation && !inMessage) Fail(CloseCodes.ProtocolError, "a continuation without a message");
        else if (code is Opcodes.Text or Opcodes.Binary && inMessage) Fail(CloseCodes.ProtocolError, "a message begins inside another one");
        else if (code == Opcodes.Text) Fail(CloseCodes.UnsupportedData, "a text frame; MQTT travels in binary ones (MQTT-6.0.0-1)");
    }

    private long ReadLength(ReadOnlySpan<byte> bytes, int extended)
    {
        var (length, least) = extended switch
        {
            2 => ((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]), 126UL),
            8 => (BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]), 65_536UL),
            _ => ((ulong)(bytes[1] & 0x7F), 0UL),
        };
        if (length > long.MaxValue) Fail(CloseCodes.ProtocolError, "a length has its highest bit set");
        else if (length < least) Fail(CloseCodes.ProtocolError, "a length is not written in its shortest form");
        return (long)length;
    }

    private void BeginFrame(byte first, long length, uint mask)
    {
        if (Violation is not null) return;
        (opcode, remaining, key, inFrame) = ((byte)(first & 0x0F), length, mask, true);
        if (opcode >= Opcodes.Close) controlLength = 0;
        else inMessage = (first & 0x80) == 0;
    }

    private FrameEvent ReadClose()
    {
        if (controlLength == 0) return FrameEvent.Close;
        if (controlLength == 1) return Fail(CloseCodes.ProtocolError, "a close frame holds half a code");
        var code = BinaryPrimitives.ReadUInt16BigEndian(control);
        if (!CloseCodes.MayBeSent(code)) return Fail(CloseCodes.ProtocolError, $"close code {code} must not be sent");
        if (!Utf8.IsValid(Control[2..])) return Fail(CloseCodes.InvalidPayload, "the reason of a close frame is not UTF-8");
        CloseCode = code;
        return FrameEvent.Close;
    }

    private FrameEvent Fail(ushort code, string reason)
    {
        (CloseCode, Violation) = (code, reason);
        return FrameEvent.Violation;
    }
}

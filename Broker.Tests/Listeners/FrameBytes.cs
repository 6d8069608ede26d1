using System.Buffers.Binary;
using Broker.Web.Listeners.WebSockets;

namespace Broker.Tests.Listeners;

/// <summary>Makes frames, and takes them apart in two ways: with the decoder, and slowly and plainly.</summary>
internal static class FrameBytes
{
    public static byte[] Client(int opcode, ReadOnlySpan<byte> payload, bool final, byte[] mask)
    {
        var masked = payload.ToArray();
        for (var i = 0; i < masked.Length; i++) masked[i] ^= mask[i % 4];
        return [(byte)((final ? 0x80 : 0) | opcode), .. Length(masked.Length, 0x80), .. mask, .. masked];
    }

    public static byte[] Length(long length, byte bit)
    {
        var wide = new byte[9];
        BinaryPrimitives.WriteInt64BigEndian(wide.AsSpan(1), length);
        if (length <= 125) return [(byte)(bit | length)];
        if (length <= 65_535) return [(byte)(bit | 126), .. wide[7..]];
        wide[0] = (byte)(bit | 127);
        return wide;
    }

    /// <summary>What the decoder makes of <paramref name="bytes"/>, given in pieces and with no more than <paramref name="room"/> bytes to write to at once.</summary>
    public static (byte[] Payload, string Outcome) Decode(byte[] bytes, IEnumerable<int> splits, int room)
    {
        var decoder = new FrameDecoder();
        var payload = new List<byte>();
        var from = 0;
        foreach (var to in splits.Append(bytes.Length).Order())
        {
            while (true)
            {
                var output = new byte[Math.Min(room, bytes.Length + 1)];
                var step = decoder.Decode(bytes.AsSpan(from, to - from), output, out var consumed, out var written);
                payload.AddRange(output[..written]);
                from += consumed;
                if (step == FrameEvent.Violation) return ([.. payload], $"{decoder.CloseCode}");
                if (step == FrameEvent.Close) return ([.. payload], $"closed {decoder.CloseCode}");
                if (step == FrameEvent.NeedInput)
                {
                    from.ShouldBe(to);
                    break;
                }
            }
        }
        return ([.. payload], "open");
    }

    /// <summary>The same, from the text of RFC 6455 and with everything at hand; where the bytes end inside a frame it counts what is there.</summary>
    public static (byte[] Payload, string Outcome) DecodePlainly(byte[] bytes)
    {
        var payload = new List<byte>();
        var inMessage = false;
        var at = 0;
        while (at + 2 <= bytes.Length)
        {
            var (final, reserved, opcode) = (bytes[at] >= 128, bytes[at] & 0x70, bytes[at] & 15);
            var (masked, length) = (bytes[at + 1] >= 128, (ulong)(bytes[at + 1] & 127));
            if (reserved != 0 || opcode is (> 2 and < 8) or > 10 || !masked) return ([.. payload], "1002");
            if (opcode >= 8 && (!final || length > 125)) return ([.. payload], "1002");
            if (opcode == 0 && !inMessage || opcode is 1 or 2 && inMessage) return ([.. payload], "1002");
            if (opcode == 1) return ([.. payload], "1003");
            var size = length == 126 ? 2 : length == 127 ? 8 : 0;
            at += 2;
            if (at + size + 4 > bytes.Length) return ([.. payload], "open");
            if (size > 0) length = bytes.Skip(at).Take(size).Aggregate(0UL, (sum, next) => (sum << 8) | next);
            if (length >= 1UL << 63 || size == 2 && length < 126 || size == 8 && length < 65_536) return ([.. payload], "1002");
            at += size;
            var mask = bytes[at..(at + 4)];
            at += 4;
            var there = (int)Math.Min(length, (ulong)(bytes.Length - at));
            var data = bytes.Skip(at).Take(there).Select((one, i) => (byte)(one ^ mask[i % 4])).ToArray();
            at += there;
            if (opcode < 8)
            {
                payload.AddRange(data);
                inMessage = !final;
            }
            if ((ulong)there < length) return ([.. payload], "open");
            if (opcode == 8) return ([.. payload], PlainClose(data));
        }
        return ([.. payload], "open");
    }

    private static string PlainClose(byte[] data)
    {
        if (data.Length == 0) return "closed ";
        if (data.Length == 1) return "1002";
        var code = data[0] << 8 | data[1];
        if (code < 1000 || code is 1004 or 1005 or 1006 or (>= 1015 and < 3000) or >= 5000) return "1002";
        try
        {
            new System.Text.UTF8Encoding(false, true).GetString(data, 2, data.Length - 2);
        }
        catch (ArgumentException)
        {
            return "1007";
        }
        return $"closed {code}";
    }
}

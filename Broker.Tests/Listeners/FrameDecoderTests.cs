using Broker.Web.Listeners.WebSockets;

namespace Broker.Tests.Listeners;

/// <summary>Frames from a client, RFC 6455 section 5, and what MQTT adds (MQTT-6.0.0-1, MQTT-6.0.0-2).</summary>
public sealed class FrameDecoderTests
{
    private static readonly byte[] Mask = [0x11, 0x22, 0x33, 0x44];

    [Fact]
    public void The_payload_of_several_frames_is_one_stream() =>
        Decode([.. Frame(2, "ab"), .. Frame(2, ""), .. Frame(2, "cd")]).ShouldBe(("abcd", "open"));

    [Fact]
    public void A_fragmented_message_is_joined_and_may_hold_a_ping() =>
        Decode([.. Frame(2, "a", final: false), .. Frame(0, "", final: false), .. Frame(9, "?"), .. Frame(0, "b"), .. Frame(2, "c")]).ShouldBe(("abc", "open"));

    [Theory]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(200_000)]
    public void Every_form_of_length_is_read(int length)
    {
        var text = string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + i % 26)));
        Decode(Frame(2, text)).ShouldBe((text, "open"));
    }

    public static TheoryData<string, byte[], string> Violations() => new()
    {
        { "text", Frame(1, "hello"), "1003" },
        { "unmasked", [0x82, 1, (byte)'a'], "1002" },
        { "reserved bit 1", [0xC2, 0x80, .. Mask], "1002" },
        { "reserved bit 2", [0xA2, 0x80, .. Mask], "1002" },
        { "reserved bit 3", [0x92, 0x80, .. Mask], "1002" },
        { "reserved data opcode", Frame(3, ""), "1002" },
        { "reserved control opcode", Frame(11, ""), "1002" },
        { "fragmented ping", Frame(9, "", final: false), "1002" },
        { "long ping", [0x89, 0xFE, 0, 126, .. Mask, .. new byte[126]], "1002" },
        { "stray continuation", Frame(0, "a"), "1002" },
        { "continuation after the last fragment", [.. Frame(2, "", final: false), .. Frame(0, ""), .. Frame(0, "")], "1002" },
        { "message inside a message", [.. Frame(2, "", final: false), .. Frame(2, "")], "1002" },
        { "text inside a message", [.. Frame(2, "", final: false), .. Frame(1, "")], "1002" },
        { "16-bit length below 126", [0x82, 0xFE, 0, 125, .. Mask, .. new byte[125]], "1002" },
        { "64-bit length below 65,536", [0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, .. Mask], "1002" },
        { "64-bit length with its highest bit", [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, .. Mask], "1002" },
        { "close with half a code", Frame(8, "x"), "1002" },
        { "close 999", Close(999), "1002" },
        { "close 1004", Close(1004), "1002" },
        { "close 1005", Close(1005), "1002" },
        { "close 1006", Close(1006), "1002" },
        { "close 1015", Close(1015), "1002" },
        { "close 2999", Close(2999), "1002" },
        { "close 5000", Close(5000), "1002" },
        { "close with a reason that is not UTF-8", Close(1000, 0xC3, 0x28), "1007" },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public void What_must_not_be_sent_is_refused_wherever_it_is_split(string what, byte[] bytes, string code)
    {
        for (var split = 0; split <= bytes.Length; split++)
            Decode([.. Frame(2, "before"), .. bytes], 12 + split).ShouldBe(("before", code), $"{what}, split at {split}");
    }

    [Fact]
    public void A_close_frame_ends_the_stream_and_its_code_is_known()
    {
        Decode([.. Frame(2, "x"), .. Close(1001, (byte)'b', (byte)'y'), .. Frame(2, "y")]).ShouldBe(("x", "closed 1001"));
        Decode(Frame(8, "")).ShouldBe(("", "closed "));
        Decode(Close(4999)).ShouldBe(("", "closed 4999"));
    }

    [Fact]
    public void The_payload_of_a_ping_is_kept_for_the_pong()
    {
        var decoder = new FrameDecoder();
        foreach (var one in Frame(9, "0123456789").SkipLast(1)) decoder.Decode([one], new byte[1], out _, out _).ShouldBe(FrameEvent.NeedInput);
        decoder.Decode([(byte)('9' ^ Mask[1])], [], out var consumed, out _).ShouldBe(FrameEvent.Ping);
        consumed.ShouldBe(1);
        decoder.Control.ToArray().ShouldBe("0123456789"u8.ToArray());
    }

    private static byte[] Frame(int opcode, string payload, bool final = true) => FrameBytes.Client(opcode, System.Text.Encoding.Latin1.GetBytes(payload), final, Mask);

    private static byte[] Close(int code, params byte[] reason) => FrameBytes.Client(8, [(byte)(code >> 8), (byte)code, .. reason], true, Mask);

    private static (string Payload, string Outcome) Decode(byte[] bytes, int split = 0)
    {
        var (payload, outcome) = FrameBytes.Decode(bytes, [split], int.MaxValue);
        return (System.Text.Encoding.Latin1.GetString(payload), outcome);
    }
}

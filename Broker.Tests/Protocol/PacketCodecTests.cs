using System.Buffers;
using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Protocol;

/// <summary>Fixed headers, variable byte integers and the limits of the codec.</summary>
public sealed class PacketCodecTests
{
    [Theory]
    [InlineData(0, "00")]
    [InlineData(127, "7F")]
    [InlineData(128, "80 01")]
    [InlineData(16_383, "FF 7F")]
    [InlineData(16_384, "80 80 01")]
    [InlineData(2_097_151, "FF FF 7F")]
    [InlineData(2_097_152, "80 80 80 01")]
    [InlineData(268_435_455, "FF FF FF 7F")]
    public void A_variable_byte_integer_takes_as_few_bytes_as_it_can(int value, string notation)
    {
        byte[] expected = Hex.Parse(notation);
        byte[] bytes = new byte[4];
        var writer = new PacketWriter(bytes);
        writer.WriteVariableByteInteger(value);
        bytes.AsSpan(0, writer.Position).ToArray().ShouldBe(expected);
        PacketWriter.LengthOf(value).ShouldBe(expected.Length);
        new PacketReader(expected).ReadVariableByteInteger().ShouldBe(value);
    }

    [Theory]
    [InlineData("80 00")]
    [InlineData("FF 80 00")]
    [InlineData("80 80 80 00")]
    [InlineData("80 80 80 80 01")]
    [InlineData("FF FF FF FF")]
    [InlineData("80")]
    public void A_variable_byte_integer_in_another_form_is_malformed(string notation) =>
        Should.Throw<ProtocolViolation>(() => new PacketReader(Hex.Parse(notation)).ReadVariableByteInteger()).Reason.ShouldBe(ReasonCode.MalformedPacket);

    [Fact]
    public void A_packet_of_the_largest_size_allowed_passes_and_one_byte_more_is_too_large()
    {
        byte[] bytes = Hex.Parse("30 05 00 01 't' 'xy'");
        PacketCodec.TryFindPacket(bytes, bytes.Length, out _, out _, out _).ShouldBeTrue();
        Should.Throw<ProtocolViolation>(() => PacketCodec.TryFindPacket(bytes, bytes.Length - 1, out _, out _, out _)).Reason.ShouldBe(ReasonCode.PacketTooLarge);
    }

    [Fact]
    public void A_packet_that_announces_too_much_is_refused_before_it_arrives() =>
        Should.Throw<ProtocolViolation>(() => PacketCodec.TryFindPacket(Hex.Parse("30 FF FF FF 7F"), 1024, out _, out _, out _)).Reason.ShouldBe(ReasonCode.PacketTooLarge);

    [Theory]
    [InlineData(0), InlineData(121), InlineData(122), InlineData(16_377), InlineData(16_378), InlineData(2_097_145), InlineData(2_097_146)]
    public void Payloads_around_each_length_of_the_header_come_back_whole(int length)
    {
        var publish = new Publish { Topic = "topic"u8.ToArray(), Payload = new byte[length] };
        byte[] bytes = PacketCodec.ToArray(publish, ProtocolVersion.V311);
        PacketCodec.TryFindPacket(bytes, int.MaxValue, out byte first, out int headerLength, out int packetLength).ShouldBeTrue();
        packetLength.ShouldBe(bytes.Length);
        var read = (Publish)PacketCodec.Read(first, bytes.AsMemory(headerLength), ProtocolVersion.V311, Sender.Client);
        read.Payload.Length.ShouldBe(length);
    }

    [Fact]
    public void Writing_tells_how_much_was_written()
    {
        var output = new ArrayBufferWriter<byte>();
        int length = PacketCodec.Write(new PubAck(1), ProtocolVersion.V5, output);
        length.ShouldBe(4);
        output.WrittenCount.ShouldBe(4);
    }

    [Fact]
    public void A_string_of_65535_bytes_comes_back_whole()
    {
        string text = new('\u00FC', 32_767);
        var subscribe = new Subscribe(1, [new(text + "a", default)]);
        byte[] bytes = PacketCodec.ToArray(subscribe, ProtocolVersion.V311);
        PacketCodec.TryFindPacket(bytes, int.MaxValue, out byte first, out int headerLength, out _).ShouldBeTrue();
        ((Subscribe)PacketCodec.Read(first, bytes.AsMemory(headerLength), ProtocolVersion.V311, Sender.Client)).Requests[0].Filter.ShouldBe(text + "a");
    }

    [Fact]
    public void A_refusal_is_written_in_the_form_that_the_client_understands()
    {
        Form("00 01 'x' 05").ShouldBeNull();
        Form("00 04 'HTTP' 04 02 00 00").ShouldBeNull();
        Form("00 06 'MQIsdp' 03 02 00 00 00 01 'c'").ShouldBe(ProtocolVersion.V31);
        Form("00 04 'MQTT' 04 02 00 00 00 01 'c'").ShouldBe(ProtocolVersion.V311);
        Form("00 04 'MQTT' 05 02 00 00 00 00 01 'c'").ShouldBe(ProtocolVersion.V5);
        Form("00 04 'MQTT' 06 02 00 00 00 01 'c'").ShouldBe(ProtocolVersion.V311, "a level of the future, laid out like 3.1.1");
        Form("00 04 'MQTT' 06 02 00 00 00 00 01 'c'").ShouldBe(ProtocolVersion.V5, "a level of the future, laid out like 5");
    }

    private static ProtocolVersion? Form(string notation) => Connect.ReplyVersion(Hex.Parse(notation));
}

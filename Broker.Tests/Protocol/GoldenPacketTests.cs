using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Protocol;

/// <summary>The codec against the golden packets, in both directions, and cut at every byte.</summary>
public sealed class GoldenPacketTests
{
    private const int NoLimit = 1024 * 1024;

    [Theory, MemberData(nameof(GoldenPackets.Packets), MemberType = typeof(GoldenPackets))]
    public void The_bytes_read_as_the_packet(string name)
    {
        var golden = GoldenPackets.Named(name);
        PacketText.Of(Read(golden, golden.Bytes)).ShouldBe(PacketText.Of(golden.Packet!));
    }

    [Theory, MemberData(nameof(GoldenPackets.Packets), MemberType = typeof(GoldenPackets))]
    public void The_packet_is_written_as_the_bytes(string name)
    {
        var golden = GoldenPackets.Named(name);
        byte[] written = Write(golden.Packet!, golden.Version);
        if (golden.IsCanonical) Hex.Format(written).ShouldBe(Hex.Format(golden.Bytes));
        else PacketText.Of(Read(golden, written)).ShouldBe(PacketText.Of(golden.Packet!));
    }

    [Theory, MemberData(nameof(GoldenPackets.Packets), MemberType = typeof(GoldenPackets))]
    public void A_packet_that_is_cut_anywhere_is_not_there_yet(string name)
    {
        var golden = GoldenPackets.Named(name);
        byte[] bytes = golden.Bytes;
        for (int length = 0; length < bytes.Length; length++)
        {
            PacketCodec.TryFindPacket(bytes.AsSpan(0, length), NoLimit, out _, out _, out int known).ShouldBeFalse($"cut at {length}");
            if (known != 0) known.ShouldBe(bytes.Length);
        }
        byte[] followed = [.. bytes, 0xC0, 0x00];
        PacketCodec.TryFindPacket(followed, NoLimit, out byte first, out int headerLength, out int packetLength).ShouldBeTrue();
        packetLength.ShouldBe(bytes.Length);
        PacketText.Of(PacketCodec.Read(first, followed.AsMemory(headerLength, packetLength - headerLength), golden.Version, golden.Sender))
            .ShouldBe(PacketText.Of(golden.Packet!));
    }

    [Theory, MemberData(nameof(GoldenPackets.Packets), MemberType = typeof(GoldenPackets))]
    public void A_packet_whose_body_ends_early_is_malformed_or_another_packet(string name)
    {
        var golden = GoldenPackets.Named(name);
        byte[] bytes = golden.Bytes;
        PacketCodec.TryFindPacket(bytes, NoLimit, out byte first, out int headerLength, out _);
        for (int end = headerLength; end < bytes.Length; end++)
        {
            try
            {
                var packet = PacketCodec.Read(first, bytes.AsMemory(headerLength, end - headerLength), golden.Version, golden.Sender);
                PacketText.Of(packet).ShouldNotBe(PacketText.Of(golden.Packet!), golden.IsCanonical ? $"cut at {end}" : null);
            }
            catch (ProtocolViolation violation)
            {
                violation.Reason.IsError().ShouldBeTrue();
            }
            catch (ShouldAssertException) when (!golden.IsCanonical)
            {
                // A longer form of the same packet.
            }
        }
    }

    [Theory, MemberData(nameof(GoldenPackets.Violations), MemberType = typeof(GoldenPackets))]
    public void What_breaks_the_standard_is_told_by_its_reason_code(string name)
    {
        var golden = GoldenPackets.Named(name);
        var violation = Should.Throw<ProtocolViolation>(() => Read(golden, golden.Bytes));
        violation.Reason.ShouldBe(golden.Violation!.Value, violation.Message);
        violation.Message.ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public void Every_packet_type_is_there_in_every_version_that_has_it()
    {
        foreach (var version in Enum.GetValues<ProtocolVersion>())
        {
            var types = GoldenPackets.All.Where(golden => golden.Packet is not null && golden.Version == version).Select(golden => golden.Packet!.Type).ToHashSet();
            if (version == ProtocolVersion.V31) continue; // 3.1 differs from 3.1.1 where a packet of its own stands in the table
            foreach (var type in Enum.GetValues<ControlPacketType>())
            {
                bool exists = version == ProtocolVersion.V5 ? type is not (ControlPacketType.PingReq) : type is not (ControlPacketType.Auth or ControlPacketType.PingResp);
                if (exists) types.ShouldContain(type, $"{version}");
            }
        }
    }

    internal static IControlPacket Read(GoldenPacket golden, byte[] bytes)
    {
        PacketCodec.TryFindPacket(bytes, NoLimit, out byte first, out int headerLength, out int packetLength).ShouldBeTrue();
        packetLength.ShouldBe(bytes.Length);
        return PacketCodec.Read(first, bytes.AsMemory(headerLength), golden.Version, golden.Sender);
    }

    internal static byte[] Write(IControlPacket packet, ProtocolVersion version) => PacketCodec.ToArray(packet, version);
}

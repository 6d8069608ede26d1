using System.Globalization;
using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Xunit.Abstractions;

namespace Broker.Tests.Protocol;

/// <summary>
/// Whatever arrives, the codec reads it or throws a <see cref="ProtocolViolation"/>, and what it read it writes as the same packet. <c>PACKETS</c> in the
/// environment sets how many are tried, <c>SEED</c> where they begin.
/// </summary>
public sealed class RandomPacketTests(ITestOutputHelper output) : IDisposable
{
    private const int NoLimit = 1 << 20;
    private static readonly byte[] Numbers = [0, 1, 2, 4, 5, 0x0B, 0x11, 0x1F, 0x21, 0x26, 0x7F, 0x80, 0xC0, 0xED, 0xEF, 0xFF];
    private static readonly int Count = Setting("PACKETS", 1_000_000);
    private static readonly int Seed = Setting("SEED", 20_261);

    private readonly long[] refusals = new long[256];
    private long tried;

    public void Dispose()
    {
        output.WriteLine($"{tried} tried, seed {Seed}; refused:");
        for (int reason = 0; reason < refusals.Length; reason++)
            if (refusals[reason] > 0) output.WriteLine($"  0x{reason:X2} {(ReasonCode)reason}: {refusals[reason]}");
    }

    [Fact]
    public void Mutated_packets_are_read_the_same_again_or_refused()
    {
        var seeds = GoldenPackets.All.Where(golden => golden.Bytes.Length < 4096).ToArray();
        byte[][] sources = [.. seeds.Select(golden => golden.Bytes)];
        int read = 0;
        InChunks(Seed, random =>
        {
            int which = random.Next(seeds.Length);
            var golden = seeds[which];
            byte[] bytes = Mutate(sources[which], random);
            var version = random.Next(8) == 0 ? (ProtocolVersion)random.Next(3, 6) : golden.Version;
            if (Survives(bytes[0], bytes.AsMemory(Math.Min(bytes.Length, 2)), version, golden.Sender)) Interlocked.Increment(ref read);
        });
        read.ShouldBeGreaterThan(Count / 100, "hardly any mutation was a packet, so little was tried");
    }

    [Fact]
    public void Random_bytes_are_read_the_same_again_or_refused()
    {
        InChunks(Seed + Count, random =>
        {
            byte[] bytes = new byte[64];
            int length = random.Next(bytes.Length);
            for (int at = 0; at < length; at++) bytes[at] = random.Next(3) == 0 ? (byte)random.Next(256) : Numbers[random.Next(Numbers.Length)];
            Survives((byte)random.Next(256), bytes.AsSpan(0, length).ToArray(), (ProtocolVersion)random.Next(3, 6), (Sender)random.Next(2));
            Finds(bytes.AsSpan(0, length));
        });
    }

    // Half of all packets, on all processors; a chunk is the same wherever it runs.
    private static void InChunks(int seed, Action<Random> packet)
    {
        const int Size = 10_000;
        Parallel.For(0, Math.Max(1, Count / 2 / Size), chunk =>
        {
            var random = new Random(seed + chunk);
            for (int i = Math.Min(Size, Count / 2); i > 0; i--) packet(random);
        });
    }

    private static byte[] Mutate(byte[] source, Random random)
    {
        var bytes = new List<byte>(source);
        for (int changes = random.Next(1, 4); changes > 0 && bytes.Count > 1; changes--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes[at] = Numbers[random.Next(Numbers.Length)]; break;
                case 3: bytes.Insert(at, Numbers[random.Next(Numbers.Length)]); break;
                default: bytes.RemoveAt(at); break;
            }
        }
        return [.. bytes];
    }

    private bool Survives(byte first, ReadOnlyMemory<byte> body, ProtocolVersion version, Sender sender)
    {
        IControlPacket packet;
        Interlocked.Increment(ref tried);
        try
        {
            packet = PacketCodec.Read(first, body, version, sender);
        }
        catch (ProtocolViolation violation)
        {
            violation.Reason.IsError().ShouldBeTrue();
            Interlocked.Increment(ref refusals[(byte)violation.Reason]);
            return false;
        }
        catch (Exception other)
        {
            throw new InvalidOperationException($"{version} from the {sender}: {first:X2} {Hex.Format(body.Span)}", other);
        }
        WritesTheSame(packet, version, sender, first, body);
        return true;
    }

    private static void WritesTheSame(IControlPacket packet, ProtocolVersion version, Sender sender, byte first, ReadOnlyMemory<byte> body)
    {
        if (packet is Connect connect) version = connect.Version;
        try
        {
            byte[] written = PacketCodec.ToArray(packet, version);
            PacketCodec.TryFindPacket(written, NoLimit, out byte again, out int headerLength, out int packetLength).ShouldBeTrue();
            packetLength.ShouldBe(written.Length);
            var second = PacketCodec.Read(again, written.AsMemory(headerLength), version, sender);
            PacketText.Of(second).ShouldBe(PacketText.Of(packet));
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"{version} from the {sender}: {first:X2} {Hex.Format(body.Span)}", failure);
        }
    }

    private static void Finds(ReadOnlySpan<byte> bytes)
    {
        try
        {
            bool found = PacketCodec.TryFindPacket(bytes, NoLimit, out _, out int headerLength, out int packetLength);
            if (found) (headerLength <= packetLength && packetLength <= bytes.Length).ShouldBeTrue();
        }
        catch (ProtocolViolation violation)
        {
            violation.Reason.IsError().ShouldBeTrue();
        }
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}

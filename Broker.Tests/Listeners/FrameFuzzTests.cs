namespace Broker.Tests.Listeners;

/// <summary>Random frames, some of them wrong, split anywhere: the decoder and a plain reading of RFC 6455 agree.</summary>
public sealed class FrameFuzzTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_decoder_agrees_with_a_plain_reading(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 3_000; round++)
        {
            var bytes = Frames(random);
            var splits = Enumerable.Range(0, random.Next(6)).Select(_ => random.Next(bytes.Length + 1)).ToList();
            var (payload, outcome) = FrameBytes.Decode(bytes, splits, random.Next(1, 200));
            var (expected, expectedOutcome) = FrameBytes.DecodePlainly(bytes);
            var detail = $"seed {seed}, round {round}: {Convert.ToHexString(bytes)}, split at {string.Join(",", splits)}";
            outcome.ShouldBe(expectedOutcome, detail);
            payload.ShouldBe(expected, detail);
        }
    }

    private static byte[] Frames(Random random)
    {
        var bytes = new List<byte>();
        var fragmented = false;
        for (var count = random.Next(1, 8); count > 0; count--)
        {
            var control = random.Next(4) == 0;
            var final = control || random.Next(3) > 0;
            var opcode = control ? random.Next(12) == 0 ? 8 : random.Next(9, 11) : fragmented ? 0 : 2;
            if (!control) fragmented = !final;
            var payload = new byte[random.Next(5) switch { 0 => 0, 1 => random.Next(120, control ? 126 : 132), _ => random.Next(40) }];
            random.NextBytes(payload);
            if (opcode == 8 && payload.Length > 1) (payload[0], payload[1]) = ((byte)3, (byte)random.Next(224, 256));
            var mask = new byte[4];
            random.NextBytes(mask);
            bytes.AddRange(FrameBytes.Client(opcode, payload, final, mask));
        }
        if (random.Next(3) == 0) bytes[random.Next(Math.Min(bytes.Count, 40))] ^= (byte)(1 << random.Next(8));
        return [.. random.Next(4) == 0 ? bytes.Take(random.Next(bytes.Count + 1)) : bytes];
    }
}

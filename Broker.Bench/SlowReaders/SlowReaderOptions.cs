using Broker.Bench.Pairs;

namespace Broker.Bench.SlowReaders;

/// <summary>What a run asks of a broker; every one of these is an option of the command line.</summary>
internal sealed record SlowReaderOptions
{
    /// <summary>The good ones.</summary>
    public PairOptions Pairs { get; init; } = new();

    /// <summary>Subscribers of one topic that read nothing.</summary>
    public int Slow { get; init; } = 1_000;

    /// <summary>KiB of messages that each of them is sent at first: more than the broker and the kernels keep for one.</summary>
    public int Fill { get; init; } = 2_048;

    /// <summary>Messages a second that are published to them meanwhile.</summary>
    public int Rate { get; init; } = 100;

    public static string Usage =>
        $"""
        slow-readers [--slow N] [--fill KIB] [--rate N]
              {PairOptions.Usage}
          good pairs without, and then with N subscribers of another topic that never read; --fill KiB are published to these first, then --rate messages a second,
          all the time. Without them it is published too, but nobody subscribes
        """;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">It holds what is not known.</exception>
    public static SlowReaderOptions Parse(IReadOnlyList<string> words)
    {
        var arguments = new Arguments(words);
        var otherwise = new SlowReaderOptions();
        var options = new SlowReaderOptions
        {
            Pairs = PairOptions.Read(arguments, otherwise.Pairs),
            Slow = arguments.Number("--slow", otherwise.Slow, 1, 20_000),
            Fill = arguments.Number("--fill", otherwise.Fill, 1, 1 << 20),
            Rate = arguments.Number("--rate", otherwise.Rate, 1, 10_000),
        };
        arguments.RequireNoMore();
        return options;
    }
}

using Broker.Bench.Pairs;

namespace Broker.Bench.Growth;

/// <summary>What there are more and more of.</summary>
internal enum Growing
{
    Connections,
    Subscriptions,
    Retained,
}

/// <summary>What a run asks of a broker; every one of these is an option of the command line.</summary>
internal sealed record GrowthOptions
{
    public PairOptions Pairs { get; init; } = new();

    public Growing Of { get; init; }

    /// <summary>How many there are, step by step.</summary>
    public IReadOnlyList<int> Steps { get; init; } = [];

    public static string Usage =>
        $"""
        growth --of connections|subscriptions|retained [--steps N,N,…]
              {PairOptions.Usage}
          delivered messages per CPU second of the broker's process, which must be named, and its memory, while there are so many
            connections     in all (10,1000,10000): 5 pairs, and idle ones with a subscription each
            subscriptions   in all (1000,100000,1000000), with + or #, held by 100 pairs; each message matches one, and a pair has 1,000 topics
            retained        retained messages (1000,1000000) besides 5 pairs; they are cleared afterwards
          Memory does not shrink soon: start the broker anew for each kind
        """;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">It holds what is not known.</exception>
    public static GrowthOptions Parse(IReadOnlyList<string> words)
    {
        var arguments = new Arguments(words);
        arguments.Need("--of");
        arguments.Need("--process");
        var of = arguments.Choice("--of", default(Growing), ("connections", Growing.Connections), ("subscriptions", Growing.Subscriptions), ("retained", Growing.Retained));
        var (steps, pairs) = of switch
        {
            Growing.Connections => ((int[])[10, 1_000, 10_000], 5),
            Growing.Subscriptions => ([1_000, 100_000, 1_000_000], 100),
            _ => ([1_000, 1_000_000], 5),
        };
        var options = new GrowthOptions
        {
            Of = of,
            Pairs = PairOptions.Read(arguments, new PairOptions { Pairs = pairs }),
            Steps = arguments.Numbers("--steps", steps, 1, 10_000_000),
        };
        arguments.RequireNoMore();
        int least = of switch { Growing.Connections => 2 * options.Pairs.Pairs, Growing.Subscriptions => options.Pairs.Pairs, _ => 1 };
        if (options.Steps.Any(step => step < least)) throw new FormatException($"--steps: {options.Pairs.Pairs} pairs make at least {least} {of.ToString().ToLowerInvariant()}");
        return options;
    }
}

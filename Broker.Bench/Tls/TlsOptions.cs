using Broker.Bench.Pairs;
using Broker.Core.Protocol;

namespace Broker.Bench.Tls;

/// <summary>What a run asks of a broker; every one of these is an option of the command line.</summary>
internal sealed record TlsOptions
{
    public PairOptions Pairs { get; init; } = new();

    /// <summary>Threads that connect and disconnect again and again.</summary>
    public int Connecting { get; init; } = 8;

    public static string Usage =>
        $"""
        tls --ca FILE [--connecting N]
              {PairOptions.Usage}
          over TLS: pairs (QoS 1 unless --qos 0 is said), and then connections a second, each with a full handshake, CONNECT and DISCONNECT, N at a time.
          --ca is a PEM file with the certificates that are trusted, and the broker's must be for the --host
        """;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">It holds what is not known.</exception>
    public static TlsOptions Parse(IReadOnlyList<string> words)
    {
        var arguments = new Arguments(words);
        arguments.Need("--ca");
        var pairs = PairOptions.Read(arguments, new PairOptions { QoS = QualityOfService.AtLeastOnce });
        var options = new TlsOptions
        {
            Pairs = pairs with { Target = pairs.Target.OverTls(arguments.Text("--ca", "")) },
            Connecting = arguments.Number("--connecting", new TlsOptions().Connecting, 1, 1_000),
        };
        arguments.RequireNoMore();
        return options;
    }
}

using Broker.Bench.Clients;

namespace Broker.Bench.Durable;

/// <summary>What a run asks of a broker; every one of these is an option of the command line.</summary>
internal sealed record DurableOptions
{
    public Target Target { get; init; } = new();

    /// <summary>Persistent sessions that are subscribed to the topic.</summary>
    public int Sessions { get; init; } = 1;

    /// <summary>Whether the subscribers are connected and acknowledge while messages come, or are away and fetch them afterwards.</summary>
    public bool Online { get; init; }

    /// <summary>Messages that all publishers send together.</summary>
    public int Messages { get; init; } = 100_000;

    /// <summary>Messages that one publisher has unacknowledged at most; less where the broker announces a lower Receive Maximum.</summary>
    public int Inflight { get; init; } = 100;

    public int Publishers { get; init; } = 1;

    /// <summary>Bytes of a payload.</summary>
    public int Size { get; init; } = 64;

    /// <summary>How many runs, of which the medians are told.</summary>
    public int Repeat { get; init; } = 1;

    /// <summary>The broker's process, to tell its CPU time; 0 if it is not to be told.</summary>
    public int Process { get; init; }

    /// <summary>The time without any message after which what has not come is lost.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    public static string Usage =>
        $"""
        durable-load {Target.Usage} [--sessions N] [--online] [--messages N] [--inflight N] [--publishers N]
              [--size BYTES] [--repeat N] [--process PID]
          QoS 1 into persistent sessions, which are offline unless --online is said: acknowledgements a second, time to PUBACK, and messages fetched afterwards
        """;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">It holds what is not known.</exception>
    public static DurableOptions Parse(IReadOnlyList<string> words)
    {
        var arguments = new Arguments(words);
        var otherwise = new DurableOptions();
        var options = new DurableOptions
        {
            Target = Target.Read(arguments),
            Online = arguments.Flag("--online"),
            Sessions = arguments.Number("--sessions", otherwise.Sessions, 0, 100_000),
            Messages = arguments.Number("--messages", otherwise.Messages, 1, int.MaxValue),
            Inflight = arguments.Number("--inflight", otherwise.Inflight, 1, 65_000),
            Publishers = arguments.Number("--publishers", otherwise.Publishers, 1, 10_000),
            Size = arguments.Number("--size", otherwise.Size, Stamp.Length, 1 << 20),
            Repeat = arguments.Number("--repeat", otherwise.Repeat, 1, 1_000),
            Process = arguments.Number("--process", otherwise.Process, 1, int.MaxValue),
        };
        arguments.RequireNoMore();
        return options;
    }
}

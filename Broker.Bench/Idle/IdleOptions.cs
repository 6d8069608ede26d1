using Broker.Bench.Clients;

namespace Broker.Bench.Idle;

/// <summary>What a run asks of a broker; every one of these is an option of the command line.</summary>
internal sealed record IdleOptions
{
    public Target Target { get; init; } = new();

    public int Connections { get; init; } = 50_000;

    /// <summary>Connections that are being opened at a time.</summary>
    public int Opening { get; init; } = 200;

    /// <summary>How long they are held before they leave.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether they stay until the broker has gone, and come back.</summary>
    public bool Restart { get; init; }

    /// <summary>Whether their sessions outlive their connections, so that they need not subscribe when they come back.</summary>
    public bool Persistent { get; init; }

    /// <summary>How long the broker may take to go, to come back, and to let all in.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>The broker's process; 0 if it is not measured.</summary>
    public int Process { get; init; }

    public static string Usage =>
        $"""
        idle {Target.Usage} [--connections N] [--opening N] [--persistent]
              [--hold SECONDS | --restart] [--patience SECONDS] [--process PID]
          connections with one subscription each, which are held. With --restart they stay until the broker is ended and started again (do so once the first line
          is printed), and the time is taken until all are back. Sessions that are --persistent stay in the broker afterwards
        """;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">It holds what is not known.</exception>
    public static IdleOptions Parse(IReadOnlyList<string> words)
    {
        var arguments = new Arguments(words);
        var otherwise = new IdleOptions();
        var options = new IdleOptions
        {
            Target = Target.Read(arguments),
            Connections = arguments.Number("--connections", otherwise.Connections, 1, 1_000_000),
            Opening = arguments.Number("--opening", otherwise.Opening, 1, 10_000),
            Hold = arguments.Seconds("--hold", otherwise.Hold, 0, 86_400),
            Restart = arguments.Flag("--restart"),
            Persistent = arguments.Flag("--persistent"),
            Patience = arguments.Seconds("--patience", otherwise.Patience, 1, 86_400),
            Process = arguments.Number("--process", otherwise.Process, 1, int.MaxValue),
        };
        arguments.RequireNoMore();
        return options;
    }
}

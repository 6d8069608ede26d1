using System.Globalization;
using Broker.Core.Protocol;

namespace Broker.Tests.Load;

/// <summary>What a run asks of a broker; every one of these is an option of the command line.</summary>
internal sealed record LoadOptions
{
    public string Host { get; init; } = "127.0.0.1";

    public int Port { get; init; } = 1883;

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

    public ProtocolVersion Version { get; init; } = ProtocolVersion.V311;

    /// <summary>How many runs, of which the medians are told.</summary>
    public int Repeat { get; init; } = 1;

    /// <summary>The broker's process, to tell its CPU time; 0 if it is not to be told.</summary>
    public int Process { get; init; }

    /// <summary>The time without any message after which what has not come is lost.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    public static string Usage =>
        """
        durable-load [--host 127.0.0.1] [--port 1883] [--sessions N] [--online] [--messages N] [--inflight N] [--publishers N]
              [--size BYTES] [--version 311|5] [--repeat N] [--process PID]
        measures QoS 1 into persistent sessions of any broker, which are offline unless --online is said, and prints JSON
        """;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">It holds what is not known.</exception>
    public static LoadOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new LoadOptions();
        for (int i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] == "--online")
            {
                options = options with { Online = true };
                continue;
            }
            if (i + 1 == arguments.Count) throw new FormatException($"{arguments[i]} needs a value");
            string value = arguments[i + 1];
            options = arguments[i++] switch
            {
                "--host" => options with { Host = value },
                "--port" => options with { Port = Number(value, 1, 65_535) },
                "--sessions" => options with { Sessions = Number(value, 0, 100_000) },
                "--messages" => options with { Messages = Number(value, 1, int.MaxValue) },
                "--inflight" => options with { Inflight = Number(value, 1, 65_000) },
                "--publishers" => options with { Publishers = Number(value, 1, 10_000) },
                "--size" => options with { Size = Number(value, Stamp.Length, 1 << 20) },
                "--version" => options with { Version = value switch { "311" => ProtocolVersion.V311, "5" => ProtocolVersion.V5, _ => throw new FormatException("--version is 311 or 5") } },
                "--repeat" => options with { Repeat = Number(value, 1, 1_000) },
                "--process" => options with { Process = Number(value, 1, int.MaxValue) },
                var unknown => throw new FormatException($"there is no option {unknown}"),
            };
        }
        return options;
    }

    private static int Number(string value, int least, int most) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most ? number
            : throw new FormatException($"'{value}' is no number from {least} to {most}");
}

using System.Globalization;
using Broker.Core.Diagnostics;

namespace Broker.Tests.Crash;

/// <summary>Which store the broker gets.</summary>
internal enum StoreKind
{
    Memory,
    Sqlite,
    PostgreSql,
}

/// <summary>What is killed.</summary>
internal enum Victim
{
    None,
    Broker,
    Database,
    Both,
}

/// <summary>What a run does; every one of these is an option of the command line.</summary>
internal sealed record CrashOptions
{
    /// <summary>How many times something is killed.</summary>
    public int Cycles { get; init; } = 20;

    public StoreKind Store { get; init; } = StoreKind.Sqlite;

    /// <summary>Messages a second that all publishers send together; 0 for as many as the broker takes.</summary>
    public int Rate { get; init; }

    /// <summary>1 or 2; 0 for both.</summary>
    public int QoS { get; init; }

    public Victim Kill { get; init; } = Victim.Broker;

    /// <summary>The moment at which the broker kills itself; null for any moment at all.</summary>
    public Failpoint? Failpoint { get; init; }

    /// <summary>At which time that it comes to that moment; 0 for another one in each cycle.</summary>
    public int FailpointCount { get; init; }

    public int Seed { get; init; } = 1;

    /// <summary>Where the ledger, the store and the broker's log lie. A run that found nothing wrong leaves only a summary.</summary>
    public string Directory { get; init; } = Path.Combine(Path.GetTempPath(), "broker-crash");

    /// <summary>Whether it goes on with what lies in the directory.</summary>
    public bool Resume { get; init; }

    /// <summary>After how many cycles everything is drained and checked.</summary>
    public int CheckEvery { get; init; } = 10;

    /// <summary>Whether the broker acknowledges before it commits, to see whether that is found.</summary>
    public bool Lies { get; init; }

    public static string Usage =>
        $"""
        crash [--cycles N] [--store sqlite|postgresql|memory] [--rate full|N] [--qos 1|2|mix] [--kill broker|database|both|none]
              [--failpoint NAME[:n]] [--seed S] [--directory DIR] [--resume] [--check-every N] [--lies]
        Failpoints: {string.Join(", ", Enum.GetNames<Failpoint>())}
        """;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">It holds what is not known.</exception>
    public static CrashOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new CrashOptions();
        for (int i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] is "--resume" or "--lies")
            {
                options = arguments[i] == "--resume" ? options with { Resume = true } : options with { Lies = true };
                continue;
            }
            if (i + 1 == arguments.Count) throw new FormatException($"{arguments[i]} needs a value");
            string value = arguments[i + 1];
            options = arguments[i++] switch
            {
                "--cycles" => options with { Cycles = Number(value) },
                "--store" => options with { Store = Enum.Parse<StoreKind>(value, ignoreCase: true) },
                "--rate" => options with { Rate = value == "full" ? 0 : Number(value) },
                "--qos" => options with { QoS = value == "mix" ? 0 : Number(value) },
                "--kill" => options with { Kill = Enum.Parse<Victim>(value, ignoreCase: true) },
                "--failpoint" => options.At(value),
                "--seed" => options with { Seed = Number(value) },
                "--directory" => options with { Directory = Path.GetFullPath(value) },
                "--check-every" => options with { CheckEvery = Number(value) },
                var unknown => throw new FormatException($"there is no option {unknown}"),
            };
        }
        if (options.QoS is < 0 or > 2) throw new FormatException("--qos is 1, 2 or mix");
        if (options.Kill is Victim.Database or Victim.Both && options.Store != StoreKind.PostgreSql) throw new FormatException("only PostgreSQL is a database that can be killed");
        return options;
    }

    private static int Number(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw new FormatException($"'{value}' is no number");

    private CrashOptions At(string value)
    {
        string[] parts = value.Split(':');
        return this with { Failpoint = Enum.Parse<Failpoint>(parts[0], ignoreCase: true), FailpointCount = parts.Length > 1 ? Number(parts[1]) : 0 };
    }
}

using Broker.Bench.Clients;
using Broker.Core.Protocol;

namespace Broker.Bench.Pairs;

/// <summary>A load of pairs, each of a publisher and a subscriber that alone gets its messages.</summary>
internal sealed record PairOptions
{
    public Target Target { get; init; } = new();

    public int Pairs { get; init; } = 10;

    /// <summary>0 or 1.</summary>
    public QualityOfService QoS { get; init; }

    /// <summary>Bytes of a payload.</summary>
    public int Size { get; init; } = 64;

    /// <summary>Messages of one pair that are on their way at most; of QoS 1 less where the broker announces a lower Receive Maximum.</summary>
    public int Inflight { get; init; } = 100;

    /// <summary>How long messages flow before they are counted.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long they are counted.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The broker's process; 0 if it is not measured.</summary>
    public int Process { get; init; }

    public static string Usage => $"{Target.Usage} [--pairs N] [--qos 0|1] [--size BYTES] [--inflight N]\n      [--warm-up SECONDS] [--seconds SECONDS] [--process PID]";

    /// <summary>Reads its options of a command line.</summary>
    /// <exception cref="FormatException">One has a value that it cannot have.</exception>
    public static PairOptions Read(Arguments arguments, PairOptions otherwise) => new()
    {
        Target = Target.Read(arguments),
        Pairs = arguments.Number("--pairs", otherwise.Pairs, 1, 1_000),
        QoS = arguments.Choice("--qos", otherwise.QoS, ("0", QualityOfService.AtMostOnce), ("1", QualityOfService.AtLeastOnce)),
        Size = arguments.Number("--size", otherwise.Size, 0, 1 << 20),
        Inflight = arguments.Number("--inflight", otherwise.Inflight, 1, 65_000),
        WarmUp = arguments.Seconds("--warm-up", otherwise.WarmUp, 0, 600),
        Time = arguments.Seconds("--seconds", otherwise.Time, 0.1, 600),
        Process = arguments.Number("--process", otherwise.Process, 1, int.MaxValue),
    };

    /// <summary>What a line of results tells of them.</summary>
    public IEnumerable<(string Name, object Value)> Fields =>
    [
        ("version", Target.Version.ToString()),
        ("pairs", Pairs),
        ("qos", (int)QoS),
        ("size", Size),
        ("inflight", Inflight),
        ("seconds", Time.TotalSeconds),
    ];
}

namespace Broker.Tests.Crash.Accounts;

/// <summary>What a broker can do wrong.</summary>
internal enum Fault
{
    /// <summary>Acknowledged, and not delivered to a session that it was for.</summary>
    Lost,

    /// <summary>QoS 2 all the way, and delivered twice.</summary>
    Duplicated,

    /// <summary>Delivered for the first time after a later one of its stream.</summary>
    OutOfOrder,

    /// <summary>A session that the broker had told of was not there.</summary>
    Forgotten,

    /// <summary>Other than it was sent, never sent, or not for this session.</summary>
    Altered,

    /// <summary>A will that was not published, or twice, or although its client came back.</summary>
    Will,

    /// <summary>A retained message that is older than the last one acknowledged, or of another kind.</summary>
    Retained,

    /// <summary>What is not done although everything was delivered: exchanges that hang, rows that the store still holds.</summary>
    LeftOver,
}

/// <summary>Counts faults, and keeps the words for the first of them.</summary>
internal sealed class Verdict
{
    private const int MostWords = 100;
    private readonly long[] counts = new long[Enum.GetValues<Fault>().Length];
    private readonly List<string> words = [];
    private readonly List<(StreamRole Stream, long Number)> messages = [];

    /// <summary>How often.</summary>
    public long this[Fault fault] => counts[(int)fault];

    /// <summary>Whether nothing was wrong.</summary>
    public bool IsClean => counts.All(count => count == 0);

    /// <summary>What was wrong, in the order in which it was found.</summary>
    public IReadOnlyList<string> Words => words;

    /// <summary>The messages with which something was wrong, the first of them.</summary>
    public IReadOnlyList<(StreamRole Stream, long Number)> Messages => messages;

    public void Add(Fault fault, string what)
    {
        counts[(int)fault]++;
        if (words.Count < MostWords) words.Add($"{fault}: {what}");
    }

    public void Add(Fault fault, string what, StreamRole stream, long number)
    {
        Add(fault, what);
        if (messages.Count < MostWords && !messages.Contains((stream, number))) messages.Add((stream, number));
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"lost {this[Fault.Lost]}, QoS 2 duplicates {this[Fault.Duplicated]}, order breaks {this[Fault.OutOfOrder]}, sessions forgotten {this[Fault.Forgotten]}, "
        + $"altered {this[Fault.Altered]}, wills wrong {this[Fault.Will]}, retained wrong {this[Fault.Retained]}, left over {this[Fault.LeftOver]}";
}

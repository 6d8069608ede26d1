using Broker.Bench.Clients;
using Broker.Bench.Pairs;

namespace Broker.Bench.SlowReaders;

/// <summary><c>dotnet Broker.Bench.dll slow-readers …</c>: whether clients that do not read slow those that do.</summary>
internal static class SlowReaderCommand
{
    public const string Name = "slow-readers";

    /// <summary>Measures, prints a line of JSON, and gives back the exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> words, TextWriter output)
    {
        var options = SlowReaderOptions.Parse(words);
        using var process = new ProcessMeter(options.Pairs.Process);
        using var slow = new SlowReaders(options, RunName.Next());
        using var pairs = PairLoad.Start(options.Pairs);
        var without = await pairs.MeasureAsync(options.Pairs.WarmUp, options.Pairs.Time, process);
        slow.Join();
        var with = await pairs.MeasureAsync(TimeSpan.Zero, options.Pairs.Time, process);
        double resident = process.ResidentMebibytes;
        long lost = await pairs.StopAsync();
        slow.Stop();
        await Json.WriteAsync(
            output,
            [
                ("kind", Name),
                ("slow", options.Slow),
                ("fillKibibytes", options.Fill),
                ("slowRate", options.Rate),
                .. options.Pairs.Fields,
                .. without.Fields("without", process),
                .. with.Fields("with", process),
                ("ratio", without.Count > 0 ? Math.Round(with.PerSecond / without.PerSecond, 3) : 0),
                ("residentMebibytes", resident),
                ("lost", lost),
            ]);
        return 0;
    }
}

namespace Broker.Bench.Durable;

/// <summary>
/// <c>dotnet Broker.Bench.dll durable-load …</c>: what persistent sessions cost. It drives any broker; one that does not wait for its disk before it acknowledges
/// is of course quicker than one that does.
/// </summary>
internal static class DurableCommand
{
    public const string Name = "durable-load";

    /// <summary>Runs, prints one line of JSON for each run and one with the medians, and gives back the exit code: 1 if a message was lost.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> words, TextWriter output)
    {
        var options = DurableOptions.Parse(words);
        var runs = new List<Dictionary<string, double>>();
        for (int i = 0; i < options.Repeat; i++)
        {
            runs.Add(await new DurableRun(options).ExecuteAsync());
            await WriteAsync(output, options, "run", runs[^1]);
        }
        if (options.Repeat > 1) await WriteAsync(output, options, "median", DurableRun.Medians(runs));
        return runs.TrueForAll(run => run["lost"] == 0) ? 0 : 1;
    }

    private static Task WriteAsync(TextWriter output, DurableOptions options, string kind, Dictionary<string, double> figures) =>
        Json.WriteAsync(
            output,
            [
                ("kind", kind),
                ("sessions", options.Sessions),
                ("online", options.Online),
                ("messages", options.Messages),
                ("inflight", options.Inflight),
                ("publishers", options.Publishers),
                ("size", options.Size),
                ("version", options.Target.Version.ToString()),
                .. figures.Select(figure => (figure.Key, (object)figure.Value)),
            ]);
}

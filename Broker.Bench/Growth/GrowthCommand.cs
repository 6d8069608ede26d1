using Broker.Bench.Clients;
using Broker.Bench.Idle;
using Broker.Bench.Pairs;
using Broker.Core.Protocol;

namespace Broker.Bench.Growth;

/// <summary><c>dotnet Broker.Bench.dll growth …</c>: whether a message costs more, and how much memory it takes, where there is much of something.</summary>
internal static class GrowthCommand
{
    public const string Name = "growth";

    // So many topics of a pair, whatever its filters: a broker that remembers who gets the last ones finds most of them anew.
    private const int Topics = 10_000;

    private const int RetainedInflight = 500;

    /// <summary>Measures, prints a line of JSON for each step, and gives back the exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> words, TextWriter output)
    {
        var options = GrowthOptions.Parse(words);
        using var process = new ProcessMeter(options.Pairs.Process);
        foreach (int step in options.Steps)
        {
            var (rate, resident, lost) = options.Of switch
            {
                Growing.Connections => await WithConnectionsAsync(options, step, process),
                Growing.Subscriptions => await WithSubscriptionsAsync(options, step, process),
                _ => await WithRetainedAsync(options, step, process),
            };
            await Json.WriteAsync(
                output,
                [
                    ("kind", Name),
                    ("of", options.Of.ToString().ToLowerInvariant()),
                    ("count", step),
                    .. options.Pairs.Fields,
                    .. rate.Fields("delivered", process),
                    ("residentMebibytes", resident),
                    ("lost", lost),
                ]);
        }
        return 0;
    }

    private static async Task<(Rate Rate, double Resident, long Lost)> WithConnectionsAsync(GrowthOptions options, int connections, ProcessMeter process)
    {
        OpenFiles.Require(connections, options.Pairs.Process);
        using var idle = new IdleConnections(new IdleOptions { Target = options.Pairs.Target, Connections = connections - 2 * options.Pairs.Pairs });
        await idle.OpenAsync(CancellationToken.None);
        using var pairs = PairLoad.Start(options.Pairs);
        var found = await MeasureAsync(options, pairs, process);
        idle.Leave();
        return found;
    }

    private static async Task<(Rate Rate, double Resident, long Lost)> WithSubscriptionsAsync(GrowthOptions options, int subscriptions, ProcessMeter process)
    {
        string name = RunName.Next();
        int count = options.Pairs.Pairs;
        using var pairs = PairLoad.Start(count, i =>
        {
            // Dealt out in turn; a topic is found by no filter but its own.
            List<int> own = [.. Enumerable.Range(0, (subscriptions - i + count - 1) / count).Select(turn => i + turn * count)];
            var topics = Enumerable.Range(0, Topics).Select(any => Topic(name, own[any % own.Count], any));
            return new Pair(options.Pairs, $"{name}-{i}", [.. own.Select(number => Filter(name, number))], [.. topics]);
        });
        return await MeasureAsync(options, pairs, process);
    }

    private static async Task<(Rate Rate, double Resident, long Lost)> WithRetainedAsync(GrowthOptions options, int messages, ProcessMeter process)
    {
        string name = RunName.Next();
        using var owner = LoadConnection.Open(options.Pairs.Target, $"{name}-retained");
        owner.PublishAll(Retained(options, name, messages, Math.Max(1, options.Pairs.Size)), RetainedInflight);
        using var pairs = PairLoad.Start(options.Pairs);
        var found = await MeasureAsync(options, pairs, process);
        owner.PublishAll(Retained(options, name, messages, 0), RetainedInflight);
        return found;
    }

    private static async Task<(Rate Rate, double Resident, long Lost)> MeasureAsync(GrowthOptions options, PairLoad pairs, ProcessMeter process)
    {
        var rate = await pairs.MeasureAsync(options.Pairs.WarmUp, options.Pairs.Time, process);
        double resident = process.ResidentMebibytes;
        return (rate, resident, await pairs.StopAsync());
    }

    private static string Filter(string name, int number) => number % 2 == 0 ? $"{name}/device{number}/+/state" : $"{name}/+/group{number}/#";

    private static string Topic(string name, int number, int any) => number % 2 == 0 ? $"{name}/device{number}/{any}/state" : $"{name}/{any}/group{number}/state";

    private static IEnumerable<EncodedPublish> Retained(GrowthOptions options, string name, int count, int size) =>
        Enumerable.Range(0, count).Select(i => new EncodedPublish(
            options.Pairs.Target.Version, $"{name}/site{i / 1_000}/sensor{i % 1_000}", size, QualityOfService.AtLeastOnce, retain: true));
}

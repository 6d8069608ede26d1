using Broker.Bench.Clients;
using Broker.Bench.Pairs;

namespace Broker.Bench.Tls;

/// <summary><c>dotnet Broker.Bench.dll tls …</c>: what TLS costs, for messages and for connections.</summary>
internal static class TlsCommand
{
    public const string Name = "tls";

    /// <summary>Measures, prints a line of JSON for the pairs and one for the connections, and gives back the exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> words, TextWriter output)
    {
        var options = TlsOptions.Parse(words);
        using var process = new ProcessMeter(options.Pairs.Process);
        using (var pairs = PairLoad.Start(options.Pairs))
        {
            var rate = await pairs.MeasureAsync(options.Pairs.WarmUp, options.Pairs.Time, process);
            long lost = await pairs.StopAsync();
            await Json.WriteAsync(output, [("kind", "tls-pairs"), .. options.Pairs.Fields, .. rate.Fields("delivered", process), ("lost", lost)]);
        }

        using var churn = new TlsChurn(options);
        var connections = await churn.MeasureAsync(process);
        await Json.WriteAsync(
            output,
            [
                ("kind", "tls-connections"),
                ("version", options.Pairs.Target.Version.ToString()),
                ("connecting", options.Connecting),
                ("seconds", options.Pairs.Time.TotalSeconds),
                .. connections.Fields("connections", process),
            ]);
        return 0;
    }
}

using System.Globalization;
using System.Text.Json;
using Broker.Tests.Pages.Dashboard;

namespace Broker.Tests.Load.Dashboard;

/// <summary>
/// <c>dotnet Broker.Tests.dll dashboard-load …</c>: how long each page and each list of the REST API takes to its first data with much in the store, and what open
/// overviews cost the broker.
/// </summary>
internal static class DashboardCommand
{
    public const string Name = "dashboard-load";

    public static string Usage =>
        """
        dashboard-load [--provider Sqlite|PostgreSql] [--sessions N] [--retained N] [--rate N] [--open N] [--seconds N] [--repeat N]
              fills a store of its own, starts the broker on it, and prints JSON: milliseconds to the first data of each page and list while
              --rate messages pass each second, then the broker's CPU time without and with --open overviews,
              and at last the messages that it carries at most without and with them
        """;

    /// <summary>Runs, and prints one line of JSON for each thing that was measured.</summary>
    /// <exception cref="FormatException">The command line holds what is not known.</exception>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output)
    {
        string provider = "Sqlite";
        int sessions = 100_000, retained = 1_000_000, rate = 0, open = 5, seconds = 20, repeat = 3;
        if (arguments.Count % 2 != 0) throw new FormatException($"{arguments[^1]} needs a value");
        for (int i = 0; i < arguments.Count; i += 2)
        {
            string value = arguments[i + 1];
            switch (arguments[i])
            {
                case "--provider": provider = value is "Sqlite" or "PostgreSql" ? value : throw new FormatException("--provider is Sqlite or PostgreSql"); break;
                case "--sessions": sessions = Number(value, least: 1); break;
                case "--retained": retained = Number(value, least: 2); break;
                case "--rate": rate = Number(value, least: 0); break;
                case "--open": open = Number(value, least: 0); break;
                case "--seconds": seconds = Number(value, least: 1); break;
                case "--repeat": repeat = Number(value, least: 1); break;
                case var unknown: throw new FormatException($"there is no option {unknown}");
            }
        }

        var seed = new Seed(sessions, retained);
        await using var host = await StoredHost.StartAsync(provider, seed.WriteAsync);
        var watch = new DashboardWatch(host, repeat);
        var span = TimeSpan.FromSeconds(seconds);
        using (rate > 0 ? PassingMessages.Start(host.Broker.Port, rate) : null)
        {
            await PrintAsync(watch.ListsAsync(seed.Lists));
            await PrintAsync(watch.PagesAsync(seed.Pages));
            await PrintAsync(watch.OverviewsAsync(open, span));
        }
        if (open > 0) await PrintAsync(watch.ThroughputAsync(open, span));
        return 0;

        async Task PrintAsync(IAsyncEnumerable<object> lines)
        {
            await foreach (var figures in lines) await output.WriteLineAsync(JsonSerializer.Serialize(figures));
        }
    }

    private static int Number(string value, int least) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least ? number : throw new FormatException($"'{value}' is no number from {least} on");
}

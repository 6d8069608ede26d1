using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Running;

namespace Broker.Bench.Micro;

/// <summary><c>dotnet Broker.Bench.dll micro …</c>: pieces of the broker by themselves, with BenchmarkDotNet.</summary>
internal static class MicroCommand
{
    public const string Name = "micro";

    public static string Usage =>
        """
        micro [--filter '*Route*'] [--job short] [--list flat] …
          pieces of the broker by themselves, their time and what they allocate; all options are BenchmarkDotNet's, and --filter '*' runs all
        """;

    /// <summary>Hands the words to BenchmarkDotNet.</summary>
    /// <returns>The exit code: 1 if nothing was run and nothing was asked for, or something failed.</returns>
    /// <exception cref="FormatException">There are none.</exception>
    public static Task<int> RunAsync(IReadOnlyList<string> words, TextWriter output)
    {
        if (words.Count == 0) throw new FormatException("say which ones: --filter '*' runs all, --list flat names them");
        // Within this process: nothing has to be built again, and the program runs where there is no SDK.
        var summaries = BenchmarkSwitcher.FromAssembly(typeof(MicroCommand).Assembly)
            .Run([.. words, "--inProcess"], DefaultConfig.Instance.AddDiagnoser(MemoryDiagnoser.Default))
            .ToList();
        bool wasAsked = words.Any(word => word is "--list" or "--help" or "--info" or "--version");
        bool isSound = summaries.TrueForAll(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success));
        return Task.FromResult(isSound && (wasAsked || summaries.Count > 0) ? 0 : 1);
    }
}

using System.Globalization;
using Broker.Core.Diagnostics;
using Broker.Tests.Crash.Accounts;
using Broker.Tests.RealClients;
using Xunit.Abstractions;

namespace Broker.Tests.Crash;

/// <summary>
/// Nothing that was acknowledged is lost, doubled or mixed up when the broker or its database is killed while clients work at full speed. <c>KILLS</c> in the
/// environment sets how often each failpoint kills; the long runs start from the command line: <c>dotnet Broker.Tests.dll crash</c>.
/// </summary>
[Collection(CrashCollection.Name)]
public sealed class CrashTests(ITestOutputHelper output) : IDisposable
{
    private static readonly int KillsPerFailpoint = int.Parse(Environment.GetEnvironmentVariable("KILLS") ?? "1", CultureInfo.InvariantCulture);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("broker-crash-");
    private bool isClean;

    [Theory]
    [InlineData(nameof(StoreKind.Sqlite))]
    [InlineData(nameof(StoreKind.PostgreSql))]
    public void Nothing_acknowledged_is_lost_when_the_broker_is_killed_again_and_again_at_full_speed(string store) =>
        Run(Options(store) with { Cycles = 20, CheckEvery = 10 });

    [Theory]
    [InlineData(nameof(Victim.Database), 3)]
    [InlineData(nameof(Victim.Both), 2)]
    public void Nothing_acknowledged_is_lost_when_PostgreSQL_is_killed(string victim, int kills) =>
        Run(Options(nameof(StoreKind.PostgreSql)) with { Cycles = kills, Kill = Enum.Parse<Victim>(victim) });

    [Theory]
    [InlineData(nameof(StoreKind.Sqlite))]
    [InlineData(nameof(StoreKind.PostgreSql))]
    public void Nothing_acknowledged_is_lost_when_the_broker_dies_at_the_moments_that_are_hardest_to_survive(string store) =>
        Run(Options(store) with { Cycles = KillsPerFailpoint * CrashOptions.EveryFailpoint.Count, Failpoints = CrashOptions.EveryFailpoint })
            .ShouldBe(CrashOptions.EveryFailpoint, ignoreOrder: true, "it did not come to each of them");

    [Theory]
    [InlineData(nameof(StoreKind.Sqlite))]
    [InlineData(nameof(StoreKind.PostgreSql))]
    public void A_store_whose_making_was_cut_short_is_made_at_the_next_start(string store) =>
        Run(Options(store) with { Cycles = KillsPerFailpoint, Failpoints = [Failpoint.Migration] }).ShouldBe([Failpoint.Migration]);

    [Theory]
    [InlineData(nameof(StoreKind.Sqlite))]
    [InlineData(nameof(StoreKind.PostgreSql))]
    public void A_broker_that_acknowledges_before_it_commits_is_found(string store)
    {
        using var run = new CrashRun(Options(store) with { Cycles = 4, CheckEvery = 1, Lies = true }, output.WriteLine);

        run.Execute()[Fault.Lost].ShouldBeGreaterThan(0);
        isClean = true;
    }

    [Fact]
    public async Task A_run_that_is_killed_itself_goes_on_where_it_was()
    {
        string[] line = [Path.Combine(AppContext.BaseDirectory, "Broker.Tests.dll"), "crash", "--cycles", "3", "--store", "sqlite", "--directory", directory.FullName];
        await using var killed = RunningProgram.Start("dotnet", line);
        await killed.LineAsync(text => text.StartsWith("cycle 1:", StringComparison.Ordinal));
        killed.Kill();
        await killed.ExitCodeAsync();

        await using var resumed = RunningProgram.Start("dotnet", [.. line, "--resume"]);
        await resumed.SucceedsAsync();
        output.WriteLine(resumed.Transcript);
        resumed.Transcript.ShouldNotContain("cycle 1:");
        resumed.Transcript.ShouldContain("cycle 3:");
        isClean = true;
    }

    public void Dispose()
    {
        if (isClean) directory.Delete(recursive: true); // else it is evidence
    }

    private CrashOptions Options(string store) => new() { Store = Enum.Parse<StoreKind>(store), Directory = directory.FullName };

    // Gives back the failpoints at which the broker died, each once.
    private IEnumerable<Failpoint> Run(CrashOptions options)
    {
        (isClean, var deaths) = CrashRun.ExecuteAll(options, output.WriteLine);
        isClean.ShouldBeTrue("what is wrong stands in the output");
        return deaths.Distinct();
    }
}

using System.Text.RegularExpressions;
using Broker.Tests.RealClients;

namespace Broker.Tests.Rules;

/// <summary>What the build does not look at itself: spaces and lines, and figures that stand in several files.</summary>
public sealed partial class FormatRules
{
    [Fact]
    public async Task Sources_are_laid_out_as_dotnet_format_would()
    {
        await using var format = Format(Repository.Root);

        await format.SucceedsAsync();
    }

    [Fact]
    public async Task A_source_laid_out_otherwise_is_found()
    {
        var folder = Directory.CreateTempSubdirectory("broker-format-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "A.cs"), "class A{int B( )=>1;}\n");
        await using var format = Format(folder.FullName);

        (await format.ExitCodeAsync()).ShouldNotBe(0);
        format.Transcript.ShouldContain("A.cs");
        folder.Delete(recursive: true);
    }

    [Fact]
    public void The_version_of_Node_that_is_needed_is_stated_alike()
    {
        var stated = NodeInPackage().Match(Repository.Read("package.json").Text).Groups["version"].Value;

        stated.ShouldNotBeEmpty();
        NodeInBuild().Match(Repository.Read("Broker.Web/StaticAssets.targets").Text).Groups["version"].Value.ShouldBe(stated);
        Repository.Read("README.md").Text.ShouldContain($"[Node.js](https://nodejs.org) {stated} or newer");
        Repository.Read("CONTRIBUTING.md").Text.ShouldContain($"Node.js {stated} with npm");
    }

    private static RunningProgram Format(string folder) =>
        RunningProgram.Start("dotnet", ["format", "whitespace", "--folder", "--verify-no-changes"], folder);

    [GeneratedRegex("""
        "node": ">=(?<version>\d+)"
        """)]
    private static partial Regex NodeInPackage();

    [GeneratedRegex(@"<NodeMinimum>(?<version>\d+)</NodeMinimum>")]
    private static partial Regex NodeInBuild();
}

using System.Text.Json;
using System.Text.RegularExpressions;

namespace Broker.Tests.Rules;

/// <summary>What may not stand in the repository: traces of one machine, other people's built code, hosts of private registries.</summary>
public sealed partial class TextRules
{
    private const int LongestText = 300_000;
    private const int LongestPicture = 64 * 1024;
    private static readonly string[] PublicRegistries = ["registry.npmjs.org", "npmjs.com", "www.npmjs.com", "api.nuget.org", "nuget.org", "www.nuget.org"];
    private static readonly string[] Pictures = [".png", ".ico", ".webp", ".woff2"];

    private static IEnumerable<SourceFile> Texts => Repository.Paths.Where(path => !Pictures.Any(path.EndsWith)).Select(Repository.Read);

    [Fact]
    public void No_file_holds_a_path_of_somebodys_machine() =>
        Texts.SelectMany(MachinePaths).ShouldBeEmpty();

    [Theory]
    [InlineData("see ", "/home/", "anna/broker")]
    [InlineData("\"", "/root/", ".nuget\"")]
    [InlineData("", "/work/", "broker")]
    [InlineData("C:", "\\Users\\", "anna")]
    [InlineData("C:", "/Users/", "anna")]
    public void A_path_of_somebodys_machine_is_found(string before, string folder, string after) =>
        MachinePaths(new SourceFile("a.md", before + folder + after)).ShouldHaveSingleItem();

    [Theory]
    [InlineData("https://example.org/home/page")]
    [InlineData("$SYS/root/a and ./work/a and Broker.Web/root/a")]
    public void An_address_or_a_relative_path_is_not_a_machines(string text) =>
        MachinePaths(new SourceFile("a.md", text)).ShouldBeEmpty();

    [Fact]
    public void No_file_names_a_private_registry() =>
        Texts.SelectMany(PrivateRegistries).ShouldBeEmpty();

    [Theory]
    [InlineData("npm.example.com/mqtt")]
    [InlineData("10.0.0.5:4873/mqtt")]
    [InlineData("artifacts.example.com/api/nuget/v3/index.json")]
    public void A_private_registry_is_found(string address) =>
        PrivateRegistries(new SourceFile("nuget.config", "https://" + address)).ShouldHaveSingleItem();

    [Fact]
    public void The_npm_lock_file_names_the_public_registry_or_none() =>
        ForeignPackages(Repository.Read("package-lock.json")).ShouldBeEmpty();

    [Theory]
    [InlineData(""","resolved":"https://packages.test/a.tgz" """, 1)]
    [InlineData(""","resolved":"https://registry.npmjs.org/a/-/a-1.0.0.tgz" """, 0)]
    [InlineData("", 0)]
    public void A_package_from_elsewhere_is_found(string resolved, int found) =>
        ForeignPackages(new SourceFile("package-lock.json", """{"packages":{"node_modules/a":{"version":"1.0.0" """ + resolved + "}}}"))
            .Count().ShouldBe(found);

    [Fact]
    public void Only_sources_are_under_version_control() =>
        Repository.Paths.SelectMany(path => BuiltCode(path, File.ReadAllBytes(Path.Combine(Repository.Root, path)))).ShouldBeEmpty();

    [Theory]
    [InlineData("wwwroot/mqtt.min.js", 10)]
    [InlineData("wwwroot/a.png", LongestPicture + 1)]
    [InlineData("wwwroot/a.js", LongestText + 1)]
    [InlineData("a.dll", 0)]
    public void What_was_built_is_found(string path, int letters) =>
        BuiltCode(path, letters == 0 ? new byte[4] : [.. Enumerable.Repeat((byte)'a', letters)]).ShouldHaveSingleItem();

    private static IEnumerable<string> MachinePaths(SourceFile file) =>
        MachinePath().Matches(file.Text).Select(match => $"{file.Path} holds {match.Value}");

    private static IEnumerable<string> PrivateRegistries(SourceFile file) =>
        from Match match in Registry().Matches(file.Text)
        where !PublicRegistries.Contains(match.Groups["host"].Value)
        select $"{file.Path} names {match.Value}";

    private static IEnumerable<string> ForeignPackages(SourceFile lockFile)
    {
        using var json = JsonDocument.Parse(lockFile.Text);
        foreach (var package in json.RootElement.GetProperty("packages").EnumerateObject())
        {
            if (package.Value.TryGetProperty("resolved", out var resolved)
                && !resolved.GetString()!.StartsWith("https://registry.npmjs.org/", StringComparison.Ordinal))
                yield return $"{package.Name} comes from {resolved}";
        }
    }

    private static IEnumerable<string> BuiltCode(string path, byte[] content)
    {
        var picture = Pictures.Any(path.EndsWith);
        if (path.Contains(".min.", StringComparison.Ordinal))
            yield return $"{path} is minified";
        else if (content.Length > (picture ? LongestPicture : LongestText))
            yield return $"{path} is too long to be a source: {content.Length} bytes";
        else if (!picture && content.Contains((byte)0))
            yield return $"{path} is not a text";
    }

    [GeneratedRegex(@"(?<![\w./$-])([A-Z]:)?[/\\](home|root|work|Users)[/\\][\w.]+")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"https?://(?<host>10\.\d+\.\d+\.\d+|[\w.-]*(npm|nuget|registry|artifact|mirror|verdaccio|nexus)[\w.-]*)", RegexOptions.IgnoreCase)]
    private static partial Regex Registry();
}

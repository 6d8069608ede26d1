using System.Reflection;
using Broker.Tests.Rules;
using Broker.Tests.Testing;
using Xunit.Abstractions;

namespace Broker.Tests.Wire;

/// <summary>Which statements of the standards the tests check. Every statement that can be seen on the wire has a test, or stands in <c>uncovered.tsv</c> with its reason.</summary>
public sealed class LedgerTests(ITestOutputHelper output)
{
    private static readonly Dictionary<(string Version, string Id), int> Tests =
        typeof(LedgerTests).Assembly.GetTypes().SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static).Cast<MemberInfo>().Append(type))
            .SelectMany(member => member.GetCustomAttributes().OfType<ISpecAttribute>())
            .SelectMany(attribute => attribute.Statements.Select(statement => (attribute.Version, statement)))
            .GroupBy(statement => statement).ToDictionary(group => group.Key, group => group.Count());

    private static readonly (string Version, string Id)[] Covered = [.. Tests.Keys];

    private static readonly IReadOnlyDictionary<string, string>[] Statements = [.. SpecTables.Mqtt5, .. SpecTables.Mqtt311];

    private static readonly (string Version, string Id)[] Excused = [.. SpecTables.Uncovered.Select(row => (row["version"], row["id"]))];

    [Fact]
    public void Every_statement_that_can_be_seen_on_the_wire_has_a_test()
    {
        var missing = Statements.Where(row => row["wire_testable"] == "yes").Where(row => !Covered.Contains(Key(row)) && !Excused.Contains(Key(row))).ToArray();
        foreach (var row in missing) output.WriteLine($"{row["version"]} {row["id"]} ({row["who"]}, {row["packet_section"]}): {row["statement"]}");
        missing.Select(row => $"{row["version"]} {row["id"]}").ShouldBeEmpty();
    }

    [Fact]
    public void No_test_names_a_statement_that_is_not_in_the_tables() => Covered.Except(Statements.Select(Key)).ShouldBeEmpty();

    [Fact]
    public void No_statement_is_excused_that_has_a_test_or_does_not_exist()
    {
        Excused.Intersect(Covered).ShouldBeEmpty();
        Excused.Except(Statements.Select(Key)).ShouldBeEmpty();
        SpecTables.Uncovered.ShouldAllBe(row => row["reason"].Length > 20);
    }

    [Fact]
    public void Every_behaviour_that_brokers_get_wrong_has_a_test_named_after_it()
    {
        var tests = typeof(LedgerTests).Assembly.GetTypes().SelectMany(type => type.GetMethods()).Where(method => method.IsDefined(typeof(FactAttribute))).Select(method => method.Name).ToHashSet();
        SpecTables.Behaviours.Select(row => row["test"]).Where(test => !tests.Contains(test)).ShouldBeEmpty();
    }

    [Fact]
    public void The_conformance_page_says_what_the_tests_say()
    {
        string file = Path.Combine(Repository.Root, "docs", "conformance.md");
        string page = ConformancePage.Write(Statements, Tests, SpecTables.Uncovered);
        if (Environment.GetEnvironmentVariable("CONFORMANCE") == "write") File.WriteAllText(file, page);
        File.ReadAllText(file).ReplaceLineEndings("\n").ShouldBe(page);
    }

    private static (string Version, string Id) Key(IReadOnlyDictionary<string, string> row) => (row["version"], row["id"]);
}

using System.Globalization;
using System.Text;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire;

/// <summary>Writes <c>docs/conformance.md</c>: how many statements of each standard a test checks, chapter by chapter, and which none does and why.</summary>
internal static class ConformancePage
{
    /// <summary>The page as it follows from the tables and the tests.</summary>
    public static string Write(
        IEnumerable<IReadOnlyDictionary<string, string>> statements, IReadOnlyDictionary<(string Version, string Id), int> tests,
        IReadOnlyList<IReadOnlyDictionary<string, string>> uncovered)
    {
        var page = new StringBuilder();
        page.AppendLine("# Conformance");
        page.AppendLine();
        page.AppendLine("Every normative statement of MQTT 5.0 and MQTT 3.1.1 is bound to the tests that check it. The binding is an attribute of the test, such as");
        page.AppendLine("`[Spec(\"MQTT-3.1.0-1\")]`; a test compares the attributes with the tables of the standard and fails if a statement that can be seen on the wire has no");
        page.AppendLine("test. This page is written by that test (`CONFORMANCE=write ./test.sh Ledger`), which also fails if the page is out of date.");
        foreach (var version in statements.GroupBy(row => row["version"]))
        {
            page.AppendLine();
            page.AppendLine(CultureInfo.InvariantCulture, $"## MQTT {version.Key}");
            page.AppendLine();
            page.AppendLine("| chapter | statements | seen on the wire | of these with a test | not on the wire, with a test all the same |");
            page.AppendLine("|---|---:|---:|---:|---:|");
            foreach (var chapter in version.GroupBy(Chapter)) page.AppendLine(Row(chapter.Key, chapter, tests));
            page.AppendLine(Row("**all**", version, tests));
        }
        page.AppendLine();
        page.AppendLine("## Behaviours that brokers are known to get wrong");
        page.AppendLine();
        page.AppendLine("| | behaviour | test |");
        page.AppendLine("|---:|---|---|");
        foreach (var row in SpecTables.Behaviours) page.AppendLine(CultureInfo.InvariantCulture, $"| {row["number"]} | {row["behaviour"]} | `{row["test"]}` |");
        page.AppendLine();
        page.AppendLine("## Without a test");
        page.AppendLine();
        foreach (var row in uncovered) page.AppendLine(CultureInfo.InvariantCulture, $"- MQTT {row["version"]}, {row["id"]}: {row["reason"]}");
        return page.ToString().ReplaceLineEndings("\n");
    }

    private static string Row(string name, IEnumerable<IReadOnlyDictionary<string, string>> rows, IReadOnlyDictionary<(string, string), int> tests)
    {
        var (seen, unseen) = (rows.Where(row => row["wire_testable"] == "yes").ToArray(), rows.Where(row => row["wire_testable"] != "yes").ToArray());
        return $"| {name} | {seen.Length + unseen.Length} | {seen.Length} | {seen.Count(HasTest)} | {unseen.Count(HasTest)} |";

        bool HasTest(IReadOnlyDictionary<string, string> row) => tests.ContainsKey((row["version"], row["id"]));
    }

    // MQTT-3.14.4-1 stands in chapter 3.14.
    private static string Chapter(IReadOnlyDictionary<string, string> row) => string.Join('.', row["id"].Split('-')[1].Split('.').Take(2));
}

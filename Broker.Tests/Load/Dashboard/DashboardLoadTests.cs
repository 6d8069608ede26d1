using System.Text.Json;

namespace Broker.Tests.Load.Dashboard;

/// <summary>The measuring tool itself: it looks at everything that it has filled in.</summary>
public sealed class DashboardLoadTests
{
    [Theory]
    [InlineData("Sqlite")]
    [InlineData("PostgreSql")]
    public async Task It_measures_every_list_and_page(string provider)
    {
        var output = new StringWriter();
        (await DashboardCommand.RunAsync(["--provider", provider, "--sessions", "40", "--retained", "200", "--rate", "100", "--open", "1", "--seconds", "1", "--repeat", "1"], output)).ShouldBe(0);
        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var seed = new Seed(40, 200);
        lines.Where(line => line.GetProperty("kind").GetString() == "list").Select(line => line.GetProperty("path").GetString()).ShouldBe(seed.Lists.Select(path => (string?)path), ignoreOrder: false);
        lines.Count(line => line.GetProperty("kind").GetString() == "page").ShouldBe(seed.Pages.Count);
        lines.Where(line => line.GetProperty("kind").GetString() == "overviews").Select(line => line.GetProperty("open").GetInt32()).ShouldBe([0, 1]);
        lines.Where(line => line.GetProperty("kind").GetString() == "throughput").Select(line => (line.GetProperty("open").GetInt32(), line.GetProperty("perSecond").GetDouble() > 0)).ShouldBe([(0, true), (1, true)]);
    }

    [Theory]
    [InlineData("there is no option --fast", "--fast", "1")]
    [InlineData("--sessions needs a value", "--sessions")]
    [InlineData("--provider is Sqlite or PostgreSql", "--provider", "Memory")]
    [InlineData("'0' is no number from 1 on", "--repeat", "0")]
    public async Task What_it_does_not_know_is_told(string told, params string[] arguments) =>
        (await Should.ThrowAsync<FormatException>(() => DashboardCommand.RunAsync(arguments, TextWriter.Null))).Message.ShouldBe(told);
}

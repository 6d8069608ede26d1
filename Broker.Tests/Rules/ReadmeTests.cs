using System.Reflection;
using System.Text.RegularExpressions;
using Broker.Core;
using Broker.Core.Access;
using Broker.Core.Connections;
using Broker.Core.Sessions;
using Broker.Web.Configuration;
using Broker.Web.Listeners;
using Broker.Web.Metrics;
using Broker.Web.Persistence.History;
using Broker.Web.Security;
using Broker.Web.Security.External;
using Microsoft.Extensions.Configuration;

namespace Broker.Tests.Rules;

/// <summary>What the README says about configuration is what the host does: every key, every default, and nothing left out.</summary>
public sealed partial class ReadmeTests
{
    private static readonly KeyRow[] Table = ReadTable(Repository.Read("README.md").Text);

    [Fact]
    public void The_table_holds_every_key_that_the_host_knows_and_no_other()
    {
        var known = KnownKeys.All.Where(key => !key.EndsWith(":#", StringComparison.Ordinal)).Append("Kestrel:Endpoints:Http:Url");

        Table.Select(row => row.Pattern).Order().ShouldBe(known.Order());
    }

    [Theory]
    [InlineData(typeof(Limits), "Mqtt:Limits")]
    [InlineData(typeof(JwtOptions), "Mqtt:Jwt")]
    [InlineData(typeof(HookOptions), "Mqtt:Hook")]
    [InlineData(typeof(AccessOptions), "Mqtt:Access")]
    [InlineData(typeof(Redirect), "Mqtt:Redirect")]
    [InlineData(typeof(SysOptions), "Mqtt:Sys")]
    [InlineData(typeof(TransportOptions), "Mqtt:Transport")]
    [InlineData(typeof(StorageOptions), "Storage")]
    [InlineData(typeof(HistoryOptions), "Storage:History")]
    [InlineData(typeof(AdminOptions), "Admin")]
    [InlineData(typeof(MetricsOptions), "Metrics")]
    public void Every_option_stands_in_the_table(Type options, string section) =>
        options.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).Select(property => $"{section}:{property.Name}")
            .Except(Table.Select(row => row.Key)).ShouldBeEmpty();

    [Fact]
    public void Every_default_is_the_one_that_holds()
    {
        WrongDefaults(Table, "Mqtt:Limits", LimitsTable.Limits).ShouldBeEmpty();
        WrongDefaults(Table, "Mqtt:Jwt", ExternalSettings.Jwt).ShouldBeEmpty();
        WrongDefaults(Table, "Mqtt:Hook", ExternalSettings.Hook).ShouldBeEmpty();
        WrongDefaults(Table, "Mqtt:Access", LimitsTable.Access).ShouldBeEmpty();
        WrongDefaults(Table, "Mqtt:Redirect", LimitsTable.Redirect).ShouldBeEmpty();
        WrongDefaults(Table, "Mqtt:Sys", LimitsTable.Sys).ShouldBeEmpty();
        WrongDefaults(Table, "Mqtt:Transport", LimitsTable.Transport).ShouldBeEmpty();
        WrongDefaults(Table, "Storage", LimitsTable.Storage).ShouldBeEmpty();
        WrongDefaults(Table, "Storage:History", LimitsTable.History).ShouldBeEmpty();
        WrongDefaults(Table, "Admin", LimitsTable.Admin).ShouldBeEmpty();
        WrongDefaults(Table, "Metrics", LimitsTable.Metrics).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("| `Mqtt:Limits:ReceiveMaximum` | `33` | wrong |")]
    [InlineData("| `Mqtt:Limits:ConnectTimeout` | `5 min` | wrong |")]
    [InlineData("| `Mqtt:Limits:QueueBytes` | `a lot` | not readable |")]
    [InlineData("| `Mqtt:Limits:ResponseInformation` | `here` | not empty |")]
    [InlineData("| `Mqtt:Limits:KeepAlive` | none | has a default |")]
    public void A_wrong_default_is_found(string row) =>
        WrongDefaults(ReadTable(row), "Mqtt:Limits", LimitsTable.Limits).ShouldHaveSingleItem();

    [Fact]
    public void The_host_starts_with_every_default_written_out()
    {
        var written = Load(Table.Where(row => row.Default is not null).ToDictionary(row => row.Key, row => row.Default));
        var silent = Load([]);

        written.Listeners.Select(listener => listener.Url).ShouldBe(silent.Listeners.Select(listener => listener.Url));
        written.WebSockets.Path.ShouldBe(silent.WebSockets.Path);
        written.Http.Select(endpoint => endpoint.ToString()).ShouldBe(silent.Http.Select(endpoint => endpoint.ToString()));
    }

    [Fact]
    public void Links_lead_to_files_that_exist()
    {
        var documents = Repository.Paths.Where(path => path.EndsWith(".md", StringComparison.Ordinal)).Select(Repository.Read).ToArray();

        documents.ShouldNotBeEmpty();
        documents.SelectMany(DeadLinks).ShouldBeEmpty();
        DeadLinks(new SourceFile("a.md", "[here](README.md), [there](https://example.org), [nowhere](nowhere.md)")).ShouldBe(["a.md links to nowhere.md"]);
    }

    private static HostSettings Load(Dictionary<string, string?> values)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(values);
        HttpEndpoints.AddDefaults(configuration);
        return SettingsLoader.Load(configuration, Repository.Root);
    }

    private static IEnumerable<string> WrongDefaults<T>(KeyRow[] table, string section, IEnumerable<Setting<T>> settings)
        where T : new()
    {
        foreach (var (row, setting) in table.Join(settings, row => row.Key, setting => $"{section}:{setting.Key}", (row, setting) => (row, setting)))
        {
            var property = typeof(T).GetProperty(setting.Key)!;
            var (options, default_) = (new T(), property.GetValue(new T()));
            if (row.Default is null ? default_ is not ("" or null) : !setting.TrySet(options, row.Default) || !Equals(property.GetValue(options), default_))
                yield return $"{row.Key} has the default {default_}, not {row.Default}";
        }
    }

    private static KeyRow[] ReadTable(string text) =>
        [.. Row().Matches(text).Select(match => new KeyRow(match.Groups["key"].Value, match.Groups["literal"].Success ? match.Groups["literal"].Value : null))];

    private static IEnumerable<string> DeadLinks(SourceFile document) =>
        from Match match in Link().Matches(document.Text)
        let target = match.Groups["target"].Value
        where !target.Contains(':', StringComparison.Ordinal) && !Path.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(document.Path)!, target))
        select $"{document.Path} links to {target}";

    [GeneratedRegex(@"^\| `(?<key>[A-Z]\w*(:\w+)+)` \| (`(?<literal>[^`]*)`|[^`|]*) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\]\((?<target>[^)#]+)")]
    private static partial Regex Link();

    /// <summary>A row of the table: a key with the number 0 for n, and its default if that is a value and not a description.</summary>
    private sealed record KeyRow(string Written, string? Default)
    {
        public string Key => Written.Replace(":n:", ":0:", StringComparison.Ordinal);

        public string Pattern => Written.Replace(":n:", ":#:", StringComparison.Ordinal);
    }
}

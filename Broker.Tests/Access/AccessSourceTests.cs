using System.Net;
using Broker.Core;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Broker.Web.Commands;
using Broker.Web.Persistence;
using Broker.Web.Security.Access;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Access;

/// <summary>Rules in the store that cannot be read or understood deny everything, and the operator hears of it (CVE-2018-12550, CVE-2018-12551).</summary>
public sealed class AccessSourceTests : IAsyncLifetime
{
    private const string Insert = "INSERT INTO access_rules (position, subject, name, action, filter, allows, maximum_qos, may_retain, note, changed_at) VALUES (1, ";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("broker-access-");
    private readonly List<BrokerHost> hosts = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var host in hosts) await host.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(Insert + "'everybody', '', 'publish', 'a', 1, 2, 1, '', '2026-01-01')", "'everybody' is not known")]
    [InlineData(Insert + "'anyone', '', 'publish', 'a/#/b', 1, 2, 1, '', '2026-01-01')", "filter")]
    [InlineData(Insert + "'user', '', 'both', 'a', 1, 2, 1, '', '2026-01-01')", "names it")]
    [InlineData("INSERT INTO settings (name, value) VALUES ('Mqtt:Access:Default', 'Perhaps')", "Perhaps")]
    [InlineData("DROP TABLE access_rules", "access_rules")]
    public async Task Everything_is_denied_from_the_start_on(string sql, string why)
    {
        (await AclCommand.RunAsync(["default", "allow", .. Store])).ShouldBe(0); // which makes the store
        await using (var tables = new BrokerTables(new StorageSettings(StorageProvider.Sqlite, "", File)))
        await using (var context = tables.CreateDbContext())
        {
            if (sql.Contains("settings", StringComparison.Ordinal)) await context.Settings.Where(row => row.Name == AccessTables.DefaultKey).ExecuteDeleteAsync();
            await context.Database.ExecuteSqlRawAsync(sql);
        }
        var host = await StartAsync();

        host.Services.GetRequiredService<MqttBroker>().Policy.Trouble.ShouldNotBeNull().ShouldContain(why);
        using var client = await ScriptedClient.OpenAsync(host.Address, Transport.Tcp, ProtocolVersion.V5, "c");
        await client.ConnectAsync(new Connect { ClientIdentifier = "c", CleanStart = true });
        (await client.TrySubscribeAsync("a")).ShouldBe(ReasonCode.NotAuthorized);
        using var http = await host.WithScopesAsync("read");
        (await http.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await AttentionAsync(http)).ShouldContain("The rules of access cannot be read, and everything is denied");
    }

    [Fact]
    public async Task A_rule_that_is_broken_later_denies_everything_until_it_is_gone()
    {
        var host = await StartAsync();
        var (broker, rules) = (host.Services.GetRequiredService<MqttBroker>(), host.Services.GetRequiredService<AccessRules>());
        await ExecuteAsync(host, Insert + "'everybody', '', 'publish', 'a', 1, 2, 1, '', '2026-01-01')");

        await rules.Changed();
        broker.Policy.Trouble.ShouldNotBeNull().ShouldStartWith("rule 1: subject");

        using var http = await host.WithScopesAsync("admin");
        (await http.DeleteAsync("/api/v1/acl-rules/1")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (broker.Policy.Trouble, broker.Policy.Default.Allows).ShouldBe((null, true));
    }

    [Fact]
    public async Task Rules_that_are_known_stay_while_they_cannot_be_read()
    {
        var host = await StartAsync();
        var (broker, rules) = (host.Services.GetRequiredService<MqttBroker>(), host.Services.GetRequiredService<AccessRules>());
        await rules.AddAsync(new RuleDraft("anyone", "", "publish", "a", false), null, Broker.Web.Security.Actor.Configuration);
        await ExecuteAsync(host, "ALTER TABLE access_rules RENAME TO elsewhere");

        await rules.Changed();

        (broker.Policy.Trouble, broker.Policy.Rules.Count).ShouldBe((null, 1));
    }

    [Fact]
    public async Task An_import_is_whole_or_not_at_all()
    {
        string file = Path.Combine(folder.FullName, "acl");
        await System.IO.File.WriteAllTextAsync(file, "topic a\ntopic a/#/b\n");
        (await AclCommand.RunAsync(["import", file, .. Store])).ShouldBe(1);
        await System.IO.File.WriteAllTextAsync(file, "topic a\nuser anna\ntopic read b\n");
        (await AclCommand.RunAsync(["add", "deny", "group:ops", "both", "#", "--max-qos=1", "--no-retain", "--note=first", .. Store])).ShouldBe(0);
        (await AclCommand.RunAsync(["import", file, .. Store])).ShouldBe(0);
        (await RulesAsync()).ShouldBe(["deny group ops to publish and subscribe to #", "allow anonymous clients to publish and subscribe to a", "allow user anna to subscribe to b"]);
        (await AclCommand.RunAsync(["import", file, "--replace", .. Store])).ShouldBe(0);
        (await AclCommand.RunAsync(["move", "3", "1", .. Store])).ShouldBe(1, "it is gone");
        (await RulesAsync()).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("add", "permit", "anyone", "both", "a")]
    [InlineData("add", "allow", "all", "both", "a")]
    [InlineData("add", "allow", "anyone", "both")]
    [InlineData("add", "allow", "anyone", "both", "a/#/b")]
    [InlineData("move", "1", "first")]
    [InlineData("remove", "7")]
    [InlineData("default", "perhaps")]
    [InlineData("default", "deny", "--Mqtt:Access:Default=Allow")]
    [InlineData("explain", "publish", "#")]
    [InlineData("import", "nowhere.acl")]
    [InlineData("grant")]
    public async Task What_the_command_line_cannot_do_ends_with_1(params string[] args) => (await AclCommand.RunAsync([.. args, .. Store])).ShouldBe(1);

    private string File => Path.Combine(folder.FullName, "broker.db");

    private string[] Store => ["--Storage:Provider=Sqlite", $"--ConnectionStrings:Broker=Data Source={File}"];

    private async Task<List<string>> RulesAsync()
    {
        await using var tables = new BrokerTables(new StorageSettings(StorageProvider.Sqlite, "", File));
        return [.. (await new AccessTables(tables, new AccessOptions()).ReadAsync(CancellationToken.None)).Rules.Select(rule => rule.Words)];
    }

    // It reads the history too, which is opened once the broker serves.
    private static async Task<string> AttentionAsync(HttpClient http)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            using var answer = await http.GetAsync("/api/v1/attention", deadline.Token);
            if (answer.IsSuccessStatusCode) return await answer.Content.ReadAsStringAsync(deadline.Token);
            await Task.Delay(TimeSpan.FromMilliseconds(20), deadline.Token);
        }
    }

    private static async Task ExecuteAsync(BrokerHost host, string sql)
    {
        await using var context = await host.Services.GetRequiredService<IDbContextFactory<BrokerDbContext>>().CreateDbContextAsync();
        await context.Database.ExecuteSqlRawAsync(sql);
    }

    private async Task<BrokerHost> StartAsync()
    {
        var host = new StoredHost(("Storage:Provider", "Sqlite"), ("ConnectionStrings:Broker", $"Data Source={File}"));
        hosts.Add(host);
        await host.InitializeAsync();
        return host;
    }

    private sealed class StoredHost(params (string Key, string Value)[] settings) : BrokerHost(settings);
}

using System.Net;
using System.Text;
using System.Text.Json;
using Broker.Core.Protocol;
using Broker.Tests.Api;
using Broker.Tests.Testing;
using Broker.Web.Commands;
using Broker.Web.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Access;

/// <summary>A host whose rules these tests change.</summary>
public sealed class SqliteAccessHost : BrokerHost
{
    /// <summary>Not started yet.</summary>
    public SqliteAccessHost() => Store = "Sqlite";
}

/// <summary>The same on a PostgreSQL database.</summary>
public sealed class PostgreSqlAccessHost : BrokerHost
{
    /// <summary>Not started yet.</summary>
    public PostgreSqlAccessHost() => Store = "PostgreSql";
}

/// <summary>A host whose configuration says what no rule concerns.</summary>
public sealed class ConfiguredAccessHost() : BrokerHost(("Mqtt:Access:Default", "Deny"));

/// <summary>Rules of access over REST: each change is in force when it is answered.</summary>
public abstract class AccessRuleApiTests(BrokerHost host) : ApiTests(host)
{
    [Fact]
    public async Task Rules_are_added_moved_written_anew_and_removed_in_their_order_with_the_default_last()
    {
        long first = (await AddAsync("client", Unique, "publish", "a", allows: false)).Number("id");
        long second = (await AddAsync("client", Unique, "subscribe", "b/%u/#", allows: true, position: 1)).Number("id");
        (await OwnAsync()).ShouldBe([second, first]);

        var changed = await SendAsync(HttpMethod.Put, $"/acl-rules/{first}", Rule("client", Unique, "both", "c", allows: true, position: 1));
        (changed.Text("action"), changed.Text("filter"), changed.Number("position")).ShouldBe(("both", "c", 1));
        (await OwnAsync()).ShouldBe([first, second]);
        (await GetAsync($"/acl-rules/{second}")).Text("filter").ShouldBe("b/%u/#");
        var last = (await GetAsync("/acl-rules?limit=1000")).Items()[^1];
        (last.GetProperty("id").ValueKind, last.Text("filter"), last.GetProperty("allows").GetBoolean()).ShouldBe((JsonValueKind.Null, "#", true));

        foreach (long id in new[] { first, second }) await SendAsync(HttpMethod.Delete, $"/acl-rules/{id}", null, HttpStatusCode.NoContent);
        (await OwnAsync()).ShouldBeEmpty();
        await SendAsync(HttpMethod.Delete, $"/acl-rules/{first}", null, HttpStatusCode.NotFound);
        (await AuditOfAsync($"rule {first}")).ShouldBe(["access rule changed", "access rule removed"]);
        (await AuditOfAsync($"deny client {Unique} to publish to a")).ShouldBe(["access rule added"]);
    }

    [Theory]
    [InlineData("subject", "everybody", "", "publish", "a", 2, null)]
    [InlineData("action", "anyone", "", "read", "a", 2, null)]
    [InlineData("action", "anyone", "", "none", "a", 2, null)]
    [InlineData("name", "user", "", "publish", "a", 2, null)]
    [InlineData("name", "anyone", "anna", "publish", "a", 2, null)]
    [InlineData("name", "user", "a\0", "publish", "a", 2, null)]
    [InlineData("filter", "anyone", "", "publish", "a/#/b", 2, null)]
    [InlineData("filter", "anyone", "", "publish", "", 2, null)]
    [InlineData("filter", "anyone", "", "publish", "$share/g/a", 2, null)]
    [InlineData("maximumQoS", "anyone", "", "publish", "a", 3, null)]
    [InlineData("position", "anyone", "", "publish", "a", 2, 0)]
    [InlineData("position", "anyone", "", "publish", "a", 2, 20_000)]
    public async Task What_cannot_be_is_refused_by_its_field(string field, string subject, string name, string action, string filter, int maximumQoS, int? position)
    {
        var body = new { subject, name, action, filter, allows = true, maximumQoS, position };
        await RefusedAsync(HttpMethod.Post, "/acl-rules", field, body);
        await RefusedAsync(HttpMethod.Post, "/acl-rules?dryRun=true", field, body);
    }

    [Fact]
    public async Task A_dry_run_names_the_subscriptions_that_a_change_would_end_and_the_change_ends_them_before_it_is_answered()
    {
        var client = await ConnectAsync(Transport.Tcp);
        foreach (string filter in new[] { $"{Unique}/a", $"{Unique}/b" }) await client.SubscribeAsync(filter);
        object rule = Rule("client", client.ClientIdentifier, "subscribe", $"{Unique}/a", allows: false);

        var would = await SendAsync(HttpMethod.Post, "/acl-rules?dryRun=true", rule);
        (would.Number("count"), would.GetProperty("lowered").Number("count")).ShouldBe((1, 0));
        var sample = would.GetProperty("sample").EnumerateArray().ShouldHaveSingleItem();
        (sample.Text("clientIdentifier"), sample.Text("filter")).ShouldBe((client.ClientIdentifier, $"{Unique}/a"));
        sample.Text("rule").ShouldBe($"the new rule: deny client {client.ClientIdentifier} to subscribe to {Unique}/a");
        (await GetAsync($"/clients/{client.ClientIdentifier}/subscriptions")).GetArrayLength().ShouldBe(2);

        long id = (await SendAsync(HttpMethod.Post, "/acl-rules", rule, HttpStatusCode.Created)).Number("id");
        (await GetAsync($"/clients/{client.ClientIdentifier}/subscriptions")).EnumerateArray().ShouldHaveSingleItem().Text("filter").ShouldBe($"{Unique}/b");
        string words = $"rule {id}: deny client {client.ClientIdentifier} to subscribe to {Unique}/a";
        (await client.TrySubscribeAsync($"{Unique}/a")).ShouldBe(ReasonCode.NotAuthorized);
        var timeline = await WaitAsync($"/clients/{client.ClientIdentifier}/timeline", now => now.Items().Any(one => one.Text("kind") == "denied"));
        timeline.Items().Single(one => one.Text("kind") == "revoked").Text("text")!.ShouldContain(words);
        timeline.Items().Single(one => one.Text("kind") == "denied").Text("text")!.ShouldContain(words);
        await WaitAsync("/attention", now => now.EnumerateArray().Any(item => item.Text("kind") == "denied" && item.Text("subject") == client.ClientIdentifier));
        await SendAsync(HttpMethod.Put, $"/clients/{client.ClientIdentifier}/subscriptions", new { filter = $"{Unique}/a" }, HttpStatusCode.Conflict);

        (await SendAsync(HttpMethod.Delete, $"/acl-rules/{id}?dryRun=true")).Number("count").ShouldBe(0);
        await SendAsync(HttpMethod.Delete, $"/acl-rules/{id}", null, HttpStatusCode.NoContent);
        (await client.TrySubscribeAsync($"{Unique}/a")).ShouldBe(ReasonCode.Success);
    }

    [Fact]
    public async Task The_default_is_the_last_rule_and_is_set_like_one()
    {
        var client = await ConnectAsync(Transport.Tcp);
        await client.SubscribeAsync(Unique);

        (await SendAsync(HttpMethod.Put, "/acl-rules/default?dryRun=true", new { allows = false })).GetProperty("sample").EnumerateArray()
            .Single(one => one.Text("filter") == Unique).Text("rule").ShouldBe("the default: deny");
        await SendAsync(HttpMethod.Put, "/acl-rules/default", new { allows = false }, HttpStatusCode.NoContent);
        (await client.TrySubscribeAsync(Unique)).ShouldBe(ReasonCode.NotAuthorized);
        (await GetAsync("/acl-rules?limit=1000")).Items()[^1].GetProperty("allows").GetBoolean().ShouldBeFalse();
        await SendAsync(HttpMethod.Put, "/acl-rules/default", new { allows = true }, HttpStatusCode.NoContent);
        (await AuditOfAsync("Mqtt:Access:Default")).ShouldBe(["access default changed", "access default changed"]);
    }

    [Fact]
    public async Task A_question_is_answered_by_the_rules_in_force_with_the_way_to_the_answer()
    {
        long deny = (await AddAsync("user", "anna", "publish", $"{Unique}/secret", allows: false)).Number("id");
        long allow = (await AddAsync("user", "anna", "publish", $"{Unique}/#", allows: true)).Number("id");

        var told = await ExplainAsync(new { clientId = "x", userName = "anna", action = "publish", topic = $"{Unique}/secret" });
        (told.GetProperty("allows").GetBoolean(), told.Number("ruleId"), told.Text("userName")).ShouldBe((false, deny, "anna"));
        told.GetProperty("way").EnumerateArray().Last().Text("outcome").ShouldBe("it decides");
        (await ExplainAsync(new { clientId = "x", userName = "anna", action = "publish", topic = $"{Unique}/a", qos = 2, retain = true })).Number("ruleId").ShouldBe(allow);
        (await ExplainAsync(new { clientId = "x", action = "publish", topic = $"{Unique}/a" })).Text("rule").ShouldBe("the default: allow");

        var client = await ConnectAsync(Transport.Tcp);
        var own = await ExplainAsync(new { clientId = client.ClientIdentifier, action = "subscribe", topic = "$SYS/#" });
        (own.GetProperty("allows").GetBoolean(), own.GetProperty("isLocal").GetBoolean()).ShouldBe((true, true));
        (await ExplainAsync(new { clientId = client.ClientIdentifier, action = "subscribe", topic = "$SYS/#", address = "192.0.2.1" })).GetProperty("allows").GetBoolean().ShouldBeFalse();

        await RefusedAsync(HttpMethod.Post, "/access:explain", "topic", new { clientId = "x", action = "publish", topic = "a/#" });
        await RefusedAsync(HttpMethod.Post, "/access:explain", "action", new { clientId = "x", action = "both", topic = "a" });
        await RefusedAsync(HttpMethod.Post, "/access:explain", "address", new { clientId = "x", action = "publish", topic = "a", address = "somewhere" });
        foreach (long id in new[] { deny, allow }) await SendAsync(HttpMethod.Delete, $"/acl-rules/{id}", null, HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_session_is_given_to_another_user_or_released()
    {
        var client = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        string path = $"/clients/{client.ClientIdentifier}";

        await SendAsync(HttpMethod.Put, path + "/owner", new { userName = "anna" }, HttpStatusCode.NoContent);
        await client.ExpectDisconnectedAsync(ReasonCode.AdministrativeAction);
        (await (await OpenAsync(Transport.Tcp)).RequestAsync(Lasting(ProtocolVersion.V5))).Reason.ShouldBe(ReasonCode.NotAuthorized);
        await SendAsync(HttpMethod.Post, path + "/release", null, HttpStatusCode.NoContent);
        (await (await OpenAsync(Transport.Tcp)).RequestAsync(Lasting(ProtocolVersion.V5))).SessionPresent.ShouldBeTrue();

        (await AuditOfAsync(client.ClientIdentifier)).ShouldBe(["session reassigned", "session released"]);
        await RefusedAsync(HttpMethod.Put, path + "/owner", "userName", new { userName = "" });
    }

    [Fact]
    public async Task What_the_command_line_changes_is_in_force_soon()
    {
        var storage = Broker.Services.GetRequiredService<HostSettings>().Storage;
        string[] store = [$"--Storage:Provider={storage.Provider}", $"--ConnectionStrings:Broker={(storage.Path.Length > 0 ? $"Data Source={storage.Path}" : storage.ConnectionString)}"];
        var client = await ConnectAsync(Transport.Tcp);
        await client.SubscribeAsync($"{Unique}/a");

        (await AclCommand.RunAsync(["add", "deny", $"client:{client.ClientIdentifier}", "subscribe", $"{Unique}/#", .. store])).ShouldBe(0);

        await WaitAsync($"/clients/{client.ClientIdentifier}/subscriptions", now => now.GetArrayLength() == 0);
        long id = (await GetAsync("/acl-rules?limit=1000")).Items().Single(one => one.Text("name") == client.ClientIdentifier).Number("id");
        (await AclCommand.RunAsync(["explain", "subscribe", $"{Unique}/a", $"--client={client.ClientIdentifier}", .. store])).ShouldBe(2);
        (await AclCommand.RunAsync(["remove", $"{id}", .. store])).ShouldBe(0);
        await WaitAsync("/acl-rules?limit=1000", now => now.Items().All(one => one.Text("name") != client.ClientIdentifier));
    }

    [Fact] // CVE-2021-34434
    public async Task A_subscription_of_a_client_that_is_away_ends_with_a_rule_and_what_was_queued_for_it_is_not_delivered()
    {
        var away = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        foreach (string filter in new[] { $"{Unique}/a", $"{Unique}/b" }) await away.SubscribeAsync(filter, QualityOfService.AtLeastOnce);
        await away.SendAsync(new Disconnect(ReasonCode.Success));
        await away.ExpectClosedAsync();
        var publisher = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Plain("publisher"));
        foreach (string topic in new[] { $"{Unique}/a", $"{Unique}/b" }) await publisher.PublishAsync(topic, "x", QualityOfService.AtLeastOnce);

        long id = (await AddAsync("client", away.ClientIdentifier, "subscribe", $"{Unique}/a", allows: false)).Number("id");

        (await GetAsync($"/clients/{away.ClientIdentifier}/subscriptions")).EnumerateArray().ShouldHaveSingleItem().Text("filter").ShouldBe($"{Unique}/b");
        var back = await OpenAsync(Transport.Tcp);
        (await back.ConnectAsync(Lasting(ProtocolVersion.V5))).SessionPresent.ShouldBeTrue();
        Encoding.UTF8.GetString((await back.ExpectAsync<Publish>()).Topic.Span).ShouldBe($"{Unique}/b");
        await back.FenceAsync();
        await SendAsync(HttpMethod.Delete, $"/acl-rules/{id}", null, HttpStatusCode.NoContent);
    }

    [Fact] // CVE-2018-12546
    public async Task A_retained_message_stays_no_longer_than_its_publisher_may_publish_there()
    {
        var publisher = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Plain("publisher"));
        foreach (string topic in new[] { $"{Unique}/a", $"{Unique}/b" }) await publisher.PublishAsync(topic, "x", QualityOfService.AtLeastOnce, retain: true);

        long id = (await AddAsync("client", publisher.ClientIdentifier, "publish", $"{Unique}/a", allows: false)).Number("id");

        var subscriber = await ConnectAsync(Transport.Tcp);
        await subscriber.SubscribeAsync($"{Unique}/#", QualityOfService.AtMostOnce);
        Encoding.UTF8.GetString((await subscriber.ExpectAsync<Publish>()).Topic.Span).ShouldBe($"{Unique}/b");
        await subscriber.FenceAsync();
        await SendAsync(HttpMethod.Delete, $"/acl-rules/{id}", null, HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_rule_that_grants_less_QoS_binds_a_subscription_that_there_is_as_its_dry_run_said_and_its_timeline_says_so()
    {
        var client = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await client.SubscribeAsync(Unique, QualityOfService.ExactlyOnce);

        object rule = new { subject = "client", name = client.ClientIdentifier, action = "subscribe", filter = "#", allows = true, maximumQoS = 0 };

        var would = await SendAsync(HttpMethod.Post, "/acl-rules?dryRun=true", rule);
        (would.Number("count"), would.GetProperty("sample").GetArrayLength(), would.GetProperty("lowered").Number("count")).ShouldBe((0, 0, 1));
        var less = would.GetProperty("lowered").GetProperty("sample").EnumerateArray().ShouldHaveSingleItem();
        (less.Text("clientIdentifier"), less.Text("filter"), less.Number("qoS"), less.Number("grantedQoS")).ShouldBe((client.ClientIdentifier, Unique, 2, 0));
        less.Text("rule").ShouldBe($"the new rule: allow client {client.ClientIdentifier} to subscribe to #, at most QoS 0");
        (await GetAsync($"/clients/{client.ClientIdentifier}/subscriptions")).EnumerateArray().ShouldHaveSingleItem().Number("qoS").ShouldBe(2);
        long id = (await SendAsync(HttpMethod.Post, "/acl-rules", rule, HttpStatusCode.Created)).Number("id");

        (await GetAsync($"/clients/{client.ClientIdentifier}/subscriptions")).EnumerateArray().ShouldHaveSingleItem().Number("qoS").ShouldBe(0);
        var publisher = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Plain("publisher"));
        await publisher.PublishAsync(Unique, "x", QualityOfService.AtLeastOnce);
        (await client.ExpectAsync<Publish>()).QoS.ShouldBe(QualityOfService.AtMostOnce);
        var timeline = await WaitAsync($"/clients/{client.ClientIdentifier}/timeline", now => now.Items().Any(one => one.Text("kind") == "lowered"));
        timeline.Items().Single(one => one.Text("kind") == "lowered").Text("text").ShouldBe($"Subscription goes on: {Unique} at QoS 0 by rule {id}: allow client {client.ClientIdentifier} to subscribe to #, at most QoS 0");
        await SendAsync(HttpMethod.Delete, $"/acl-rules/{id}", null, HttpStatusCode.NoContent);
    }

    private Task<JsonElement> ExplainAsync(object question) => SendAsync(HttpMethod.Post, "/access:explain", question);

    private Task<JsonElement> AddAsync(string subject, string name, string action, string filter, bool allows, int? position = null) =>
        SendAsync(HttpMethod.Post, "/acl-rules", Rule(subject, name, action, filter, allows, position), HttpStatusCode.Created);

    private static object Rule(string subject, string name, string action, string filter, bool allows, int? position = null) => new { subject, name, action, filter, allows, position };

    private async Task<List<long>> OwnAsync() => [.. (await GetAsync("/acl-rules?limit=1000")).Items().Where(one => one.Text("name") == Unique).Select(one => one.Number("id"))];
}

/// <summary>The same in a SQLite file.</summary>
public sealed class SqliteAccessRuleTests(SqliteAccessHost host) : AccessRuleApiTests(host), IClassFixture<SqliteAccessHost>;

/// <summary>The same in a PostgreSQL database.</summary>
public sealed class PostgreSqlAccessRuleTests(PostgreSqlAccessHost host) : AccessRuleApiTests(host), IClassFixture<PostgreSqlAccessHost>;

/// <summary>A last row that the configuration sets.</summary>
public sealed class ConfiguredDefaultTests(ConfiguredAccessHost host) : ApiTests(host), IClassFixture<ConfiguredAccessHost>
{
    [Fact]
    public async Task It_wins_and_cannot_be_changed_otherwise()
    {
        var client = await ConnectAsync(Transport.Tcp);
        (await client.TrySubscribeAsync("a")).ShouldBe(ReasonCode.NotAuthorized);
        foreach (string query in new[] { "", "?dryRun=true" })
            (await SendAsync(HttpMethod.Put, "/acl-rules/default" + query, new { allows = true }, HttpStatusCode.Conflict)).Text("detail")!.ShouldContain("Mqtt:Access:Default");
        (await GetAsync("/acl-rules")).Items().ShouldHaveSingleItem().Text("note").ShouldBe("set by the configuration");
    }
}

using System.Net;
using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Api;

/// <summary>Retained messages over REST.</summary>
public abstract class RetainedTests(BrokerHost host) : ApiTests(host)
{
    [Fact]
    public async Task A_retained_message_is_set_read_whole_and_deleted()
    {
        string path = $"/retained/message?topic={Unique}/%C3%A4";
        var subscriber = await ConnectAsync(Transport.Tcp);
        await subscriber.SubscribeAsync($"{Unique}/#", QualityOfService.AtLeastOnce);
        var properties = new { contentType = "text/plain", userProperties = new[] { new { name = "<b>", value = "\u202E" } } };

        var set = await SendAsync(HttpMethod.Put, path, new { payload = "21.5", qos = 1, expiryInterval = 600, properties });
        (set.Number("matchedSubscribers"), set.GetProperty("persisted").GetBoolean()).ShouldBe((1, true));
        (await subscriber.ExpectAsync<Publish>()).PayloadText().ShouldBe("21.5");
        var read = await GetAsync(path);
        (read.Text("topic"), read.Number("qoS"), read.GetProperty("payload").Text("text"), read.Text("publisher")).ShouldBe(($"{Unique}/ä", 1, "21.5", null));
        read.Text("storedAt")!.ShouldEndWith("Z");
        read.Text("expiresAt")!.ShouldEndWith("Z");
        read.GetProperty("properties").Text("contentType").ShouldBe("text/plain");
        read.GetProperty("properties").GetProperty("userProperties")[0].Text("value").ShouldBe("\u202E");

        await SendAsync(HttpMethod.Delete, path, null, HttpStatusCode.NoContent);
        await SendAsync(HttpMethod.Get, path, null, HttpStatusCode.NotFound);
        await SendAsync(HttpMethod.Delete, path, null, HttpStatusCode.NotFound);
        (await AuditOfAsync($"{Unique}/ä")).ShouldBe(["message published", "retained message deleted"]);
    }

    [Fact]
    public async Task Payloads_are_previewed_in_lists_and_whole_alone()
    {
        byte[] binary = [.. Enumerable.Range(0, 5_000).Select(i => (byte)i)];
        string text = new('ü', 3_000);
        await SendAsync(HttpMethod.Put, $"/retained/message?topic={Unique}/binary", new { payloadBase64 = Convert.ToBase64String(binary) });
        await SendAsync(HttpMethod.Put, $"/retained/message?topic={Unique}/text", new { payload = "x" + text });

        var listed = (await GetAsync($"/retained?prefix={Unique}/")).Items().Select(item => item.GetProperty("payload")).ToArray();
        Convert.FromBase64String(listed[0].Text("base64")!).ShouldBe(binary[..512]);
        listed[1].Text("text").ShouldBe("x" + text[..255]); // the last character is cut in two
        listed.ShouldAllBe(payload => payload.GetProperty("isTruncated").GetBoolean());
        var whole = (await GetAsync($"/retained/message?topic={Unique}/binary")).GetProperty("payload");
        (whole.Number("length"), whole.Text("text")).ShouldBe((5_000, null));
        Convert.FromBase64String(whole.Text("base64")!).ShouldBe(binary);
    }

    [Fact]
    public async Task Messages_are_listed_in_order_by_prefix_and_by_filter_page_by_page()
    {
        string[] topics = ["a", "a/b", "a/b/c", "a/c", "ab", "b", "b/b/c"];
        foreach (string topic in topics.Reverse()) await SendAsync(HttpMethod.Put, $"/retained/message?topic={Unique}/{topic}", new { payload = topic });

        (await ListAsync($"prefix={Unique}/")).ShouldBe(topics);
        (await ListAsync($"prefix={Unique}/a")).ShouldBe(["a", "a/b", "a/b/c", "a/c", "ab"]);
        (await ListAsync($"filter={Unique}/a/%23")).ShouldBe(["a", "a/b", "a/b/c", "a/c"]);
        (await ListAsync($"filter={Unique}/%2B/b/c")).ShouldBe(["a/b/c", "b/b/c"]);
        (await ListAsync($"filter={Unique}/a")).ShouldBe(["a"]);
        (await ListAsync("filter=%2B/nothing")).ShouldBeEmpty();
        await RefusedAsync(HttpMethod.Get, "/retained?filter=a%23", "filter");
        await RefusedAsync(HttpMethod.Get, "/retained?filter=a&prefix=a", "filter");

        var levels = (await GetAsync($"/topics?prefix={Unique}&limit=2")).Items();
        levels.Select(level => (level.Text("level"), level.Text("topic"), level.GetProperty("hasMessage").GetBoolean(), level.GetProperty("hasChildren").GetBoolean(), level.Number("messages")))
            .ShouldBe([("a", $"{Unique}/a", true, true, 4), ("ab", $"{Unique}/ab", true, false, 1)]);
    }

    [Fact]
    public async Task Messages_are_deleted_by_filter_after_a_dry_run_as_a_job()
    {
        for (int i = 0; i < 12; i++) await SendAsync(HttpMethod.Put, $"/retained/message?topic={Unique}/x/{i}", new { payload = "x" });
        await SendAsync(HttpMethod.Put, $"/retained/message?topic={Unique}/y", new { payload = "y" });
        string filter = $"{Unique}/x/+";

        var preview = await SendAsync(HttpMethod.Post, "/retained:delete?dryRun=true", new { filter });
        (preview.Number("count"), preview.GetProperty("sample").GetArrayLength()).ShouldBe((12, 10));
        var begun = await SendAsync(HttpMethod.Post, "/retained:delete", new { filter }, HttpStatusCode.Accepted);
        var job = await EndOfJobAsync(begun);
        (job.Text("state"), job.Number("done"), job.Number("total")).ShouldBe(("done", 12, 12));
        (await GetAsync($"/retained?prefix={Unique}/")).Items().ShouldHaveSingleItem().Text("topic").ShouldBe($"{Unique}/y");
        (await AuditOfAsync(filter)).ShouldBe(["retained messages deleted"]);
        (await GetAsync("/jobs")).EnumerateArray().ShouldContain(one => one.Text("id") == job.Text("id"));
        await RefusedAsync(HttpMethod.Post, "/retained:delete", "filter", new { filter = "a#" });
    }

    private async Task<List<string>> ListAsync(string query)
    {
        var found = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await GetAsync($"/retained?{query}&limit=2&cursor={cursor}");
            found.AddRange(page.Items().Select(item => item.Text("topic")![(Unique.Length + 1)..]));
            cursor = page.Text("nextCursor");
        }
        return found;
    }
}

/// <summary>On SQLite.</summary>
[Collection(SqliteApi.Name)]
public sealed class SqliteRetainedTests(SqliteApiHost host) : RetainedTests(host);

/// <summary>On PostgreSQL.</summary>
[Collection(PostgreSqlApi.Name)]
public sealed class PostgreSqlRetainedTests(PostgreSqlApiHost host) : RetainedTests(host);

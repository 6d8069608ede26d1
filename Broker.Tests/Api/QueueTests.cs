using System.Net;
using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Api;

/// <summary>Queues and subscriptions of clients over REST.</summary>
public abstract class QueueTests(BrokerHost host) : ApiTests(host)
{
    [Fact]
    public async Task A_queue_is_read_page_by_page_whether_its_client_is_away_or_slow()
    {
        var client = await SlowClientAsync(count: 5);
        await AssertQueueAsync(client.ClientIdentifier, ["sent", "waiting", "waiting", "waiting", "waiting"]);
        (await GetAsync($"/clients/{client.ClientIdentifier}/inflight")).Items().ShouldHaveSingleItem().Number("packetIdentifier").ShouldBe(1);

        client.Cut();
        await WaitAsync($"/clients/{client.ClientIdentifier}", now => now.Text("state") == "offline");
        await AssertQueueAsync(client.ClientIdentifier, ["sent", "waiting", "waiting", "waiting", "waiting"]);
        (await GetAsync($"/clients/{client.ClientIdentifier}/inflight")).Items().ShouldHaveSingleItem().Text("topic").ShouldBe($"{Unique}/0");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_deleted_queue_leaves_what_was_sent_and_what_comes_later(bool away)
    {
        var client = await SlowClientAsync(count: 20);
        if (away)
        {
            client.Cut();
            await WaitAsync($"/clients/{client.ClientIdentifier}", now => now.Text("state") == "offline");
        }
        string path = $"/clients/{client.ClientIdentifier}/queue";
        (await SendAsync(HttpMethod.Delete, path + "?dryRun=true")).Number("count").ShouldBeInRange(19, 20);
        var job = await EndOfJobAsync(await SendAsync(HttpMethod.Delete, path, null, HttpStatusCode.Accepted));
        (job.Text("state"), job.Number("done")).ShouldBe(("done", 19), job.ToString());
        (await GetAsync(path)).Items().ShouldHaveSingleItem().Text("state").ShouldBe("sent");
        (await AuditOfAsync(client.ClientIdentifier)).ShouldBe(["queue deleted"]);

        await PublishAsync("later");
        if (away)
        {
            client = await OpenAsync(Transport.Tcp);
            (await client.ConnectAsync(Slow())).SessionPresent.ShouldBeTrue();
        }
        var sent = await client.ExpectAsync<Publish>();
        sent.TopicText().ShouldBe($"{Unique}/0");
        await client.AcknowledgeAsync(sent);
        (await client.ExpectAsync<Publish>()).TopicText().ShouldBe($"{Unique}/later");
        await client.FenceAsync();
    }

    [Fact]
    public async Task A_subscription_is_made_and_taken_back_for_a_client()
    {
        var client = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await client.PublishAsync($"{Unique}/kept", "old", QualityOfService.AtLeastOnce, retain: true);
        string path = $"/clients/{client.ClientIdentifier}/subscriptions", filter = $"{Unique}/#";

        (await SendAsync(HttpMethod.Put, path, new { filter, qos = 1, identifier = 7 })).Number("qoS").ShouldBe(1);
        var retained = await client.ExpectAsync<Publish>();
        (retained.PayloadText(), retained.Properties.Number(PropertyId.SubscriptionIdentifier)).ShouldBe(("old", 7u));
        await client.AcknowledgeAsync(retained);
        var listed = (await GetAsync(path)).EnumerateArray().ShouldHaveSingleItem();
        (listed.Text("filter"), listed.Number("qoS"), listed.Number("identifier"), listed.GetProperty("isConnected").GetBoolean()).ShouldBe((filter, 1, 7, true));

        await SendAsync(HttpMethod.Delete, $"{path}?filter={Uri.EscapeDataString(filter)}", null, HttpStatusCode.NoContent);
        await SendAsync(HttpMethod.Delete, $"{path}?filter={Uri.EscapeDataString(filter)}", null, HttpStatusCode.NotFound);
        (await GetAsync(path)).EnumerateArray().ShouldBeEmpty();
        (await AuditOfAsync(client.ClientIdentifier)).ShouldBe(["subscribed for client", "unsubscribed for client"]);
        await RefusedAsync(HttpMethod.Put, path, "filter", new { filter = "a/#/b" });
        await RefusedAsync(HttpMethod.Put, path, "qos", new { filter = "a", qos = 3 });
        await RefusedAsync(HttpMethod.Put, path, "filter", new { qos = 1 });
        await SendAsync(HttpMethod.Put, "/clients/nobody/subscriptions", new { filter }, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Who_would_get_a_topic_is_told_with_the_subscriptions_and_share_groups_that_match()
    {
        var plain = await ConnectAsync(Transport.Tcp, name: "plain");
        await plain.SubscribeAsync($"{Unique}/+", QualityOfService.AtMostOnce);
        await plain.SubscribeAsync($"{Unique}/#", QualityOfService.AtLeastOnce);
        var member = await ConnectAsync(Transport.Tcp, name: "member");
        await member.SubscribeAsync($"$share/{Unique}/{Unique}/a", QualityOfService.AtLeastOnce);

        var who = await GetAsync($"/subscriptions?match={Unique}/a");
        var receiver = who.GetProperty("receivers").EnumerateArray().ShouldHaveSingleItem();
        (receiver.Text("clientId"), receiver.Number("qoS"), receiver.GetProperty("subscriptions").GetArrayLength()).ShouldBe((plain.ClientIdentifier, 1, 2));
        var group = who.GetProperty("shareGroups").EnumerateArray().ShouldHaveSingleItem();
        group.GetProperty("members").EnumerateArray().ShouldHaveSingleItem().Text("clientId").ShouldBe(member.ClientIdentifier);
        (await GetAsync($"/subscriptions?match={Unique}")).GetProperty("shareGroups").GetArrayLength().ShouldBe(0);
        await RefusedAsync(HttpMethod.Get, "/subscriptions?match=a/%23", "match");

        var all = await GetAsync($"/subscriptions?text={Unique}&limit=2");
        var rest = await GetAsync($"/subscriptions?text={Unique}&limit=2&cursor={all.Text("nextCursor")}");
        all.Items().Concat(rest.Items()).Select(one => one.Text("filter")!).Order().ShouldBe([$"$share/{Unique}/{Unique}/a", $"{Unique}/#", $"{Unique}/+"]);
        rest.Text("nextCursor").ShouldBeNull();
        (await GetAsync("/shared-groups?limit=1000")).Items().ShouldContain(one => one.Text("shareName") == Unique);
    }

    private Connect Slow() => new()
    {
        ClientIdentifier = $"{Unique}client",
        Properties = new PropertiesBuilder().Add(PropertyId.SessionExpiryInterval, 3600).Add(PropertyId.ReceiveMaximum, 1).Build(),
    };

    // It takes one message at a time and acknowledges none.
    private async Task<ScriptedClient> SlowClientAsync(int count)
    {
        var client = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Slow());
        await client.SubscribeAsync($"{Unique}/#", QualityOfService.AtLeastOnce);
        for (int i = 0; i < count; i++) await PublishAsync($"{i}");
        return client;
    }

    private Task PublishAsync(string topic) => SendAsync(HttpMethod.Post, "/publish", new { topic = $"{Unique}/{topic}", payload = topic, qos = 1 });

    private async Task AssertQueueAsync(string client, string[] states)
    {
        var found = new List<(string? Topic, string? State, string? Payload)>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await GetAsync($"/clients/{client}/queue?limit=2&cursor={cursor}");
            found.AddRange(page.Items().Select(item => (item.Text("topic"), item.Text("state"), item.GetProperty("payload").Text("text"))));
            cursor = page.Text("nextCursor");
        }
        found.ShouldBe(states.Select((state, i) => ((string?)$"{Unique}/{i}", (string?)state, (string?)$"{i}")));
    }
}

/// <summary>On SQLite.</summary>
[Collection(SqliteApi.Name)]
public sealed class SqliteQueueTests(SqliteApiHost host) : QueueTests(host);

/// <summary>On PostgreSQL.</summary>
[Collection(PostgreSqlApi.Name)]
public sealed class PostgreSqlQueueTests(PostgreSqlApiHost host) : QueueTests(host);

using System.Net;
using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Api;

/// <summary>Publishing over REST.</summary>
public abstract class PublishTests(BrokerHost host) : ApiTests(host)
{
    [Fact]
    public async Task A_message_is_published_and_the_answer_tells_who_matched_and_that_it_is_stored()
    {
        var subscriber = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await subscriber.SubscribeAsync($"{Unique}/#", QualityOfService.AtLeastOnce);

        var stored = await SendAsync(HttpMethod.Post, "/publish", new { topic = $"{Unique}/a", payloadBase64 = "AAE=", qos = 1, properties = new { responseTopic = "r", correlationData = "AAE=" } });
        (stored.Number("matchedSubscribers"), stored.GetProperty("persisted").GetBoolean()).ShouldBe((1, true));
        var received = await subscriber.ExpectAsync<Publish>();
        received.Payload.ToArray().ShouldBe([0, 1]);
        received.Properties.Text(PropertyId.ResponseTopic).ShouldBe("r");
        var passing = await SendAsync(HttpMethod.Post, "/publish", new { topic = $"{Unique}/b" });
        (passing.Number("matchedSubscribers"), passing.GetProperty("persisted").GetBoolean()).ShouldBe((1, false));
        (await SendAsync(HttpMethod.Post, "/publish", new { topic = $"nobody/{Unique}" })).Number("matchedSubscribers").ShouldBe(0);
        (await AuditOfAsync($"{Unique}/a")).ShouldBe(["message published"]);
    }

    [Fact]
    public async Task A_request_that_is_sent_again_with_its_key_publishes_nothing()
    {
        var subscriber = await ConnectAsync(Transport.Tcp);
        await subscriber.SubscribeAsync($"{Unique}/#", QualityOfService.AtMostOnce);
        var message = new { topic = $"{Unique}/a", payload = "once" };

        var first = await SendAsync(HttpMethod.Post, "/publish", message, idempotencyKey: Unique);
        (await SendAsync(HttpMethod.Post, "/publish", message, idempotencyKey: Unique)).ToString().ShouldBe(first.ToString());
        (await SendAsync(HttpMethod.Post, "/publish", new { topic = $"{Unique}/b" }, HttpStatusCode.BadRequest, Unique)).Text("field").ShouldBe("Idempotency-Key");
        await SendAsync(HttpMethod.Post, "/publish", new { topic = $"{Unique}/last", payload = "last" });
        await subscriber.ReceiveAsync("once");
        await subscriber.ReceiveAsync("last");
    }

    [Fact]
    public async Task A_batch_is_published_in_its_order_or_not_at_all()
    {
        var subscriber = await ConnectAsync(Transport.Tcp);
        await subscriber.SubscribeAsync($"{Unique}/#", QualityOfService.AtLeastOnce);
        var good = new { topic = $"{Unique}/a", payload = "1", qos = 1 };

        await RefusedAsync(HttpMethod.Post, "/publish:batch", "messages[1].topic", new { messages = new[] { good, good with { topic = "a/#" } } });
        var answer = await SendAsync(HttpMethod.Post, "/publish:batch", new { messages = new[] { good, good with { payload = "2" } } });
        answer.GetProperty("results").EnumerateArray().Select(one => one.Number("matchedSubscribers")).ShouldBe([1, 1]);
        await subscriber.ReceiveAsync("1");
        await subscriber.ReceiveAsync("2");
        await RefusedAsync(HttpMethod.Post, "/publish:batch", "messages", new { messages = Array.Empty<object>() });
    }

    [Fact]
    public async Task What_is_not_allowed_is_named()
    {
        await RefusedAsync(HttpMethod.Post, "/publish", "body");
        await RefusedAsync(HttpMethod.Post, "/publish", "topic", new { payload = "x" });
        await RefusedAsync(HttpMethod.Post, "/publish", "topic", new { topic = "" });
        await RefusedAsync(HttpMethod.Post, "/publish", "topic", new { topic = "$SYS/broker/uptime" });
        await RefusedAsync(HttpMethod.Post, "/publish", "qos", new { topic = "a", qos = 3 });
        await RefusedAsync(HttpMethod.Post, "/publish", "qos", new { topic = "a", qos = "one" });
        await RefusedAsync(HttpMethod.Post, "/publish", "payloadBase64", new { topic = "a", payloadBase64 = "?" });
        await RefusedAsync(HttpMethod.Post, "/publish", "payloadBase64", new { topic = "a", payload = "a", payloadBase64 = "AAE=" });
        await RefusedAsync(HttpMethod.Post, "/publish", "expiryInterval", new { topic = "a", expiryInterval = -1 });
        await RefusedAsync(HttpMethod.Post, "/publish", "properties.responseTopic", new { topic = "a", properties = new { responseTopic = "a/+" } });
        await RefusedAsync(HttpMethod.Post, "/publish", "retained", new { topic = "a", retained = true });
    }
}

/// <summary>On SQLite.</summary>
[Collection(SqliteApi.Name)]
public sealed class SqlitePublishTests(SqliteApiHost host) : PublishTests(host);

/// <summary>On PostgreSQL.</summary>
[Collection(PostgreSqlApi.Name)]
public sealed class PostgreSqlPublishTests(PostgreSqlApiHost host) : PublishTests(host);

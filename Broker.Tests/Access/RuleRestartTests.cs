using System.Net;
using System.Net.Http.Json;
using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Broker.Web.Persistence;

namespace Broker.Tests.Access;

/// <summary>Rules that were made over REST, after a restart.</summary>
public abstract class RuleRestartTests(StorageProvider provider) : IAsyncLifetime
{
    private static readonly Connect Away = new()
    {
        ClientIdentifier = "away",
        Properties = new PropertiesBuilder().Add(PropertyId.SessionExpiryInterval, 3_600).Build(),
    };

    private RestartedStore store = null!;

    public async Task InitializeAsync() => store = await RestartedStore.CreateAsync(provider);

    public async Task DisposeAsync() => await store.DisposeAsync();

    [Fact]
    public async Task A_stored_subscription_and_a_publish_are_judged_by_the_same_rules_as_before()
    {
        var host = await store.StartAsync();
        string before;
        using (var http = await host.WithScopesAsync("read", "admin"))
        {
            await AddAsync(http, new { subject = "client", name = "away", action = "subscribe", filter = "x/#", allows = true, maximumQoS = 1 });
            await AddAsync(http, new { subject = "client", name = "away", action = "subscribe", filter = "x/secret", allows = false, position = 1, note = "before the one that allows" });
            await AddAsync(http, new { subject = "anonymous", action = "publish", filter = "x/#", allows = true, mayRetain = false });
            (await http.PutAsJsonAsync("/api/v1/acl-rules/default", new { allows = false })).StatusCode.ShouldBe(HttpStatusCode.NoContent);
            before = await http.GetStringAsync("/api/v1/acl-rules");
        }
        using (var away = await ConnectAsync(host, Away))
        {
            await away.SubscribeAsync("x/#", QualityOfService.AtLeastOnce);
            await away.DisconnectAsync();
        }
        await host.StopAsync();

        host = await store.StartAsync();

        using (var http = await host.WithScopesAsync("read")) (await http.GetStringAsync("/api/v1/acl-rules")).ShouldBe(before);
        using var publisher = await ConnectAsync(host, new Connect { ClientIdentifier = "publisher", CleanStart = true });
        foreach (string topic in new[] { "x/secret", "x/a" }) await publisher.PublishAsync(topic, topic, QualityOfService.AtLeastOnce);
        (await RefusalAsync(publisher, ScriptedClient.Message("y", "", QualityOfService.AtLeastOnce, publisher.NextIdentifier()))).ShouldBe(ReasonCode.NotAuthorized);
        (await RefusalAsync(publisher, ScriptedClient.Message("x/a", "", QualityOfService.AtLeastOnce, publisher.NextIdentifier(), retain: true))).ShouldBe(ReasonCode.NotAuthorized);

        using var back = await ConnectAsync(host, Away);
        (await back.ReceiveAsync("x/a")).QoS.ShouldBe(QualityOfService.AtLeastOnce);
        await back.FenceAsync();
        await back.SendAsync(new Subscribe(back.NextIdentifier(), [new("x/#", new SubscriptionOptions(QualityOfService.ExactlyOnce)), new("y", new SubscriptionOptions(QualityOfService.AtMostOnce))]));
        (await back.ExpectAsync<SubAck>()).Reasons.ShouldBe([ReasonCode.GrantedQoS1, ReasonCode.NotAuthorized]);
    }

    private static async Task AddAsync(HttpClient http, object rule) => (await http.PostAsJsonAsync("/api/v1/acl-rules", rule)).StatusCode.ShouldBe(HttpStatusCode.Created);

    private static async Task<ScriptedClient> ConnectAsync(BrokerHost host, Connect connect)
    {
        var client = await ScriptedClient.OpenAsync(host.Address, Transport.Tcp, ProtocolVersion.V5, connect.ClientIdentifier);
        await client.ConnectAsync(connect);
        return client;
    }

    private static async Task<ReasonCode> RefusalAsync(ScriptedClient client, Publish publish)
    {
        await client.SendAsync(publish);
        return (await client.ExpectAsync<PubAck>()).Reason;
    }
}

/// <summary>The same in a SQLite file.</summary>
public sealed class SqliteRuleRestartTests() : RuleRestartTests(StorageProvider.Sqlite);

/// <summary>The same in a PostgreSQL database.</summary>
public sealed class PostgreSqlRuleRestartTests() : RuleRestartTests(StorageProvider.PostgreSql);

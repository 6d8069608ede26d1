using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Broker.Core.Protocol;
using Broker.Tests.RealClients;
using Broker.Tests.Testing;
using Broker.Web.Operations;
using Broker.Web.Operations.Work;
using Broker.Web.Persistence;
using Broker.Web.Security;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Api;

/// <summary>Requests that are sent again with their key, after the broker was started anew and after a long time.</summary>
public sealed class IdempotencyTests
{
    [Theory]
    [InlineData("Sqlite")]
    [InlineData("PostgreSql")]
    public async Task Keys_outlive_the_brokers_process_and_of_a_batch_that_broke_off_the_rest_is_published(string provider)
    {
        var folder = Directory.CreateTempSubdirectory("broker-keys-");
        string database = provider == "Sqlite" ? $"Data Source={Path.Combine(folder.FullName, "broker.db")}" : await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        string[] settings = [$"--Storage:Provider={provider}", $"--ConnectionStrings:Broker={database}", $"--Admin:Password={SignedIn.Password}"];
        var messages = Enumerable.Range(0, 3).Select(i => new { topic = $"kept/{i}", payload = $"{i}", qos = 1, retain = true }).ToArray();
        string first;
        await using (var process = new Disposed(new BrokerProcess()))
        {
            await process.Broker.StartAsync(settings);
            first = await PublishAsync(process.Broker, "/publish:batch", new { messages }, "batch");
            await PublishAsync(process.Broker, "/publish", messages[0] with { topic = "kept/single" }, "single");
        }
        var tables = new BrokerTables(new StorageSettings(Enum.Parse<StorageProvider>(provider), provider == "Sqlite" ? "" : database, provider == "Sqlite" ? database["Data Source=".Length..] : ""));
        await using (var context = tables.CreateDbContext())
        {
            (await context.AnsweredRequests.CountAsync()).ShouldBe(4);
            await context.AnsweredRequests.Where(row => row.Key.EndsWith("/2")).ExecuteDeleteAsync(); // as if it had broken off there
        }
        await tables.DisposeAsync();

        await using (var process = new Disposed(new BrokerProcess()))
        {
            await process.Broker.StartAsync(settings);
            using var subscriber = await ScriptedClient.OpenAsync(new(process.Broker.Port, process.Broker.HttpPort), Transport.Tcp, ProtocolVersion.V5, "subscriber");
            await subscriber.ConnectAsync(new Connect { CleanStart = true, ClientIdentifier = "subscriber" });
            await subscriber.SubscribeAsync("kept/#", new SubscriptionOptions(QualityOfService.AtMostOnce, RetainHandling: 2));
            string again = await PublishAsync(process.Broker, "/publish:batch", new { messages }, "batch");
            await PublishAsync(process.Broker, "/publish", messages[0] with { topic = "kept/single" }, "single");
            await PublishAsync(process.Broker, "/publish", messages[0] with { topic = "kept/last" }, "last");
            (await subscriber.ExpectAsync<Publish>()).Topic.ToArray().ShouldBe("kept/2"u8.ToArray());
            (await subscriber.ExpectAsync<Publish>()).Topic.ToArray().ShouldBe("kept/last"u8.ToArray());
            Matched(again).ShouldBe([.. Matched(first).Take(2), 1]);
        }
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_key_may_be_used_again_after_a_day()
    {
        var time = new ManualTime();
        var host = new BrokerHost();
        await host.InitializeAsync();
        var keys = ActivatorUtilities.CreateInstance<IdempotencyKeys>(host.Services, time);
        async Task<int> AskAsync(byte[] what) => await keys.OnceAsync(Actor.Configuration, "key", what, async request =>
        {
            if (!(await keys.AnswersAsync(request!, 1)).TryGetValue(request!.KeyOf(0), out var answer)) await keys.KeepAsync(keys.Record(request, 0) with { Matched = what[0] });
            return answer?.Matched ?? -1;
        });

        (await AskAsync([1]), await AskAsync([1])).ShouldBe((-1, 1));
        (await Should.ThrowAsync<InvalidInputException>(() => AskAsync([2]))).Field.ShouldBe("Idempotency-Key");
        time.Advance(TimeSpan.FromDays(1));
        (await AskAsync([2]), await AskAsync([2])).ShouldBe((-1, 2));
        time.Advance(TimeSpan.FromDays(1));
        await keys.TrimAsync();
        await using var tables = await host.Services.GetRequiredService<IDbContextFactory<BrokerDbContext>>().CreateDbContextAsync();
        (await tables.AnsweredRequests.CountAsync()).ShouldBe(0);
    }

    private static int[] Matched(string answer) => [.. JsonDocument.Parse(answer).RootElement.GetProperty("results").EnumerateArray().Select(one => one.GetProperty("matchedSubscribers").GetInt32())];

    private static async Task<string> PublishAsync(BrokerProcess broker, string path, object body, string key)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{broker.HttpPort}") };
        http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"admin:{SignedIn.Password}")));
        http.DefaultRequestHeaders.Add("Idempotency-Key", key);
        using var answer = await http.PostAsJsonAsync("/api/v1" + path, body);
        string text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return text;
    }

    private sealed class Disposed(BrokerProcess broker) : IAsyncDisposable
    {
        public BrokerProcess Broker => broker;

        public ValueTask DisposeAsync() => new(broker.DisposeAsync());
    }
}

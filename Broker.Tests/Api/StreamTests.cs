using System.Net.ServerSentEvents;
using System.Text.Json;
using Broker.Core;
using Broker.Core.Protocol;
using Broker.Tests.RealClients;
using Broker.Tests.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Api;

/// <summary>Server-sent events over REST.</summary>
public abstract class StreamTests(BrokerHost host) : ApiTests(host)
{
    private static readonly TimeSpan Patience = RunningProgram.Patience;

    [Fact]
    public async Task Messages_that_match_are_seen_as_they_pass()
    {
        await using var stream = await FollowAsync($"/messages/stream?filter={Unique}/%2B/x");
        var publisher = await ConnectAsync(Transport.Tcp);
        await publisher.PublishAsync($"{Unique}/a/y", "other");
        await publisher.PublishAsync($"{Unique}/a/x", "seen", QualityOfService.AtLeastOnce, retain: true);

        var seen = await NextAsync(stream, "message");
        (seen.Text("topic"), seen.GetProperty("payload").Text("text"), seen.Number("qoS"), seen.Text("publisher")).ShouldBe(($"{Unique}/a/x", "seen", 1, publisher.ClientIdentifier));
        await RefusedAsync(HttpMethod.Get, "/messages/stream?filter=a%23", "filter");
        await RefusedAsync(HttpMethod.Get, "/messages/stream", "filter");
    }

    [Fact]
    public async Task What_passes_too_fast_is_left_out_and_counted()
    {
        var ring = Broker.Services.GetRequiredService<MqttBroker>().WatchMessages($"{Unique}/#");
        var publisher = await ConnectAsync(Transport.Tcp);
        for (int i = 0; i < 300; i++) await publisher.SendAsync(ScriptedClient.Message($"{Unique}/{i}", "x"));
        await publisher.FenceAsync();

        var (items, skipped) = ring.Take();
        (items.Count, skipped).ShouldBe((256, 44));
        await publisher.PublishAsync($"{Unique}/more", "x");
        await publisher.FenceAsync();
        ring.Take().Items.ShouldHaveSingleItem().Message.TopicText.ShouldBe($"{Unique}/more");
        ring.Dispose();
        await publisher.PublishAsync($"{Unique}/unseen", "x");
        await publisher.FenceAsync();
        ring.Take().Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_happens_to_clients_is_seen_as_it_happens()
    {
        await using var stream = await FollowAsync("/events/stream");
        var client = await ConnectAsync(Transport.Tcp);

        JsonElement seen;
        do seen = await NextAsync(stream, "event");
        while (seen.Text("clientId") != client.ClientIdentifier);
        (seen.Text("kind"), seen.Text("text")!.StartsWith("Connected from 127.0.0.1", StringComparison.Ordinal)).ShouldBe(("connected", true));
    }

    // It has begun once it says that it is alive.
    private async Task<IAsyncEnumerator<SseItem<string>>> FollowAsync(string path)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var body = await Http.GetStreamAsync("/api/v1" + path, deadline.Token);
        var stream = SseParser.Create(body).EnumerateAsync().GetAsyncEnumerator();
        await NextAsync(stream, "alive");
        return stream;
    }

    private static async Task<JsonElement> NextAsync(IAsyncEnumerator<SseItem<string>> stream, string type)
    {
        while (await stream.MoveNextAsync().AsTask().WaitAsync(Patience))
            if (stream.Current.EventType == type) return JsonDocument.Parse(stream.Current.Data).RootElement;
        throw new ScriptException($"the stream ended before {type} came");
    }
}

/// <summary>On SQLite.</summary>
[Collection(SqliteApi.Name)]
public sealed class SqliteStreamTests(SqliteApiHost host) : StreamTests(host);

/// <summary>On PostgreSQL.</summary>
[Collection(PostgreSqlApi.Name)]
public sealed class PostgreSqlStreamTests(PostgreSqlApiHost host) : StreamTests(host);

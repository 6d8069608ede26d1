using System.Net;
using System.Net.Http.Headers;
using Broker.Core.Protocol;
using Broker.Tests.RealClients;
using Broker.Tests.Testing;

namespace Broker.Tests.Api;

/// <summary>Metrics for Prometheus.</summary>
public abstract class MetricsTests(BrokerHost host) : ApiTests(host)
{
    [Fact]
    public async Task Promtool_finds_nothing_to_say_against_them()
    {
        using var client = Broker.Anonymous();
        using var answer = await client.GetAsync("/metrics");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK); // from this machine
        answer.Content.Headers.ContentType.ShouldBe(MediaTypeHeaderValue.Parse("text/plain; version=0.0.4; charset=utf-8"));
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, await answer.Content.ReadAsStringAsync());

        await using var promtool = RunningProgram.Start("sh", ["-c", $"promtool check metrics < {file}"]);
        (await promtool.ExitCodeAsync()).ShouldBe(0, promtool.Transcript);
        File.Delete(file);
    }

    [Fact]
    public async Task What_was_stored_acknowledged_dropped_and_ended_is_counted()
    {
        var before = await ReadAsync();
        var client = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await client.SubscribeAsync($"{Unique}elsewhere/#");
        await client.PublishAsync($"{Unique}/kept", "x", QualityOfService.AtLeastOnce, retain: true);
        await client.SendRawAsync("00 00");
        await client.ExpectDisconnectedAsync(ReasonCode.MalformedPacket);

        var after = await ReadAsync(now =>
            Rise(before, now, "mqtt_broker_disconnects_total{by=\"server\",reason=\"MalformedPacket\"}") >= 1 && Rise(before, now, "mqtt_broker_connections_accepted_total") >= 1
            && Rise(before, now, "mqtt_broker_puback_seconds_bucket{le=\"+Inf\"}") >= 1);
        Rise(before, after, "mqtt_broker_store_commit_seconds_count").ShouldBeGreaterThanOrEqualTo(2);
        after.Keys.ShouldContain("mqtt_broker_publish_dropped_total{reason=\"slowreader\"}");
        after.Keys.ShouldNotContain(name => name.Contains(Unique, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Somebody_behind_a_proxy_needs_the_scope()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("X-Forwarded-For", "192.0.2.1");
        using var nobody = Broker.Anonymous();
        using var answer = await nobody.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private static double Rise(Dictionary<string, double> before, Dictionary<string, double> after, string name) => after.GetValueOrDefault(name) - before.GetValueOrDefault(name);

    // An acknowledgement is counted a moment after it was sent.
    private async Task<Dictionary<string, double>> ReadAsync(Func<Dictionary<string, double>, bool>? isRight = null)
    {
        using var deadline = new CancellationTokenSource(RunningProgram.Patience);
        while (true)
        {
            string text = await Http.GetStringAsync("/metrics", CancellationToken.None);
            var now = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#')
                .ToDictionary(line => line[..line.LastIndexOf(' ')], line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
            if (isRight is null || isRight(now)) return now;
            if (deadline.IsCancellationRequested) throw new ScriptException($"the metrics never came to what was expected; last: {text}");
            await Task.Delay(TimeSpan.FromMilliseconds(150), CancellationToken.None);
        }
    }
}

/// <summary>On SQLite.</summary>
[Collection(SqliteApi.Name)]
public sealed class SqliteMetricsTests(SqliteApiHost host) : MetricsTests(host);

/// <summary>On PostgreSQL.</summary>
[Collection(PostgreSqlApi.Name)]
public sealed class PostgreSqlMetricsTests(PostgreSqlApiHost host) : MetricsTests(host);

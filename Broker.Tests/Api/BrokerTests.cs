using Broker.Tests.Testing;
using Broker.Web.Persistence.History;
using Broker.Web.Persistence.History.Model;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Api;

/// <summary>The broker itself over REST.</summary>
public abstract class BrokerTests(BrokerHost host, string provider) : ApiTests(host)
{
    [Fact]
    public async Task It_tells_how_it_is()
    {
        var broker = await GetAsync("/broker");
        (broker.GetProperty("isReady").GetBoolean(), broker.Text("storageProvider"), broker.GetProperty("hasHistory").GetBoolean()).ShouldBe((true, provider, true));
        var listeners = (await GetAsync("/listeners")).EnumerateArray().ToArray();
        listeners.Select(one => one.Text("kind")).ShouldBe(["mqtt", "websocket", "http"]);
        listeners.ShouldAllBe(one => one.GetProperty("isLoopback").GetBoolean());
        listeners[0].Text("url").ShouldBe($"mqtt://127.0.0.1:{Broker.Address.MqttPort}");
        (await GetAsync("/dropped")).EnumerateArray().ShouldContain(one => one.Text("reason") == "queuefull");
    }

    [Fact]
    public async Task Figures_are_told_now_and_over_time()
    {
        string name = "$SYS/broker/subscriptions/count";
        (await GetAsync("/broker/stats")).GetProperty("values").EnumerateArray().ShouldContain(one => one.Text("name") == name);

        string from = Uri.EscapeDataString(DateTimeOffset.UtcNow.AddMinutes(-5).ToString("O"));
        var history = await WaitAsync($"/broker/stats/history?name={Uri.EscapeDataString(name)}&from={from}", now => now.GetProperty("series")[0].GetProperty("points").GetArrayLength() > 0);
        history.Number("resolutionSeconds").ShouldBe(10);
        history.GetProperty("series")[0].GetProperty("points")[0].Text("at")!.ShouldEndWith("Z");
        await RefusedAsync(HttpMethod.Get, "/broker/stats/history", "from");
        await RefusedAsync(HttpMethod.Get, $"/broker/stats/history?from={from}", "name");
        await RefusedAsync(HttpMethod.Get, "/broker/stats/history?name=a&from=yesterday", "from");
        await RefusedAsync(HttpMethod.Get, $"/broker/stats/history?name=a&from={from}&resolution=7", "resolution");
    }

    [Fact]
    public async Task Of_many_days_the_highest_of_each_hour_is_told()
    {
        string name = $"$SYS/broker/{Unique}";
        var hour = HistoryUpkeep.Floor(DateTime.UtcNow.AddDays(-9), 3_600);
        (int Minute, double Value)[] means = [(0, 1), (5, 5), (55, 3), (60, 2)];
        await Broker.Services.GetRequiredService<HistoryStore>().WriteAsync(
            new HistoryBatch([], [], [], [.. means.Select(mean => new StatisticRow { Name = name, Resolution = HistoryUpkeep.Coarse, At = hour.AddMinutes(mean.Minute), Value = mean.Value })]), CancellationToken.None);

        var history = await GetAsync($"/broker/stats/history?name={Uri.EscapeDataString(name)}&from={Uri.EscapeDataString(hour.ToString("O"))}");
        history.Number("resolutionSeconds").ShouldBe(3_600);
        history.GetProperty("series")[0].GetProperty("points").EnumerateArray().Select(point => (point.GetProperty("at").GetDateTime(), point.GetProperty("value").GetDouble()))
            .ShouldBe([(hour, 5), (hour.AddHours(1), 2)]);
    }

    [Fact]
    public async Task The_configuration_is_told_without_secrets()
    {
        var settings = (await GetAsync("/config/effective")).EnumerateArray().ToDictionary(one => one.Text("key")!);
        settings["Mqtt:Limits:ReceiveMaximum"].Text("value").ShouldBe("32");
        settings["Mqtt:Limits:ReceiveMaximum"].Text("origin").ShouldBe("default");
        settings["Storage:Provider"].Text("value").ShouldBe(provider);
        settings["ConnectionStrings:Broker"].ToString().ShouldNotContain("assword");
    }

    [Fact]
    public async Task Clients_that_take_one_session_from_each_other_need_attention()
    {
        for (int i = 0; i < 7; i++) await ConnectAsync(Transport.Tcp);

        var items = await WaitAsync("/attention", now => now.EnumerateArray().Any(one => one.Text("kind") == "take_over_ping_pong" && one.Text("subject") == $"{Unique}client"));
        items.EnumerateArray().First(one => one.Text("subject") == $"{Unique}client").Number("count").ShouldBeGreaterThanOrEqualTo(5);
    }
}

/// <summary>On SQLite.</summary>
[Collection(SqliteApi.Name)]
public sealed class SqliteBrokerTests(SqliteApiHost host) : BrokerTests(host, "Sqlite");

/// <summary>On PostgreSQL.</summary>
[Collection(PostgreSqlApi.Name)]
public sealed class PostgreSqlBrokerTests(PostgreSqlApiHost host) : BrokerTests(host, "PostgreSql");

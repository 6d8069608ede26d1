using System.Net;
using System.Text.Json;
using Broker.Core.Protocol;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages.Dashboard;

/// <summary>Subscriptions, live tail, events, metrics, settings, and lists to take away.</summary>
public sealed class OtherPagesTests(Browser browser) : StoredPages(browser)
{
    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task It_tells_who_would_get_a_topic_and_how(string provider)
    {
        var host = await HostAsync(provider);
        var (here, away, root) = (Unique("present"), Unique("absent"), Unique("asked"));
        await (await ConnectAsync(host, here)).SubscribeAsync($"{root}/+", QualityOfService.AtMostOnce);
        var sleeper = await ConnectAsync(host, away);
        await sleeper.SubscribeAsync($"{root}/#", QualityOfService.AtLeastOnce);
        await sleeper.DisconnectAsync();
        var page = await OpenAsync(host, "/subscriptions");

        await page.GetByLabel("Topic", new() { Exact = true }).FillAsync($"{root}/kitchen");
        await Button(page, "Find out").ClickAsync();

        var rows = page.GetByRole(AriaRole.Table, new() { Name = "Receivers" }).Locator("tbody tr");
        await Expect(rows).ToHaveCountAsync(2);
        await Expect(rows.Filter(new() { HasTextString = here })).ToContainTextAsync("at once");
        await Expect(rows.Filter(new() { HasTextString = away })).ToContainTextAsync("queued");
    }

    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task Messages_are_seen_as_they_pass_and_held_back_by_a_pause(string provider)
    {
        var host = await HostAsync(provider);
        var root = Unique("passing");
        var page = await OpenAsync(host, $"/tail?filter={root}/%23");
        var publisher = await ConnectAsync(host, Unique("passer"));

        await publisher.PublishAsync($"{root}/1", "seen", QualityOfService.AtLeastOnce);
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Locator("tbody")).ToContainTextAsync("seen");
        await Button(page, "Pause").ClickAsync();
        await Expect(Button(page, "Resume")).ToBeVisibleAsync();
        await publisher.PublishAsync($"{root}/2", "held back", QualityOfService.AtLeastOnce);
        await Expect(page.Locator("[data-tail-count]")).ToContainTextAsync("1 since the pause");

        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await Button(page, $"{root}/1").ClickAsync();
        await Expect(Dialog(page)).ToContainTextAsync("passer-");
    }

    [Fact]
    public async Task More_messages_than_anybody_reads_are_counted_as_skipped()
    {
        var host = await HostAsync("Sqlite");
        var topic = Unique("flood");
        var page = await OpenAsync(host, $"/tail?filter={topic}");
        var publisher = await ConnectAsync(host, Unique("flooder"));

        var flood = Enumerable.Range(0, 5_000).Select(number => (IControlPacket)Testing.ScriptedClient.Message(topic, $"{number}")).ToArray();
        await publisher.SendAsync(flood);

        await Expect(page.Locator("[data-tail-count]")).ToContainTextAsync("skipped");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(50);
    }

    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task Events_of_one_kind_are_chosen_from_a_list(string provider)
    {
        var host = await HostAsync(provider);
        var (id, topic) = (Unique("eventful"), Unique("events"));
        await (await ConnectAsync(host, id)).SubscribeAsync(topic);
        var page = await OpenAsync(host, "/events");

        await page.GetByLabel("What happened").SelectOptionAsync("subscribed");

        await Expect(page).ToHaveURLAsync($"{host.Origin}/events?kind=subscribed");
        await Expect(page.Locator("tbody tr").Filter(new() { HasTextString = id })).ToContainTextAsync($"Subscribed to {topic}");
        await Expect(page.Locator("tbody tr").Filter(new() { HasTextString = "Connected" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_figure_is_chosen_and_drawn_over_time()
    {
        var host = await HostAsync("PostgreSql");
        var page = await OpenAsync(host, "/statistics");

        await page.GetByRole(AriaRole.Link, new() { Name = "clients/connected", Exact = true }).ClickAsync();
        await LiveAsync(page);

        await Expect(page.Locator("[data-chart] h2")).ToHaveTextAsync("clients/connected");
        await Expect(page.Locator("[data-chart] canvas")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Link, new() { Name = "30 d" }).ClickAsync();
        await Expect(page).ToHaveURLAsync($"{host.Origin}/statistics?figure=$SYS%2Fbroker%2Fclients%2Fconnected&range=30d");
    }

    [Fact]
    public async Task Settings_tell_their_origin_and_hide_secrets()
    {
        var host = await HostAsync("PostgreSql");
        var page = await OpenAsync(host, "/settings?origin=set");

        var row = page.Locator("tbody tr").Filter(new() { HasTextString = "Mqtt:Limits:TransientQueueMessages" });
        await Expect(row).ToContainTextAsync("50");
        await Expect(row).ToContainTextAsync("command line");
        await Expect(page.Locator("tbody")).Not.ToContainTextAsync(Testing.PostgresInstallation.Password);
        await Expect(page.Locator("tbody")).Not.ToContainTextAsync(Testing.SignedIn.Password);
    }

    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task A_list_is_taken_away_whole_with_the_filter_of_the_page(string provider)
    {
        var host = await HostAsync(provider);
        var root = Unique("taken");
        await RetainAsync(host, [.. Enumerable.Range(0, 60).Select(number => ($"{root}/{number:00}", "=1+1,\"x\""))]);
        var page = await OpenAsync(host, $"/retained?filter={root}/%23");

        var csv = await DownloadAsync(page, "CSV");
        var json = await DownloadAsync(page, "JSON");

        var lines = csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(61);
        lines[0].ShouldBe("topic,qos,publisher,storedAt,expiresAt,size,payloadBeginning");
        lines[1].ShouldStartWith($"{root}/00,1,keeper-");
        lines[1].ShouldEndWith("8,\"'=1+1,\"\"x\"\"\""); // a spreadsheet must not take it for a formula
        JsonDocument.Parse(json).RootElement.EnumerateArray().Select(row => row.GetProperty("payloadBeginning").GetString()).ShouldAllBe(text => text == "=1+1,\"x\"");
    }

    [Fact]
    public async Task Nobody_takes_a_list_away_who_is_not_signed_in()
    {
        var host = await HostAsync("Sqlite");
        using var client = new HttpClient { BaseAddress = new Uri(host.Origin) };

        using var answer = await client.GetAsync("/export/clients.csv");

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    static async Task<string> DownloadAsync(IPage page, string format)
    {
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = format }).ClickAsync());
        using var reader = new StreamReader(await download.CreateReadStreamAsync());
        return await reader.ReadToEndAsync();
    }
}

using System.Net.Http.Json;
using Broker.Core.Protocol;
using Broker.Tests.Rules;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages.Dashboard;

/// <summary>How each page looks, in both themes and three widths: pictures for people below TestResults/pages, and what a machine can tell of it.</summary>
public sealed class LooksTests(Browser browser) : StoredPages(browser)
{
    // Tells every move of something on the page that no reader caused.
    const string WatchShifts = """
        () => {
            window.shifts = [];
            new PerformanceObserver(list => {
                for (const entry of list.getEntries().filter(entry => !entry.hadRecentInput)) {
                    window.shifts.push(`${entry.value.toFixed(4)}: ${entry.sources.map(source => (source.node?.parentElement?.closest('[class]')?.className ?? '') + ' > ' + (source.node?.nodeName ?? '')).join(', ')}`);
                }
            }).observe({ type: 'layout-shift' });
        }
        """;

    static readonly int[] Widths = [390, 1280, 2560];

    public static TheoryData<string, string> Pages => new()
    {
        { "overview", "/" },
        { "clients", "/clients" },
        { "client", "/clients/client?id=model-sensor" },
        { "client-subscriptions", "/clients/client?id=model-sensor&tab=subscriptions" },
        { "client-access", "/clients/client?id=model-sensor&tab=access&action=subscribe&topic=model/%23" },
        { "client-queue", "/clients/client?id=model-away&tab=queue" },
        { "subscriptions", "/subscriptions?topic=model/kitchen/temperature" },
        { "retained", "/retained?filter=model/%23" },
        { "tail", "/tail?filter=model/%23" },
        { "events", "/events" },
        { "metrics", "/statistics" },
        { "access", "/access" },
        { "access-users", "/access/users" },
        { "access-explain", "/access/explain?client=model-sensor&anonymous=true&action=subscribe&topic=model/%23" },
        { "access-user", "/access/users/user?name=model-anna" },
        { "listeners", "/listeners" },
        { "settings", "/settings" },
        { "mqtt-client", "/client" },
        { "not-found", "/no/such/page" },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_page_fits_every_width_in_both_themes(string name, string path)
    {
        var host = await HostAsync("PostgreSql");
        await FurnishAsync(host);
        var visit = await VisitAsync(host, path);
        visit.Expect("status of 404");

        foreach (var width in Widths)
        {
            await visit.Page.SetViewportSizeAsync(width, 900);
            foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await visit.Page.EmulateMediaAsync(new() { ColorScheme = theme });
                await visit.Page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Root, "TestResults", "pages", $"{name}-{width}-{theme}.png".ToLowerInvariant()), FullPage = true });
            }
            (await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - Math.round(document.body.getBoundingClientRect().right)")).ShouldBe(0, $"{path} at {width}");
        }
    }

    [Theory]
    [InlineData(390)]
    [InlineData(1280)]
    public async Task Nothing_moves_while_live_data_come_in(int width)
    {
        var host = await HostAsync("Sqlite");
        var root = Unique("moving");
        var client = await ConnectAsync(host, $"{root}-first");
        await RetainAsync(host, ($"{root}/first", "1"));
        (string Path, string Arrives)[] looked =
        [
            ("/", $"{root}-second"), ($"/clients?text={root}", $"{root}-second"), ($"/clients/client?id={root}-first", $"{root}/late"), ($"/subscriptions?text={root}", $"{root}/second"),
            ($"/retained?filter={root}/%23", $"{root}/second"), ($"/tail?filter={root}/%23", $"{root}/second"), ("/events", $"{root}-second"),
        ];
        var visits = new List<(IPage Page, string Arrives)>();
        foreach (var (path, arrives) in looked)
        {
            var window = await Browser.OpenAsync(new() { ViewportSize = new() { Width = width, Height = 900 } });
            await window.AddCookiesAsync(host.AdminCookies);
            var visit = await OpenAsync(window, host.Origin, path);
            await LiveAsync(visit.Page);
            await visit.Page.EvaluateAsync(WatchShifts);
            visits.Add((visit.Page, arrives));
        }

        await (await ConnectAsync(host, $"{root}-second")).SubscribeAsync($"{root}/second");
        await client.SubscribeAsync($"{root}/late");
        await RetainAsync(host, ($"{root}/second", "2"));

        foreach (var (page, arrives) in visits)
        {
            await Expect(page.Locator("main")).ToContainTextAsync(arrives);
            (await page.EvaluateAsync<string[]>("window.shifts")).ShouldBeEmpty(page.Url);
        }
    }

    // The same for all pictures, made once for the host.
    async Task FurnishAsync(StoredHost host)
    {
        if (!host.TryFurnish()) return;
        using var rest = host.AsAdmin();
        (await rest.PutAsJsonAsync("/api/v1/users/model-anna", new { groups = new[] { "model-crew" } })).EnsureSuccessStatusCode();
        foreach (var what in new[] { "boiler", new string('w', 100) }) (await rest.PostAsJsonAsync("/api/v1/tokens", new { user = "model-anna", name = what })).EnsureSuccessStatusCode();
        foreach (var (subject, name, filter) in new[] { ("group", "model-crew", "model/%u/#"), ("client", "model-sensor", "model/hall/#"), ("user", new string('w', 200), "model/" + new string('w', 200)) })
            (await rest.PostAsJsonAsync("/api/v1/acl-rules", new { subject, name, action = "both", filter, allows = subject == "group", maximumQoS = 1 })).EnsureSuccessStatusCode();
        for (var number = 1; number <= 4; number++) await ConnectAsync(host, $"model-meter-{number}");
        var sensor = await ConnectAsync(host, "model-sensor");
        await sensor.SubscribeAsync("model/+/set", QualityOfService.AtLeastOnce);
        await sensor.SubscribeAsync("model/all", QualityOfService.ExactlyOnce);
        var away = await ConnectAsync(host, "model-away");
        await away.SubscribeAsync("model/+/temperature", QualityOfService.AtLeastOnce);
        await away.DisconnectAsync();
        await RetainAsync(host,
            [.. from room in new[] { "kitchen", "hall", "office" } from what in new[] { "temperature", "humidity", "state" } select ($"model/{room}/{what}", what == "state" ? "{\"lamp\":\"on\",\"dimmed\":0.4}" : "21.5")]);
    }
}

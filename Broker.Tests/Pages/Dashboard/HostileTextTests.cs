using Broker.Core.Protocol;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages.Dashboard;

/// <summary>What clients choose freely appears as plain text on every page: markup, quotes, marks that turn the direction of writing, and as much as MQTT allows.</summary>
public sealed class HostileTextTests(Browser browser) : StoredPages(browser)
{
    const string Markup = "<img src=x onerror=\"document.title='hit'\"><script>document.title='hit'</script>'\"&amp;";
    const string Turning = "\u202egnp.exe\u2066\u200f";

    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task It_is_plain_text_on_every_page(string provider)
    {
        var host = await HostAsync(provider);
        var id = Unique("evil") + Markup + Turning;
        var topic = Unique("evil") + "/" + Markup + Turning;
        var properties = new PropertiesBuilder().Add(PropertyId.ContentType, Markup).AddUserProperty(Markup, Turning).Build();
        var client = await ConnectAsync(host, id);
        await client.SubscribeAsync($"{topic}/#", QualityOfService.AtLeastOnce);
        var tail = await VisitAsync(host, $"/tail?filter={Uri.EscapeDataString(topic)}");
        var keeper = await ConnectAsync(host, Unique("keeper"));
        await keeper.PublishAsync(topic, Markup + Turning, QualityOfService.AtLeastOnce, retain: true, properties);

        var escaped = Uri.EscapeDataString(id);
        (string Path, string Text)[] pages =
        [
            ("/", "evil-"), ("/events", "evil-"), ("/clients?text=evil", Markup), ($"/clients/client?id={escaped}", Markup), ($"/clients/client?id={escaped}&tab=subscriptions", Markup),
            ($"/clients/client?id={escaped}&tab=queue", Markup), ("/subscriptions?text=evil", Markup), ($"/subscriptions?topic={Uri.EscapeDataString(topic)}", Markup),
            ($"/retained?filter={Uri.EscapeDataString(topic)}", Markup),
        ];
        var page = await OpenAsync(host, "/");
        foreach (var (path, text) in pages)
        {
            await GoAsync(host, page, path);
            await SeesAsync(page, text);
        }
        await SeesAsync(tail.Page, Markup);
        await tail.Page.Locator("tbody .link").ClickAsync();
        await SeesAsync(tail.Page, "⟨U+202E⟩gnp.exe⟨U+2066⟩⟨U+200F⟩");
        await Expect(Dialog(tail.Page)).ToContainTextAsync($"User property {Markup}");
    }

    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task It_may_be_as_long_as_MQTT_allows(string provider)
    {
        var host = await HostAsync(provider);
        var id = Unique("endless").PadRight(60_000, 'x');
        var topic = Unique("endless").PadRight(60_000, 'y');
        var client = await ConnectAsync(host, id);
        await client.SubscribeAsync(topic, QualityOfService.AtLeastOnce);
        await client.DisconnectAsync();
        var keeper = await ConnectAsync(host, Unique("keeper"));
        await keeper.PublishAsync(topic, new string('z', 65_536), QualityOfService.AtLeastOnce, retain: true);

        var page = await OpenAsync(host, "/clients?text=endless");
        await page.Locator("tbody a").First.ClickAsync();
        await LiveAsync(page);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("endless-");
        await page.GetByRole(AriaRole.Link, new() { Name = "Queue and in flight" }).ClickAsync();
        await Expect(page.Locator("tbody")).ToContainTextAsync("endless-");
        await page.GotoAsync(host.Origin + "/retained");
        await Expect(page.Locator(".tree")).ToContainTextAsync("endless-");
        await page.GotoAsync(host.Origin + "/subscriptions?text=endless");
        await Expect(page.Locator("tbody")).ToContainTextAsync("endless-");
        await page.GotoAsync(host.Origin + "/events");
        await Expect(page.Locator("tbody")).ToContainTextAsync("endless-");
    }

    static async Task SeesAsync(IPage page, string text)
    {
        await Expect(page.Locator("main")).ToContainTextAsync(text);
        (await page.TitleAsync()).ShouldNotBe("hit");
        (await page.Locator("main img, main script").CountAsync()).ShouldBe(0);
    }
}

using Broker.Core.Protocol;
using Broker.Tests.RealClients;
using Broker.Tests.Rules;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages;

/// <summary>The page <c>/</c>: what runs and where, live.</summary>
public sealed class OverviewPageTests(Browser browser) : PageTests(browser)
{
    [Fact]
    public async Task It_counts_a_client_that_connects_and_one_that_leaves()
    {
        var page = await OpenLiveAsync();
        await Expect(Figure(page, "clients")).ToHaveTextAsync("0");

        var client = await ConnectAsync("counted");
        await Expect(Figure(page, "clients")).ToHaveTextAsync("1");

        await client.DisconnectAsync();
        await Expect(Figure(page, "clients")).ToHaveTextAsync("0");
    }

    [Fact]
    public async Task It_shows_what_is_subscribed_retained_and_published()
    {
        var page = await OpenLiveAsync();
        var subscriptions = await NumberAsync(page, "subscriptions");
        var retained = await NumberAsync(page, "retained");
        var received = await NumberAsync(page, "received-total");
        var rate = page.WaitForFunctionAsync("() => document.querySelector('[data-figure=received]').textContent !== '0'");

        var client = await ConnectAsync("figures");
        await client.SubscribeAsync("figures/none");
        await client.PublishAsync("figures/kept", "1", QualityOfService.AtLeastOnce, retain: true);
        await client.PublishAsync("figures/passing", "2", QualityOfService.AtLeastOnce);

        await rate;
        await Expect(Figure(page, "subscriptions")).ToHaveTextAsync($"{subscriptions + 1:N0}");
        await Expect(Figure(page, "retained")).ToHaveTextAsync($"{retained + 1:N0}");
        await Expect(Figure(page, "received-total")).ToHaveTextAsync($"{received + 2:N0}");
    }

    [Fact]
    public async Task It_says_that_the_broker_is_ready_and_where_it_listens()
    {
        var page = await OpenLiveAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Ready");
        await Expect(page.Locator(".addresses code")).ToHaveTextAsync(
        [
            $"mqtt://127.0.0.1:{Browser.Broker.Port}",
            $"mqtts://127.0.0.1:{Browser.Broker.TlsPort}",
            $"ws://127.0.0.1:{Browser.Broker.HttpPort}/mqtt",
            $"wss://127.0.0.1:{Browser.Broker.HttpsPort}/mqtt",
            $"http://127.0.0.1:{Browser.Broker.HttpPort}",
            $"https://127.0.0.1:{Browser.Broker.HttpsPort}",
        ]);
    }

    [Fact]
    public async Task Each_copy_button_puts_its_text_on_the_clipboard_and_says_so()
    {
        var visit = await OpenAsync("/", new() { Permissions = ["clipboard-read", "clipboard-write"] });
        await Expect(visit.Page.Locator("[data-live=true]")).ToBeVisibleAsync();

        var lines = visit.Page.Locator(".addresses li, .snippet");
        (await lines.CountAsync()).ShouldBe(10);
        foreach (var line in await lines.AllAsync())
        {
            await line.Locator(".copy").ClickAsync();
            await Expect(line.Locator(".copy-label")).ToHaveTextAsync("Copied");
            (await visit.Page.EvaluateAsync<string>("navigator.clipboard.readText()")).ShouldBe(await line.Locator("code").TextContentAsync());
        }
    }

    [Fact]
    public async Task The_lines_for_a_shell_work_as_they_stand()
    {
        var page = await OpenLiveAsync();
        await using var publisher = RunningProgram.Start("sh", ["-c", await SnippetAsync(page, "Send, in another shell") + " --retain"]);
        await publisher.SucceedsAsync();

        await using var subscriber = RunningProgram.Start("sh", ["-c", await SnippetAsync(page, "Receive, in a shell") + " -C 1"]);

        await subscriber.LineAsync(line => line == "sensors/kitchen/temperature 21.5");
        await subscriber.SucceedsAsync();
    }

    [Theory]
    [InlineData("MQTT.js in a browser")]
    [InlineData("MQTT.js in Node.js")]
    public async Task The_lines_for_MQTT_js_work_as_they_stand(string title)
    {
        var script = await SnippetAsync(await OpenLiveAsync(), title);

        await using var node = RunningProgram.Start("node", ["--input-type=module", "--eval", script], Repository.Root);

        await node.LineAsync(line => line == "sensors/kitchen/temperature 21.5");
    }

    async Task<IPage> OpenLiveAsync()
    {
        var visit = await OpenAsync("/");
        await Expect(visit.Page.Locator("[data-live=true]")).ToBeVisibleAsync();
        return visit.Page;
    }

    static ILocator Figure(IPage page, string name) => page.Locator($"[data-figure={name}]");

    static async Task<long> NumberAsync(IPage page, string name) =>
        long.Parse((await Figure(page, name).TextContentAsync())!, System.Globalization.NumberStyles.AllowThousands, null);

    static async Task<string> SnippetAsync(IPage page, string title) =>
        (await page.Locator(".snippet").Filter(new() { HasTextString = title }).Locator("code").TextContentAsync())!;
}

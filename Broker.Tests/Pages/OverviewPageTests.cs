using Broker.Core.Protocol;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages;

/// <summary>The page <c>/</c>: whether all is well, live.</summary>
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

        var client = await ConnectAsync("figures");
        await client.SubscribeAsync("figures/none");
        await client.PublishAsync("figures/kept", "1", QualityOfService.AtLeastOnce, retain: true);
        await client.PublishAsync("figures/passing", "2", QualityOfService.AtLeastOnce);

        await Expect(Figure(page, "subscriptions")).ToHaveTextAsync($"{subscriptions + 1:N0}");
        await Expect(Figure(page, "retained")).ToHaveTextAsync($"{retained + 1:N0}");
        await Expect(Figure(page, "received-total")).ToHaveTextAsync($"{received + 2:N0}");
    }

    [Fact]
    public async Task It_says_that_the_broker_is_ready_and_what_needs_attention()
    {
        var page = await OpenLiveAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Ready");
        var ends = page.Locator(".attention").GetByRole(AriaRole.Link, new() { Name = $"The certificate of mqtts://127.0.0.1:{Browser.Broker.TlsPort} ends in" });
        await ends.ClickAsync();
        await Expect(page).ToHaveURLAsync(Browser.Origin + "/listeners");
    }

    [Fact]
    public async Task Its_charts_go_on_while_it_is_looked_at()
    {
        var page = await OpenLiveAsync();
        await Expect(page.Locator(".board[data-drawn=true] canvas")).ToHaveCountAsync(4);
        var connected = page.Locator("[data-chart][aria-label=Clients] [data-value]").First;
        await Expect(connected).ToHaveTextAsync("0");

        await ConnectAsync("charted");

        await Expect(connected).ToHaveTextAsync("1");
    }

    [Theory]
    [InlineData("Clients connected", "/clients?state=connected")]
    [InlineData("Subscriptions", "/subscriptions")]
    [InlineData("Retained messages", "/retained")]
    [InlineData("Dropped", "/events?kind=dropped")]
    public async Task Each_tile_leads_to_more_of_it(string tile, string path)
    {
        var page = await OpenLiveAsync();

        await page.Locator(".tile").Filter(new() { HasTextString = tile }).GetByRole(AriaRole.Link).ClickAsync();

        await Expect(page).ToHaveURLAsync(Browser.Origin + path);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
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
}

using System.Net;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages;

/// <summary>How all pages look and what they are made of.</summary>
public sealed class AppearanceTests(Browser browser) : PageTests(browser)
{
    const string Light = "rgb(244, 246, 245)";
    const string Dark = "rgb(13, 18, 17)";

    [Theory]
    [InlineData("/", ColorScheme.Light, Light)]
    [InlineData("/", ColorScheme.Dark, Dark)]
    [InlineData("/client", ColorScheme.Light, Light)]
    [InlineData("/client", ColorScheme.Dark, Dark)]
    public async Task The_colours_follow_the_system(string path, ColorScheme system, string background)
    {
        var visit = await OpenAsync(path, new() { ColorScheme = system });

        await Expect(visit.Page.Locator("body")).ToHaveCSSAsync("background-color", background);
    }

    [Fact]
    public async Task Chosen_colours_are_remembered_on_every_page_until_the_system_decides_again()
    {
        var page = (await OpenAsync("/", new() { ColorScheme = ColorScheme.Light })).Page;

        await Theme(page, "Dark colours").ClickAsync();
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", Dark);
        await Expect(Theme(page, "Dark colours")).ToHaveAttributeAsync("aria-pressed", "true");

        await page.GotoAsync(Browser.Origin + "/client");
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", Dark);

        await Theme(page, "Colours of the system").ClickAsync();
        await page.ReloadAsync();
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", Light);
    }

    [Theory]
    [InlineData("/", 390)]
    [InlineData("/", 1280)]
    [InlineData("/", 2560)]
    [InlineData("/client", 390)]
    [InlineData("/client", 1280)]
    [InlineData("/client", 2560)]
    public async Task No_page_is_wider_than_its_window(string path, int width)
    {
        var visit = await OpenAsync(path, new() { ViewportSize = new() { Width = width, Height = 900 } });

        foreach (var summary in await visit.Page.Locator("summary:visible").AllAsync())
            await summary.ClickAsync();

        (await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - Math.round(document.body.getBoundingClientRect().right)")).ShouldBe(0);
    }

    [Fact]
    public async Task A_keyboard_reaches_the_content_first_and_shows_where_it_is()
    {
        var page = (await OpenAsync("/client")).Page;
        await page.Keyboard.PressAsync("Tab");
        var skip = page.GetByRole(AriaRole.Link, new() { Name = "Skip to the content" });
        await Expect(skip).ToBeFocusedAsync();
        await Expect(skip).ToBeInViewportAsync();
        await Expect(skip).ToHaveCSSAsync("outline-style", "solid");

        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator("main [data-share]")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator("#url")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_page_that_is_not_there_says_so_and_leads_on()
    {
        var visit = await OpenAsync("/no/<such>/page");
        visit.Expect("status of 404");

        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("There is no page here");
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Open the MQTT client" }).ClickAsync();
        await Expect(visit.Page).ToHaveURLAsync(Browser.Origin + "/client");
    }

    [Theory]
    [InlineData("text/html", "text/html")]
    [InlineData("application/json", null)]
    public async Task Only_who_wants_a_page_gets_one_for_an_unknown_address(string accept, string? answered)
    {
        using var client = new HttpClient { BaseAddress = new Uri(Browser.Origin) };
        client.DefaultRequestHeaders.Accept.ParseAdd(accept);

        using var answer = await client.GetAsync("/nothing");

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        answer.Content.Headers.ContentType?.MediaType.ShouldBe(answered);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/client")]
    [InlineData("/not-found")]
    public async Task A_page_holds_no_script_and_no_style_of_its_own_and_forbids_them(string path)
    {
        using var client = new HttpClient { BaseAddress = new Uri(Browser.Origin) };
        using var answer = await client.GetAsync(path);

        var policy = string.Join(' ', answer.Headers.GetValues("Content-Security-Policy"));
        policy.ShouldContain("default-src 'none'; script-src 'self'; style-src 'self';");
        policy.ShouldNotContain("unsafe");
        var html = await answer.Content.ReadAsStringAsync();
        html.ShouldNotMatch("<script(?![^>]*\\ssrc=)");
        html.ShouldNotMatch("<style|\\sstyle=|\\son[a-z]+=");
        html.ShouldNotMatch("(src|href)=\"(https?:)?//(?!127\\.0\\.0\\.1)");
    }

    static ILocator Theme(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });
}

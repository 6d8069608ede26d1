using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages.Dashboard;

/// <summary>Retained messages: found, looked at, written, deleted.</summary>
public sealed class RetainedPageTests(Browser browser) : StoredPages(browser)
{
    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task The_tree_leads_down_to_the_messages(string provider)
    {
        var host = await HostAsync(provider);
        var root = Unique("tree");
        await RetainAsync(host, ($"{root}/a/1", "x"), ($"{root}/a/2", "y"), ($"{root}/b", "z"));
        var page = await OpenAsync(host, "/retained");

        await page.Locator(".tree-level").Filter(new() { HasTextString = root }).ClickAsync();
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(3);
        await page.Locator(".tree-level").Filter(new() { HasTextString = "a" }).First.ClickAsync();

        await Expect(page).ToHaveURLAsync($"{host.Origin}/retained?filter={root}%2Fa%2F%23");
        await Expect(page.Locator("tbody th")).ToHaveTextAsync([$"{root}/a/1", $"{root}/a/2"]);
    }

    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task A_payload_is_shown_as_JSON_text_or_hex(string provider)
    {
        var host = await HostAsync(provider);
        var topic = Unique("shown");
        await RetainAsync(host, (topic, "{\"on\":true}"));
        var page = await OpenAsync(host, $"/retained?filter={topic}");

        await Button(page, topic).ClickAsync();
        var payload = Dialog(page).GetByLabel("Payload", new() { Exact = true });
        await Expect(payload).ToHaveTextAsync("{\n  \"on\": true\n}");
        await Dialog(page).GetByText("Hex").ClickAsync();
        await Expect(payload).ToContainTextAsync("7b 22 6f 6e 22 3a 74 72 75 65 7d");
        await Dialog(page).GetByText("Text").ClickAsync();
        await Expect(payload).ToHaveTextAsync("{\"on\":true}");
        await Expect(Dialog(page)).ToContainTextAsync("keeper-");
    }

    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task A_message_is_written_changed_and_deleted(string provider)
    {
        var host = await HostAsync(provider);
        var topic = Unique("written");
        var page = await OpenAsync(host, $"/retained?filter={topic}");

        await Button(page, "New message").ClickAsync();
        await Dialog(page).GetByLabel("Topic").FillAsync(topic);
        await Dialog(page).GetByLabel("Payload").First.FillAsync("first");
        await ConfirmAsync(page, "Publish retained");
        await Expect(page.Locator("tbody")).ToContainTextAsync("first");

        await Button(page, $"Edit {topic}").ClickAsync();
        await Dialog(page).GetByLabel("Payload").First.FillAsync("second");
        await ConfirmAsync(page, "Publish retained");
        await Expect(page.Locator("tbody")).ToContainTextAsync("second");
        var receiver = await ConnectAsync(host, Unique("reader"));
        await receiver.SubscribeAsync(topic);
        (await receiver.ReceiveAsync("second")).Retain.ShouldBeTrue();

        await Button(page, $"Delete {topic}").ClickAsync();
        await Expect(Dialog(page)).ToContainTextAsync("Delete 1 retained message?");
        await ConfirmAsync(page, "Delete message");
        await Expect(page.Locator(".empty")).ToContainTextAsync("No retained message matches");
    }

    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task All_that_match_are_deleted_after_their_count_was_shown(string provider)
    {
        var host = await HostAsync(provider);
        var root = Unique("many");
        await RetainAsync(host, ($"{root}/1", "x"), ($"{root}/2", "y"), ($"{root}/sub/3", "z"), ($"{root}-other", "stays"));
        var page = await OpenAsync(host, $"/retained?filter={root}/%23");

        await Button(page, "Delete all that match").ClickAsync();
        await Expect(Dialog(page)).ToContainTextAsync("Delete 3 retained messages?");
        await Expect(Dialog(page)).ToContainTextAsync($"{root}/sub/3");
        await ConfirmAsync(page, "Delete messages");

        await Expect(Toast(page)).ToContainTextAsync("3 of 3 retained messages were deleted.");
        await Expect(page.Locator(".empty")).ToBeVisibleAsync();
        await page.GotoAsync($"{host.Origin}/retained?filter={root}-other");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
    }

    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task A_long_list_goes_on_page_by_page(string provider)
    {
        var host = await HostAsync(provider);
        var root = Unique("long");
        await RetainAsync(host, [.. Enumerable.Range(0, 60).Select(number => ($"{root}/{number:00}", "x"))]);
        var page = await OpenAsync(host, $"/retained?filter={root}/%23");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(50);

        await page.GetByRole(AriaRole.Link, new() { Name = "Next page" }).ClickAsync();
        await Expect(page.Locator("tbody th").First).ToHaveTextAsync($"{root}/50");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(10);
        await page.GetByRole(AriaRole.Link, new() { Name = "First page" }).ClickAsync();

        await Expect(page.Locator("tbody th").First).ToHaveTextAsync($"{root}/00");
    }

    [Fact]
    public async Task A_topic_of_some_length_is_whole_on_a_usual_screen()
    {
        var host = await HostAsync("PostgreSql");
        var root = Unique("whole");
        await RetainAsync(host, ($"{root}/building-3/floor-2/temperature", "21.5"));

        var page = await OpenAsync(host, $"/retained?filter={root}/%23", new() { ViewportSize = new() { Width = 1280, Height = 900 } });

        (await page.Locator("tbody .link").EvaluateAsync<int>("link => link.scrollWidth - link.clientWidth")).ShouldBe(0);
    }

    [Fact]
    public async Task A_filter_that_is_none_is_told_in_words()
    {
        var host = await HostAsync("PostgreSql");

        var page = await OpenAsync(host, "/retained?filter=a/%23/b");

        await Expect(page.Locator(".notice.bad")).ToContainTextAsync("“a/#/b” cannot be used");
    }
}

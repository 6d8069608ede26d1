using Broker.Tests.RealClients;
using Broker.Tests.Rules;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages;

/// <summary>The page <c>/listeners</c>: where the broker is reached, by whom, and lines to copy.</summary>
public sealed class ListenersPageTests(Browser browser) : PageTests(browser)
{
    [Fact]
    public async Task It_says_where_the_broker_listens_and_to_whom()
    {
        var page = await OpenListenersAsync();

        await Expect(page.Locator(".listeners code")).ToHaveTextAsync(
        [
            $"mqtt://127.0.0.1:{Browser.Broker.Port}",
            $"mqtts://127.0.0.1:{Browser.Broker.TlsPort}",
            $"ws://127.0.0.1:{Browser.Broker.HttpPort}/mqtt",
            $"wss://127.0.0.1:{Browser.Broker.HttpsPort}/mqtt",
            $"http://127.0.0.1:{Browser.Broker.HttpPort}",
            $"https://127.0.0.1:{Browser.Broker.HttpsPort}",
        ]);
        var encrypted = page.Locator(".listeners tr").Filter(new() { HasTextString = "mqtts://" });
        await Expect(encrypted).ToContainTextAsync("days");
        await Expect(encrypted).ToContainTextAsync("from this machine only");
    }

    [Fact]
    public async Task Each_copy_button_puts_its_text_on_the_clipboard_and_says_so()
    {
        var visit = await OpenAsync("/listeners", new() { Permissions = ["clipboard-read", "clipboard-write"] });
        var lines = visit.Page.Locator(".listeners tbody tr, .snippet");
        (await lines.CountAsync()).ShouldBe(12);
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
        var page = await OpenListenersAsync();
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
        var script = await SnippetAsync(await OpenListenersAsync(), title);

        await using var node = RunningProgram.Start("node", ["--input-type=module", "--eval", script], Repository.Root);

        await node.LineAsync(line => line == "sensors/kitchen/temperature 21.5");
    }

    [Fact]
    public async Task The_lines_for_Paho_work_as_they_stand()
    {
        var script = await SnippetAsync(await OpenListenersAsync(), "Paho in Python");

        await using var python = RunningProgram.Start("/usr/bin/python3", ["-c", script]);

        await python.LineAsync(line => line == "sensors/kitchen/temperature 21.5");
    }

    [Fact]
    public async Task The_lines_are_for_the_listener_that_was_chosen()
    {
        var page = await OpenListenersAsync();

        await page.GetByRole(AriaRole.Navigation, new() { Name = "Listener of the lines" }).GetByText("mqtts://").ClickAsync();

        (await SnippetAsync(page, "Receive, in a shell")).ShouldBe($"mosquitto_sub -h 127.0.0.1 -p {Browser.Broker.TlsPort} --tls-use-os-certs -t 'sensors/#' -v");
        (await SnippetAsync(page, "Paho in Python")).ShouldContain($"port={Browser.Broker.TlsPort}, tls={{}}");
    }

    async Task<IPage> OpenListenersAsync() => (await OpenAsync("/listeners")).Page;

    static async Task<string> SnippetAsync(IPage page, string title) =>
        (await page.Locator(".snippet").Filter(new() { HasTextString = title }).Locator("code").TextContentAsync())!;
}

using System.Text;
using Broker.Core.Protocol;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages;

/// <summary>The list of messages on <c>/client</c>: shown as text whatever they hold, bounded, held back, in three forms.</summary>
public sealed class ClientPageMessageTests(Browser browser) : PageTests(browser)
{
    const string Hostile = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>";

    [Fact]
    public async Task Hostile_strings_are_shown_as_the_text_they_are()
    {
        var client = await OpenClientAsync();
        await client.ConnectAsync();
        await client.SubscribeAsync("hostile/#");
        var sender = await ConnectAsync("page-attacker");

        await sender.PublishAsync($"hostile/{Hostile}", Hostile, QualityOfService.AtLeastOnce, properties: new PropertiesBuilder()
            .Add(PropertyId.ContentType, Hostile).Add(PropertyId.ResponseTopic, Hostile).Add(PropertyId.CorrelationData, Encoding.UTF8.GetBytes(Hostile))
            .AddUserProperty(Hostile, Hostile).Build());
        await client.SubscribeAsync(Hostile);

        await Expect(ClientPage.Part(client.Messages, "topic")).ToHaveTextAsync($"hostile/{Hostile}");
        await Expect(ClientPage.Part(client.Messages, "payload")).ToHaveTextAsync(Hostile);
        await Expect(client.Messages.Locator("dd")).ToHaveTextAsync([Hostile, Hostile, Hostile, Hostile]);
        await Expect(client.Page.Locator("[data-messages] :is(img, script), .subscriptions :is(img, script)")).ToHaveCountAsync(0);
        await Expect(client.Page).ToHaveTitleAsync("MQTT client · Broker");
    }

    [Fact]
    public async Task Characters_that_hide_or_turn_text_are_made_visible()
    {
        var client = await OpenReceivingAsync("hidden");
        var sender = await ConnectAsync("page-hider");

        await sender.PublishAsync("hidden", "a\u202eb\u0007c\u200bd\te\nf");

        await Expect(ClientPage.Part(client.Messages, "payload")).ToHaveTextAsync("a⟨U+202E⟩b⟨U+0007⟩c⟨U+200B⟩d\te\nf");
    }

    [Fact]
    public async Task A_payload_is_shown_as_text_as_JSON_or_in_hex()
    {
        var client = await OpenReceivingAsync("forms");
        var sender = await ConnectAsync("page-former");
        await sender.PublishAsync("forms", """{"id":12345678901234567890,"b":[]}""");
        var payload = ClientPage.Part(client.Messages, "payload");
        await Expect(payload).ToHaveTextAsync("""{"id":12345678901234567890,"b":[]}""");

        await ShowAsync(client, "JSON");
        (await payload.TextContentAsync()).ShouldBe("{\n  \"id\": 12345678901234567890,\n  \"b\": []\n}");

        await ShowAsync(client, "Hex");
        (await payload.TextContentAsync())!.ShouldStartWith("000000  7b 22 69 64 22 3a 31 32 33 34 35 36 37 38 39 30  {\"id\":1234567890\n");

        await ShowAsync(client, "Text");
        await Expect(payload).ToHaveTextAsync("""{"id":12345678901234567890,"b":[]}""");
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_shown_in_hex()
    {
        var client = await OpenReceivingAsync("bytes");
        var sender = await ConnectAsync("page-byter");

        await sender.SendAsync(new Publish { Topic = "bytes"u8.ToArray(), Payload = new byte[] { 0xff, 0x00, 0x41 } });

        await Expect(ClientPage.Part(client.Messages, "payload")).ToContainTextAsync("000000  ff 00 41");
        await Expect(ClientPage.Part(client.Messages, "size")).ToHaveTextAsync("3 B · not UTF-8, shown as hex");
    }

    [Fact]
    public async Task A_long_payload_is_cut_between_characters_until_all_of_it_is_asked_for()
    {
        var text = "x" + new string('ü', 3000);
        var client = await OpenReceivingAsync("long");
        var sender = await ConnectAsync("page-writer");
        await sender.PublishAsync("long", text);
        var payload = ClientPage.Part(client.Messages, "payload");
        await Expect(payload).ToHaveTextAsync(text[..1024]);

        await client.Button("Show all of it").ClickAsync();

        await Expect(payload).ToHaveTextAsync(text);
    }

    [Fact]
    public async Task The_list_keeps_the_newest_500()
    {
        var client = await OpenReceivingAsync("many/#");
        var sender = await ConnectAsync("page-many");

        await sender.SendAsync([.. Enumerable.Range(1, 600).Select(number => (IControlPacket)Testing.ScriptedClient.Message("many/1", $"{number}"))]);

        await Expect(client.Page.Locator("[data-message-count]")).ToHaveTextAsync("600 · the last 500 shown");
        await Expect(client.Messages).ToHaveCountAsync(500);
        await Expect(ClientPage.Part(client.Messages.First, "payload")).ToHaveTextAsync("600");
        await Expect(ClientPage.Part(client.Messages.Last, "payload")).ToHaveTextAsync("101");
    }

    [Fact]
    public async Task A_paused_list_holds_back_what_arrives_and_clear_empties_it()
    {
        var client = await OpenReceivingAsync("held");
        var sender = await ConnectAsync("page-holder");
        await client.Button("Pause").ClickAsync();
        await sender.PublishAsync("held", "1");
        await sender.PublishAsync("held", "2");
        await Expect(client.Page.Locator("[data-message-count]")).ToHaveTextAsync("2 · 2 held back");
        await Expect(client.Messages).ToHaveCountAsync(0);

        await client.Button("Resume").ClickAsync();
        await Expect(client.Messages.Locator("[data-part=payload]")).ToHaveTextAsync(["2", "1"]);

        await client.Button("Clear").ClickAsync();
        await Expect(client.Messages).ToHaveCountAsync(0);
        await Expect(client.Page.Locator("[data-messages-empty]")).ToBeVisibleAsync();
    }

    async Task<ClientPage> OpenReceivingAsync(string filter)
    {
        var client = await OpenClientAsync();
        await client.ConnectAsync();
        await client.SubscribeAsync(filter);
        return client;
    }

    static Task ShowAsync(ClientPage client, string form) =>
        client.Page.GetByRole(AriaRole.Radiogroup).GetByText(form, new() { Exact = true }).ClickAsync();
}

using Broker.Core.Protocol;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages.Dashboard;

/// <summary>The clients, and the page of one client with what an operator does to it.</summary>
public sealed class ClientPagesTests(Browser browser) : StoredPages(browser)
{
    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task A_search_finds_clients_by_identifier_and_state_and_stands_in_the_URL(string provider)
    {
        var host = await HostAsync(provider);
        var (here, away) = (Unique("finder-here"), Unique("finder-away"));
        await ConnectAsync(host, here);
        await (await ConnectAsync(host, away)).DisconnectAsync();
        var page = await OpenAsync(host, "/clients");

        await page.GetByLabel("Client identifier holds").FillAsync("finder");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".skip")).ToHaveAttributeAsync("href", $"{host.Origin}/clients?text=finder#main"); // the answer is there, not only the page before it
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        await page.GetByLabel("State").SelectOptionAsync("offline");

        await Expect(page).ToHaveURLAsync($"{host.Origin}/clients?text=finder&state=offline");
        await Expect(page.Locator("tbody th")).ToHaveTextAsync([away]);
        await page.Locator("tbody a").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(away);
    }

    [Fact]
    public async Task A_choice_counts_before_the_page_is_live()
    {
        var host = await HostAsync("Sqlite");
        var page = await OpenAsync(host, "/clients");
        await page.RouteAsync("**/js/page*.js", _ => Task.CompletedTask); // which is never answered
        await page.GotoAsync($"{host.Origin}/clients?text=early", new() { WaitUntil = WaitUntilState.Commit });

        await page.GetByLabel("State").SelectOptionAsync("offline");

        await Expect(page).ToHaveURLAsync($"{host.Origin}/clients?text=early&state=offline");
    }

    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task Its_timeline_tells_in_plain_words_what_happened(string provider)
    {
        var host = await HostAsync(provider);
        var id = Unique("storyteller");
        var client = await ConnectAsync(host, id);
        await client.SubscribeAsync("stories/#", QualityOfService.AtLeastOnce);
        var twin = await ConnectAsync(host, id);
        await twin.DisconnectAsync();

        var page = await OpenAsync(host, $"/clients/client?id={id}");

        var events = page.GetByRole(AriaRole.Table, new() { Name = "Events" });
        await Expect(events).ToContainTextAsync("Connected from 127.0.0.1");
        await Expect(events).ToContainTextAsync("Subscribed to stories/# at QoS 1");
        await Expect(events).ToContainTextAsync("Taken over by a connection from 127.0.0.1");
        await Expect(events).ToContainTextAsync("Disconnected by the client");
    }

    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task A_client_is_disconnected_after_a_question_that_tells_how_many(string provider)
    {
        var host = await HostAsync(provider);
        var id = Unique("victim");
        var client = await ConnectAsync(host, id);
        var page = await OpenAsync(host, $"/clients/client?id={id}");

        await Button(page, "Disconnect").ClickAsync();
        await Expect(Dialog(page)).ToContainTextAsync("Disconnect 1 client?");
        await ConfirmAsync(page, "Disconnect");

        await client.ExpectDisconnectedAsync(ReasonCode.AdministrativeAction);
        await Expect(Toast(page)).ToContainTextAsync("The client was disconnected.");
        await Expect(Button(page, "Disconnect")).ToBeDisabledAsync();
    }

    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task A_queue_is_shown_and_cleared_and_a_session_deleted(string provider)
    {
        var host = await HostAsync(provider);
        var (id, topic) = (Unique("sleeper"), Unique("queued"));
        var client = await ConnectAsync(host, id);
        await client.SubscribeAsync(topic, QualityOfService.AtLeastOnce);
        await client.DisconnectAsync();
        var publisher = await ConnectAsync(host, Unique("waker"));
        for (var number = 1; number <= 3; number++) await publisher.PublishAsync(topic, $"message {number}", QualityOfService.AtLeastOnce);
        var page = await OpenAsync(host, $"/clients/client?id={id}&tab=queue");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(3);
        await Expect(page.Locator("tbody")).ToContainTextAsync("message 3");

        await Button(page, "Clear queue").ClickAsync();
        await Expect(Dialog(page)).ToContainTextAsync("Delete about 3 queued messages?");
        await ConfirmAsync(page, "Delete messages");
        await Expect(Toast(page)).ToContainTextAsync("3 queued messages were deleted.");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(0);

        await Button(page, "Delete session").ClickAsync();
        await Expect(Dialog(page)).ToContainTextAsync("Lost are 1 subscription and 0 queued messages");
        await ConfirmAsync(page, "Delete session");
        await Expect(Toast(page)).ToContainTextAsync("The session was deleted.");
        await Expect(page.Locator(".page-title")).ToContainTextAsync("Gone, no session");
    }

    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task A_subscription_is_made_for_a_client_and_taken_back(string provider)
    {
        var host = await HostAsync(provider);
        var (id, topic) = (Unique("ward"), Unique("gift"));
        var client = await ConnectAsync(host, id);
        var page = await OpenAsync(host, $"/clients/client?id={id}&tab=subscriptions");

        await Button(page, "Subscribe for this client").ClickAsync();
        await Dialog(page).GetByLabel("Topic filter").FillAsync(topic);
        await Dialog(page).GetByLabel("QoS").SelectOptionAsync("1");
        await ConfirmAsync(page, "Subscribe");
        await Expect(Toast(page)).ToContainTextAsync("Subscribed, QoS 1 granted.");
        await Expect(page.Locator("tbody th")).ToHaveTextAsync([topic]);
        await (await ConnectAsync(host, Unique("giver"))).PublishAsync(topic, "for you", QualityOfService.AtLeastOnce);
        await client.ReceiveAsync("for you");

        await Button(page, "Remove").ClickAsync();
        await ConfirmAsync(page, "Remove");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task Sessions_that_match_are_deleted_after_their_count_was_shown(string provider)
    {
        var host = await HostAsync(provider);
        var kind = Unique("litter");
        for (var number = 1; number <= 3; number++) await (await ConnectAsync(host, $"{kind}-{number}")).DisconnectAsync();
        var page = await OpenAsync(host, "/clients");
        await Expect(Button(page, "Delete sessions that match")).ToBeDisabledAsync();
        await page.GotoAsync($"{host.Origin}/clients?text={kind}&state=offline");
        await LiveAsync(page);

        await Button(page, "Delete sessions that match").ClickAsync();
        await Expect(Dialog(page)).ToContainTextAsync("Delete 3 sessions?");
        await ConfirmAsync(page, "Delete sessions");

        await Expect(Toast(page)).ToContainTextAsync("3 of 3 sessions were deleted.");
        await Expect(page.Locator(".empty")).ToContainTextAsync("No client is like that");
    }

    [Fact]
    public async Task A_wrong_filter_is_told_and_the_page_goes_on()
    {
        var host = await HostAsync("PostgreSql");
        var id = Unique("ward");
        await ConnectAsync(host, id);
        var page = await OpenAsync(host, $"/clients/client?id={id}&tab=subscriptions");

        await Button(page, "Subscribe for this client").ClickAsync();
        await Dialog(page).GetByLabel("Topic filter").FillAsync("a/#/b");
        await ConfirmAsync(page, "Subscribe");

        await Expect(page.Locator(".toast.bad")).ToBeVisibleAsync();
        await Expect(Dialog(page)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_dialog_holds_the_keyboard_and_Escape_closes_it()
    {
        var host = await HostAsync("PostgreSql");
        var id = Unique("ward");
        await ConnectAsync(host, id);
        var page = await OpenAsync(host, $"/clients/client?id={id}");

        await Button(page, "Delete session").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Cancel" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");

        await Expect(Dialog(page)).ToHaveCountAsync(0);
        await Expect(page.Locator(".page-title")).ToContainTextAsync("Connected");
    }
}

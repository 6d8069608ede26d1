using Broker.Core.Protocol;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages.Dashboard;

/// <summary>What a viewer sees of the pages, and what is not offered to them.</summary>
public sealed class RoleTests(Browser browser) : StoredPages(browser)
{
    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task A_viewer_sees_every_page_and_is_offered_no_deed(string provider)
    {
        var host = await HostAsync(provider);
        var viewer = await host.SignInAsync("viewer");
        var (id, root) = (Unique("watched"), Unique("watched"));
        await (await ConnectAsync(host, id)).SubscribeAsync(root);
        await RetainAsync(host, ($"{root}/1", "x"));
        string[] deeds = ["Disconnect", "Clear queue", "Delete session", "Subscribe for this client", "Remove", "New message", "Delete all that match", "Delete sessions that match", $"Edit {root}/1", $"Delete {root}/1", "Release", "Reassign"];
        (string Path, string Text)[] pages =
        [
            ("/", "Ready"), ($"/clients?text={id}", id), ($"/clients/client?id={id}", "Connected"), ($"/clients/client?id={id}&tab=subscriptions", root), ($"/clients/client?id={id}&tab=queue", "Nothing waits"), ($"/clients/client?id={id}&tab=access", "belongs"),
            ("/subscriptions", id), ($"/retained?filter={root}/%23", $"{root}/1"), ("/tail", "Nothing has passed yet"), ("/events", id), ("/statistics", "clients/connected"), ("/listeners", "mqtt://"), ("/settings", "Storage:Provider"),
        ];

        var page = (await VisitAsync(host, "/", cookies: viewer)).Page;
        foreach (var (path, text) in pages)
        {
            await GoAsync(host, page, path);
            await Expect(page.Locator("main")).ToContainTextAsync(text);
            foreach (var deed in deeds) (await Button(page, deed).CountAsync()).ShouldBe(0, $"{deed} at {path}");
            await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Administrators" })).ToHaveCountAsync(0);
        }
    }

    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public async Task A_viewer_sees_messages_but_no_payload(string provider)
    {
        const string Secret = "1234 opens it";
        var host = await HostAsync(provider);
        var (id, root) = (Unique("secretive"), Unique("secrets"));
        var receiver = await ConnectAsync(host, id);
        await receiver.SubscribeAsync($"{root}/#", QualityOfService.AtLeastOnce);
        await receiver.DisconnectAsync();
        await RetainAsync(host, ($"{root}/door", Secret));
        var page = (await VisitAsync(host, $"/retained?filter={root}/%23", cookies: await host.SignInAsync("viewer"))).Page;

        await Button(page, $"{root}/door").ClickAsync();
        await Expect(Dialog(page)).ToContainTextAsync("hidden from viewers");
        await GoAsync(host, page, $"/clients/client?id={id}&tab=queue");
        await Expect(page.Locator("tbody tr")).ToContainTextAsync($"{root}/door");
        await Expect(page.Locator("main")).Not.ToContainTextAsync(Secret);
        await GoAsync(host, page, $"/tail?filter={root}/%23");
        await RetainAsync(host, ($"{root}/gate", Secret));
        await Button(page, $"{root}/gate").ClickAsync();
        await Expect(Dialog(page)).ToContainTextAsync("hidden from viewers");
        (await page.ContentAsync()).ShouldNotContain(Secret);
    }

    [Fact]
    public async Task An_operator_is_offered_deeds_but_not_the_accounts()
    {
        var host = await HostAsync("PostgreSql");
        var id = Unique("operated");
        await ConnectAsync(host, id);

        var page = (await VisitAsync(host, $"/clients/client?id={id}", cookies: await host.SignInAsync("operator"))).Page;

        await Expect(Button(page, "Disconnect")).ToBeEnabledAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Administrators" })).ToHaveCountAsync(0);
    }
}

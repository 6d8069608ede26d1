using Broker.Tests.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages.Dashboard;

/// <summary>The database goes away and returns while pages are looked at.</summary>
public sealed class OutageTests(Browser browser) : StoredPages(browser)
{
    // What they show is in the database.
    static readonly string[] Stored =
    [
        "/", "/?range=1h", "/clients", "/clients/client?id=watched", "/clients/client?id=watched&tab=queue", "/retained?filter=watched/%23", "/events", "/statistics?figure=$SYS/broker/uptime",
        "/access", "/access/users",
    ];

    // What they show is in the process.
    static readonly string[] Known = ["/subscriptions", "/tail", "/listeners", "/settings", "/client", "/administrators", "/api-keys"];

    [Fact]
    public async Task Each_page_says_so_and_goes_on_by_itself()
    {
        await using var server = await PostgresServer.StartNewAsync();
        await using var host = await StoredHost.StartAsync("PostgreSql", server: server);
        var client = await ConnectAsync(host, "watched");
        await client.SubscribeAsync("watched/#");
        await RetainAsync(host, ("watched/1", "x"));
        var window = await Browser.OpenAsync(new());
        await window.AddCookiesAsync(host.AdminCookies);
        var pages = new List<Visit>();
        foreach (var path in Stored.Concat(Known))
        {
            var visit = await OpenAsync(window, host.Origin, path);
            await LiveAsync(visit.Page);
            pages.Add(visit);
        }

        await server.StopAsync(immediately: true);
        foreach (var visit in pages.Take(Stored.Length)) await Expect(Told(visit.Page)).ToContainTextAsync("the database cannot be read");
        await Expect(pages[0].Page.Locator(".attention")).ToContainTextAsync("What happened lately is not known");
        foreach (var visit in pages.Skip(Stored.Length)) await Expect(Told(visit.Page)).ToHaveCountAsync(0);
        var opened = await OpenAsync(window, host.Origin, "/audit");
        opened.Expect("status of 503");
        await Expect(Told(opened.Page)).ToContainTextAsync("the database cannot be read");

        await server.StartAsync();
        foreach (var visit in pages.Take(Stored.Length)) await Expect(Told(visit.Page)).ToHaveCountAsync(0);
        foreach (var visit in pages.Where(visit => visit.Page.Url.Contains("watched", StringComparison.Ordinal))) await Expect(visit.Page.Locator("main")).ToContainTextAsync("watched");
        pages.SelectMany(visit => visit.Complaints).ShouldBeEmpty();
        await window.CloseAsync();
    }

    static ILocator Told(IPage page) => page.Locator(".overview > .notice, .notice.bad.failed, .notice[data-failure]");
}

using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Microsoft.Playwright;

namespace Broker.Tests.Pages;

/// <summary>What tests of pages share. After each test no page may have complained.</summary>
[Collection(nameof(Browser))]
public abstract class PageTests(Browser browser) : IAsyncLifetime
{
    readonly List<IBrowserContext> windows = [];
    readonly List<Visit> visits = [];
    readonly List<ScriptedClient> clients = [];
    IBrowserContext? shared;

    /// <summary>The browser and the host.</summary>
    protected Browser Browser => browser;

    /// <summary>Opens a page of the shared host, where the admin is signed in.</summary>
    protected Task<Visit> OpenAsync(string path, BrowserNewContextOptions? options = null) => OpenAsync(browser.Origin, path, browser.AdminCookies, options);

    /// <summary>Opens a page of some host where somebody is signed in: a test's first one in the window that all tests share, unless it asks for another, and further ones in new windows.</summary>
    protected async Task<Visit> OpenAsync(string origin, string path, IEnumerable<Cookie> cookies, BrowserNewContextOptions? options)
    {
        bool isShared = options is null && shared is null;
        var window = isShared ? await browser.ShareAsync(origin) : await browser.OpenAsync(options ?? new());
        await window.AddCookiesAsync(cookies);
        if (!isShared) return await OpenAsync(window, origin, path);
        shared = window;
        return await VisitAsync(window, origin, path, forgets: true);
    }

    /// <summary>Opens a page of some host in a new window, where nobody is signed in.</summary>
    protected async Task<Visit> OpenAsync(string origin, string path, BrowserNewContextOptions? options = null) =>
        await OpenAsync(await browser.OpenAsync(options ?? new()), origin, path);

    /// <summary>Opens a page of some host in a window.</summary>
    protected async Task<Visit> OpenAsync(IBrowserContext window, string origin, string path)
    {
        windows.Add(window);
        return await VisitAsync(window, origin, path);
    }

    async Task<Visit> VisitAsync(IBrowserContext window, string origin, string path, bool forgets = false)
    {
        var visit = await Visit.OpenAsync(window, origin, path, forgets);
        visits.Add(visit);
        return visit;
    }

    /// <summary>Opens the MQTT client and waits until its script runs.</summary>
    protected async Task<ClientPage> OpenClientAsync(string query = "")
    {
        var visit = await OpenAsync("/client" + query);
        await Assertions.Expect(visit.Page.Locator("[data-started=true]")).ToBeVisibleAsync();
        return new ClientPage(visit);
    }

    /// <summary>Connects a client of MQTT 5 over TCP.</summary>
    protected async Task<ScriptedClient> ConnectAsync(string name, Connect? connect = null)
    {
        var client = await ScriptedClient.OpenAsync(new(browser.Broker.Port, browser.Broker.HttpPort), Transport.Tcp, ProtocolVersion.V5, name);
        clients.Add(client);
        await client.ConnectAsync(connect ?? new Connect { CleanStart = true, ClientIdentifier = name });
        return client;
    }

    /// <inheritdoc/>
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public virtual async Task DisposeAsync()
    {
        clients.ForEach(client => client.Dispose());
        foreach (var window in windows)
            await window.CloseAsync();
        foreach (var page in shared?.Pages.ToList() ?? [])
            await page.CloseAsync();
        visits.SelectMany(visit => visit.Complaints).ShouldBeEmpty();
    }
}

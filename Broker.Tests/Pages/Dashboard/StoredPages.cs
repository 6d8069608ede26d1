using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages.Dashboard;

/// <summary>What tests of pages on a database share.</summary>
public abstract class StoredPages(Browser browser) : PageTests(browser)
{
    static int numbers;

    readonly List<ScriptedClient> clients = [];

    /// <summary>A name that nobody else has, so that tests do not meet on the shared host.</summary>
    protected static string Unique(string what) => $"{what}-{Interlocked.Increment(ref numbers)}";

    /// <summary>The host on one kind of database, shared by all tests.</summary>
    protected Task<StoredHost> HostAsync(string provider) => Browser.StoredAsync(provider);

    /// <summary>Opens a page as administrator and waits until it is live, if it is one that can be.</summary>
    protected async Task<IPage> OpenAsync(StoredHost host, string path, BrowserNewContextOptions? options = null) => (await VisitAsync(host, path, options)).Page;

    /// <summary>The same, with what the page complained about.</summary>
    protected async Task<Visit> VisitAsync(StoredHost host, string path, BrowserNewContextOptions? options = null, IEnumerable<Cookie>? cookies = null)
    {
        var visit = await OpenAsync(host.Origin, path, cookies ?? host.AdminCookies, options);
        await LiveAsync(visit.Page);
        return visit;
    }

    /// <summary>Goes on to another page of the host, which costs less than another window, and waits until it is live.</summary>
    protected static async Task GoAsync(StoredHost host, IPage page, string path)
    {
        await page.GotoAsync(host.Origin + path);
        await LiveAsync(page);
    }

    /// <summary>Waits for the circuit, where the page has one.</summary>
    protected static async Task LiveAsync(IPage page)
    {
        if (await page.Locator("[data-live]").CountAsync() > 0) await Expect(page.Locator("[data-live=true]")).ToBeVisibleAsync();
    }

    /// <summary>Connects a client of MQTT 5 whose session outlives the connection.</summary>
    protected async Task<ScriptedClient> ConnectAsync(StoredHost host, string clientId)
    {
        var client = await ScriptedClient.OpenAsync(new(host.Broker.Port, host.Broker.HttpPort), Transport.Tcp, ProtocolVersion.V5, clientId.Length < 100 ? clientId : "long");
        clients.Add(client);
        await client.ConnectAsync(new Connect
        {
            CleanStart = true,
            ClientIdentifier = clientId,
            Properties = new PropertiesBuilder().Add(PropertyId.SessionExpiryInterval, 3600).Build(),
        });
        return client;
    }

    /// <summary>Leaves messages behind that keep their topics.</summary>
    protected async Task RetainAsync(StoredHost host, params (string Topic, string Payload)[] messages)
    {
        var publisher = await ConnectAsync(host, Unique("keeper"));
        foreach (var (topic, payload) in messages) await publisher.PublishAsync(topic, payload, QualityOfService.AtLeastOnce, retain: true);
    }

    /// <summary>The dialog that is open.</summary>
    protected static ILocator Dialog(IPage page) => page.Locator("dialog[open]");

    /// <summary>Presses the button of the open dialog that does it.</summary>
    protected static Task ConfirmAsync(IPage page, string action) => Dialog(page).GetByRole(AriaRole.Button, new() { Name = action, Exact = true }).ClickAsync();

    /// <summary>A button of the page.</summary>
    protected static ILocator Button(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>What was said after something was done.</summary>
    protected static ILocator Toast(IPage page) => page.Locator(".toast");

    /// <inheritdoc/>
    public override async Task DisposeAsync()
    {
        clients.ForEach(client => client.Dispose());
        await base.DisposeAsync();
    }
}

using System.Collections.Concurrent;
using Broker.Tests.Pages.Dashboard;
using Broker.Tests.RealClients;
using Broker.Tests.Testing;
using Microsoft.Playwright;

namespace Broker.Tests.Pages;

/// <summary>Debian's Chromium without a window, and the real host for it to look at; one of each for all classes of the collection.</summary>
public sealed class Browser : IAsyncLifetime
{
    /// <summary>A name under which the browser, and nobody else, finds this machine, and which is no loopback name.</summary>
    public const string OtherName = "broker.test";

    static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        $"--host-resolver-rules=MAP {OtherName} 127.0.0.1",
    ];

    readonly ConcurrentDictionary<string, Task<StoredHost>> stored = new();
    readonly ConcurrentDictionary<string, Task<IBrowserContext>> shared = new();
    IPlaywright? playwright;
    IBrowser? chromium;
    WebSession? session;

    /// <summary>The host.</summary>
    public BrokerProcess Broker { get; } = new();

    /// <summary>Where its pages are.</summary>
    public string Origin => $"http://127.0.0.1:{Broker.HttpPort}";

    /// <summary>Starts Chromium.</summary>
    internal static Task<IBrowser> LaunchAsync(IPlaywright playwright) => playwright.Chromium.LaunchAsync(new() { ExecutablePath = Find("chromium"), Args = Arguments });

    /// <summary>The host on one kind of database, started for the first who asks.</summary>
    public Task<StoredHost> StoredAsync(string provider) => stored.GetOrAdd(provider, kind => StoredHost.StartAsync(kind));

    /// <summary>A window with no memory of others.</summary>
    public Task<IBrowserContext> OpenAsync(BrowserNewContextOptions options) => chromium!.NewContextAsync(options);

    /// <summary>The window for pages of one host that tests have one after the other: scripts and styles are in its cache already.</summary>
    public async Task<IBrowserContext> ShareAsync(string origin)
    {
        var window = await shared.GetOrAdd(origin, _ => OpenAsync(new()));
        await window.ClearCookiesAsync();
        return window;
    }

    /// <summary>The session of the admin, as cookies.</summary>
    public IEnumerable<Cookie> AdminCookies => session!.Cookies.Select(cookie => new Cookie { Name = cookie.Name, Value = cookie.Value, Url = Origin });

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        await Broker.StartAsync($"--Admin:Password={SignedIn.Password}");
        session = await WebSession.SignInAsync(Origin, "admin", SignedIn.Password);
        playwright = await Playwright.CreateAsync();
        chromium = await LaunchAsync(playwright);
        Assertions.SetDefaultExpectTimeout((float)RunningProgram.Patience.TotalMilliseconds);
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (chromium is not null)
            await chromium.CloseAsync();
        playwright?.Dispose();
        session?.Dispose();
        foreach (var host in stored.Values)
            await (await host).DisposeAsync();
        await Broker.DisposeAsync();
    }

    static string Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/bin")
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException($"{program} was not found; ./test.sh installs it.");
}

/// <summary>The classes that share a <see cref="Browser"/>; they run one after the other.</summary>
[CollectionDefinition(nameof(Browser))]
public sealed class BrowserCollection : ICollectionFixture<Browser>;

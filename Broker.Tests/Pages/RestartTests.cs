using Broker.Tests.RealClients;
using Broker.Tests.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages;

/// <summary>Open pages outlive a restart of the broker.</summary>
public sealed class RestartTests(Browser browser) : PageTests(browser)
{
    readonly int mqttPort = FreePort.Next();
    readonly int httpPort = FreePort.Next();
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("broker-pages-");

    /// <inheritdoc/>
    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        folder.Delete(recursive: true);
    }

    string Origin => $"http://127.0.0.1:{httpPort}";

    [Fact]
    public async Task The_overview_says_that_the_broker_is_gone_and_comes_back_with_it()
    {
        string[] kept = ["--Storage:Provider=Sqlite", $"--ConnectionStrings:Broker=Data Source={Path.Combine(folder.FullName, "broker.db")}", $"--Admin:Password={SignedIn.Password}"];
        var first = await StartAsync(kept);
        var visit = await OpenAsync(Origin, "/sign-in");
        ExpectLostConnections(visit);
        await SignInAsync(visit.Page);
        await Expect(visit.Page.Locator("[data-live=true]")).ToBeVisibleAsync();
        await visit.Page.EvaluateAsync("() => { window.earlier = true; }");

        await StopAsync(first);
        await Expect(visit.Page.Locator(".connection-lost")).ToHaveTextAsync("Connection to the broker lost. Reconnecting…");
        await Expect(visit.Page.Locator("body")).ToHaveAttributeAsync("data-connection", "lost");

        var second = await StartAsync(kept);
        await visit.Page.WaitForFunctionAsync("() => !window.earlier && document.querySelector('[data-live=true]')");
        await Expect(visit.Page.Locator(".connection-lost")).ToHaveCountAsync(0);
        await visit.Page.CloseAsync();
        await StopAsync(second);
    }

    [Fact]
    public async Task The_MQTT_client_connects_again_and_subscribes_anew()
    {
        var first = await StartAsync();
        var visit = await OpenAsync(Origin, "/client");
        ExpectLostConnections(visit);
        await Expect(visit.Page.Locator("[data-started=true]")).ToBeVisibleAsync();
        var client = new ClientPage(visit);
        await client.ConnectAsync();
        await client.SubscribeAsync("after/restart");

        await StopAsync(first);
        await client.ExpectStatusAsync("reconnecting");
        await Expect(client.Status).ToContainTextAsync("0x8B Server shutting down");

        var second = await StartAsync();
        await client.ExpectStatusAsync("connected");
        await Expect(client.Subscriptions).ToContainTextAsync("QoS 1");
        await client.PublishAsync("after/restart", "back");
        await Expect(client.Messages).ToHaveCountAsync(1);
        await visit.Page.CloseAsync();
        await StopAsync(second);
    }

    static async Task SignInAsync(IPage page)
    {
        await page.FillAsync("#name", "admin");
        await page.FillAsync("#password", SignedIn.Password);
        await page.ClickAsync("button:has-text('Sign in')");
    }

    // A browser, and Blazor, write each failed connection into the console by themselves.
    static void ExpectLostConnections(Visit visit)
    {
        visit.Expect("net::ERR_CONNECTION_REFUSED");
        visit.Expect("status of 503"); // /health/ready of a broker that shuts down
        visit.Expect("Failed to fetch");
        visit.Expect("WebSocket");
        visit.Expect("Connection disconnected with error");
        visit.Expect("Cannot send data if the connection is not in the 'Connected' State"); // Blazor answers a call of the page's script that ended just after the connection
        visit.Expect("Invocation canceled due to the underlying connection being closed"); // it came back to a broker that was about to end
    }

    async Task<RunningProgram> StartAsync(params string[] settings)
    {
        var host = BrokerProcess.Launch([$"--Mqtt:Listeners:0:Url=mqtt://127.0.0.1:{mqttPort}", $"--Kestrel:Endpoints:Http:Url={Origin}", .. settings]);
        await host.LineAsync(line => line.EndsWith("is running.", StringComparison.Ordinal));
        return host;
    }

    static async Task StopAsync(RunningProgram host)
    {
        host.SendTerminate();
        await host.SucceedsAsync();
        await host.DisposeAsync();
    }
}

using Broker.Tests.RealClients;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages;

/// <summary>The connection doctor of <c>/client</c> names the step that failed.</summary>
public sealed class ConnectionDoctorTests(Browser browser) : PageTests(browser)
{
    [Fact]
    public async Task Address_nobody_listens_there() =>
        await FailsAsync($"ws://127.0.0.1:{FreePort.Next()}/mqtt", "address", "Nobody answers at 127.0.0.1:");

    [Fact]
    public async Task Address_the_port_speaks_MQTT_over_TCP() =>
        await FailsAsync($"ws://127.0.0.1:{Browser.Broker.Port}/mqtt", "address", "speaks MQTT over TCP, which browsers cannot");

    [Fact]
    public async Task TLS_the_port_has_none() =>
        await FailsAsync($"wss://127.0.0.1:{Browser.Broker.HttpPort}/mqtt", "tls", "begin the URL with ws://");

    [Fact]
    public async Task TLS_the_port_wants_it() =>
        await FailsAsync($"ws://127.0.0.1:{Browser.Broker.HttpsPort}/mqtt", "tls", "begin the URL with wss://");

    [Fact]
    public async Task TLS_the_certificate_is_not_trusted() =>
        await FailsAsync($"wss://127.0.0.1:{Browser.Broker.HttpsPort}/mqtt", "tls", "does not trust the certificate");

    [Fact]
    public async Task Path_nothing_is_there() =>
        await FailsAsync($"ws://127.0.0.1:{Browser.Broker.HttpPort}/other", "path", "MQTT over WebSocket is at ws://127.0.0.1:");

    [Fact]
    public async Task Path_of_a_server_that_is_no_broker()
    {
        await using var other = RunningProgram.Start("/usr/bin/python3", ["-u", "-m", "http.server", "--bind", "127.0.0.1", "0"]);
        var line = await other.LineAsync(line => line.Contains("Serving HTTP", StringComparison.Ordinal));
        var port = line.Split("port ")[1].Split(' ')[0];

        await FailsAsync($"ws://127.0.0.1:{port}/mqtt", "path", "Something answers at 127.0.0.1:");
        other.Kill();
    }

    [Fact]
    public async Task Origin_the_page_may_not_connect()
    {
        var broker = new BrokerProcess();
        try
        {
            await broker.StartAsync();
            var visit = await OpenAsync($"http://{Browser.OtherName}:{Browser.Broker.HttpPort}", "/client"); // pages of a loopback name may connect to every port here
            await Expect(visit.Page.Locator("[data-started=true]")).ToBeVisibleAsync();

            await FailsAsync(new ClientPage(visit), $"ws://{Browser.OtherName}:{broker.HttpPort}/mqtt", "origin", "can allow them with Mqtt:WebSockets:AllowedOrigins", press: true);
        }
        finally
        {
            await broker.DisposeAsync();
        }
    }

    [Fact]
    public async Task Login_nobody_gets_in_without_a_name()
    {
        var broker = new BrokerProcess();
        try
        {
            await broker.StartAsync("--Mqtt:WebSockets:AllowAnonymous=false");
            var client = await OpenClientAsync();
            await FailsAsync(client, $"ws://127.0.0.1:{broker.HttpPort}/mqtt", "login", "Check user name and password", press: true);
        }
        finally
        {
            await broker.DisposeAsync();
        }
    }

    [Fact]
    public async Task Client_identifier_somebody_else_uses_it()
    {
        var client = await OpenClientAsync("?clientId=doctor-twin");
        await client.ConnectAsync();

        await ConnectAsync("doctor-twin");

        await Expect(client.Page.Locator("[data-doctor]")).ToHaveAttributeAsync("data-failed", "identifier");
        await Expect(client.Page.Locator("[data-step=login]")).ToHaveAttributeAsync("data-state", "good");
    }

    [Fact]
    public async Task Nothing_fails()
    {
        var client = await OpenClientAsync();
        await client.ConnectAsync();
        await client.Button("Check it").ClickAsync();

        await Expect(client.Page.Locator("[data-verdict]")).ToHaveTextAsync("Every step that could be tried works.");
    }

    async Task FailsAsync(string url, string step, string words) => await FailsAsync(await OpenClientAsync(), url, step, words, press: true);

    static async Task FailsAsync(ClientPage client, string url, string step, string words, bool press = false)
    {
        client.Visit.Expect("request to "); // a browser writes each failure into the console, wanted or not
        client.Visit.Expect("Failed to load resource");
        client.Visit.Expect("CORS policy");
        client.Visit.Expect("Cross-Origin-Opener-Policy header has been ignored");
        client.Visit.Expect("WebSocket");
        await client.Field("Broker URL").FillAsync(url);
        await (press ? client.PressConnectAsync() : client.Button("Check it").ClickAsync());

        await Expect(client.Page.Locator("[data-doctor]")).ToHaveAttributeAsync("data-failed", step);
        await Expect(client.Page.Locator($"[data-step={step}]")).ToContainTextAsync(words);
    }
}

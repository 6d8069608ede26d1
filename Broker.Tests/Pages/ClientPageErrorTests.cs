using Broker.Tests.RealClients;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages;

/// <summary>What <c>/client</c> says when something goes wrong: what, in words, and where it stands afterwards.</summary>
public sealed class ClientPageErrorTests(Browser browser) : PageTests(browser)
{
    [Theory]
    [InlineData("broker", "“broker” is not a URL. Write it like ws://127.0.0.1:")]
    [InlineData("mqtt://localhost:1883", "A browser cannot open TCP connections")]
    [InlineData("http://127.0.0.1/mqtt", "“http://” is not a WebSocket URL")]
    [InlineData("ws://anna:secret@127.0.0.1/mqtt", "Write user name and password into their fields")]
    [InlineData("ws://example.org/mqtt", "may connect only to the host that served it")]
    [InlineData("", "Broker URL: ")]
    public async Task A_URL_that_cannot_work_is_explained_before_anything_is_tried(string url, string words)
    {
        var client = await OpenClientAsync();
        await client.Field("Broker URL").FillAsync(url);

        await client.PressConnectAsync();

        await Expect(client.ConnectionError).ToContainTextAsync(words);
        await client.ExpectStatusAsync("disconnected");
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_told_with_its_URL()
    {
        var url = $"ws://127.0.0.1:{FreePort.Next()}/mqtt";
        var client = await OpenClientAsync();
        client.Visit.Expect("console error: WebSocket connection to");
        client.Visit.Expect($"request to {url}");
        client.Visit.Expect($"request to {url.Replace("ws:", "http:", StringComparison.Ordinal)}"); // the connection doctor
        client.Visit.Expect("net::ERR_CONNECTION_REFUSED");
        await client.Field("Broker URL").FillAsync(url);

        await client.PressConnectAsync();

        await Expect(client.ConnectionError).ToContainTextAsync($"{url} could not be reached, or does not speak MQTT over WebSocket.");
        await client.ExpectStatusAsync("disconnected");
        await Expect(client.Button("Connect")).ToBeEnabledAsync();
    }

    [Fact]
    public async Task The_policy_of_the_page_keeps_it_from_other_hosts_whatever_its_script_does()
    {
        var client = await OpenClientAsync();
        client.Visit.Expect("Content Security Policy");
        client.Visit.Expect("request to ws://example.org/");

        var blocked = await client.Page.EvaluateAsync<string>("""
            () => new Promise(resolve => {
                addEventListener('securitypolicyviolation', violation => resolve(violation.effectiveDirective), { once: true });
                new WebSocket('ws://example.org/');
            })
            """);

        blocked.ShouldBe("connect-src");
    }

    [Theory]
    [InlineData("5", "The broker refused the connection: 0x8")]
    [InlineData("4", "The broker refused the connection: 5 Not authorized")]
    public async Task A_refusal_is_told_by_its_name(string version, string words)
    {
        var broker = new BrokerProcess();
        try
        {
            await broker.StartAsync("--Mqtt:WebSockets:AllowAnonymous=false");
            var visit = await OpenAsync($"http://127.0.0.1:{broker.HttpPort}", $"/client?version={version}");
            await Expect(visit.Page.Locator("[data-started=true]")).ToBeVisibleAsync();
            var client = new ClientPage(visit);

            await client.PressConnectAsync();

            await Expect(client.ConnectionError).ToContainTextAsync(words);
            await client.ExpectStatusAsync("disconnected");
        }
        finally
        {
            await broker.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_client_that_was_taken_over_says_so_and_does_not_take_back()
    {
        var client = await OpenClientAsync("?clientId=page-twin");
        await client.ConnectAsync();

        var twin = await ConnectAsync("page-twin");

        await Expect(client.ConnectionError).ToContainTextAsync("The broker ended the connection: 0x8E Session taken over");
        await client.ExpectStatusAsync("disconnected");
        await twin.FenceAsync();
    }

    [Fact]
    public async Task A_refused_subscription_is_told_and_not_listed()
    {
        var client = await OpenClientAsync();
        await client.ConnectAsync();

        await client.Field("Topic filter").FillAsync("a/#/b");
        await client.Button("Subscribe").ClickAsync();

        await Expect(client.SubscribeError).ToContainTextAsync("a/#/b");
        await Expect(client.Subscriptions).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_refused_message_is_told_by_its_reason()
    {
        var client = await OpenClientAsync();
        await client.ConnectAsync();

        await client.Field("Topic").FillAsync("$SYS/broker/uptime");
        await client.Button("Publish").ClickAsync();

        await Expect(client.Page.Locator("[data-error=publish]")).ToContainTextAsync("The broker did not take the message: 0x87 Not authorized");
    }

    [Theory]
    [InlineData("Keep alive, seconds", "70000")]
    [InlineData("Session expiry, seconds", "-1")]
    public async Task A_number_out_of_range_is_told_with_its_field(string field, string value)
    {
        var client = await OpenClientAsync();
        await client.Field(field).FillAsync(value);

        await client.PressConnectAsync();

        await Expect(client.ConnectionError).ToContainTextAsync($"{field}: ");
        await Expect(client.Field(field)).ToBeFocusedAsync();
    }
}

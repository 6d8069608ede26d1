using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages.Dashboard;

/// <summary>Users with their tokens, rules with what they end, and the access of one client.</summary>
public sealed class AccessPagesTests(Browser browser) : StoredPages(browser)
{
    [Fact]
    public async Task A_user_is_added_and_comes_with_a_token_that_is_shown_once_until_it_is_revoked()
    {
        var host = await HostAsync("Sqlite");
        var (name, id) = (Unique("anna"), Unique("annas"));
        var page = await OpenAsync(host, "/access/users");

        await Button(page, "Add a user").ClickAsync();
        await Dialog(page).GetByLabel("Name, as clients send it").FillAsync(name);
        await Dialog(page).GetByLabel("Password").FillAsync("short");
        await ConfirmAsync(page, "Add user");
        await Expect(Dialog(page).GetByRole(AriaRole.Alert)).ToContainTextAsync("characters");
        await Dialog(page).GetByLabel("Password").FillAsync("");
        await Dialog(page).GetByLabel("Groups").FillAsync("crew, night");
        await ConfirmAsync(page, "Add user");
        await Expect(Toast(page)).ToContainTextAsync("The user was added.");
        await page.Locator("tbody tr").Filter(new() { HasTextString = name }).GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByLabel("Facts")).ToContainTextAsync("crew night");
        await LiveAsync(page);

        await Button(page, "Make a token").ClickAsync();
        await Dialog(page).GetByLabel("What it is for").FillAsync("the boiler");
        await ConfirmAsync(page, "Make the token");
        var token = (await page.Locator("[data-made] code").TextContentAsync()).ShouldNotBeNull();
        token.ShouldStartWith("brt_");
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        using var client = await ConnectAsync(host, id, name, token);
        await page.ReloadAsync();
        await LiveAsync(page);
        await Expect(page.Locator("main")).Not.ToContainTextAsync(token);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = id })).ToBeVisibleAsync();

        var row = page.Locator("tbody tr").Filter(new() { HasTextString = "the boiler" });
        await row.GetByRole(AriaRole.Button).ClickAsync();
        await ConfirmAsync(page, "Revoke token");
        await Expect(row).ToContainTextAsync("revoked");
        await client.ExpectDisconnectedAsync(ReasonCode.NotAuthorized);

        await Button(page, "Remove user").ClickAsync();
        await ConfirmAsync(page, "Remove user");
        await Expect(page.Locator("main")).ToContainTextAsync("There is no such user");
    }

    [Fact]
    public async Task A_rule_shows_which_subscriptions_it_ends_before_it_ends_them_and_the_client_tells_why()
    {
        var host = await HostAsync("Sqlite");
        var (id, topic) = (Unique("ruled"), Unique("ruled"));
        var client = await ConnectAsync(host, id);
        await client.SubscribeAsync(topic, QualityOfService.AtLeastOnce);
        var page = await OpenAsync(host, "/access");

        await Button(page, "Add a rule").ClickAsync();
        await Dialog(page).GetByLabel("Effect").SelectOptionAsync("deny");
        await Dialog(page).GetByLabel("Whom").SelectOptionAsync("client");
        await Dialog(page).GetByLabel("Client identifier").FillAsync(id);
        await Dialog(page).GetByLabel("Topic filter").FillAsync("a/#/b");
        await ConfirmAsync(page, "See what it ends");
        await Expect(Dialog(page).GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Dialog(page).GetByLabel("Topic filter").FillAsync(topic);
        await ConfirmAsync(page, "See what it ends");
        await Expect(Dialog(page)).ToContainTextAsync("It ends 1 subscription of clients, connected or away:");
        await Expect(Dialog(page).GetByLabel("Subscriptions that end")).ToContainTextAsync($"{id}: {topic}");
        await ConfirmAsync(page, "Add rule");
        await Expect(Toast(page)).ToContainTextAsync("The rule was added.");
        var rule = page.Locator("[data-rule]").Filter(new() { HasTextString = topic });
        await Expect(rule).ToContainTextAsync("Deny");

        await page.GotoAsync($"{host.Origin}/clients/client?id={id}&tab=subscriptions");
        await LiveAsync(page);
        await Expect(page.Locator("main")).ToContainTextAsync("It has no subscriptions");
        await page.GetByRole(AriaRole.Link, new() { Name = "Timeline" }).ClickAsync();
        await Expect(page.Locator("tbody")).ToContainTextAsync($"Subscription ended: {topic}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Access", Exact = true }).Last.ClickAsync();
        await Expect(page.Locator(".owner")).ToBeVisibleAsync();
        await LiveAsync(page);
        await page.GetByLabel("Topic, or filter").FillAsync(topic);
        await page.GetByLabel("Would").SelectOptionAsync("subscribe");
        await Expect(page.Locator("[data-allows=false]")).ToContainTextAsync($"deny client {id} to publish and subscribe to {topic}");
        await LiveAsync(page);

        await Button(page, "Release").ClickAsync();
        await ConfirmAsync(page, "Release session");
        await client.ExpectDisconnectedAsync(ReasonCode.AdministrativeAction);
        await Expect(page.Locator(".owner")).ToContainTextAsync("Its session is released");

        await page.Locator(".deciding a").ClickAsync();
        await Expect(rule).ToBeVisibleAsync();
        await LiveAsync(page);
        await rule.GetByRole(AriaRole.Button, new() { Name = "Remove rule" }).ClickAsync();
        await Expect(Dialog(page)).ToContainTextAsync("No subscription ends by it.");
        await ConfirmAsync(page, "Remove rule");
        await Expect(rule).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_rule_shows_which_subscriptions_go_on_with_less_QoS_apart_from_those_that_end()
    {
        var host = await HostAsync("Sqlite");
        var (id, topic) = (Unique("lowered"), Unique("lowered"));
        var client = await ConnectAsync(host, id);
        await client.SubscribeAsync(topic, QualityOfService.ExactlyOnce);
        var page = await OpenAsync(host, "/access");

        await Button(page, "Add a rule").ClickAsync();
        await Dialog(page).GetByLabel("Effect").SelectOptionAsync("allow");
        await Dialog(page).GetByLabel("Whom").SelectOptionAsync("client");
        await Dialog(page).GetByLabel("Client identifier").FillAsync(id);
        await Dialog(page).GetByLabel("Topic filter").FillAsync(topic);
        await Dialog(page).GetByLabel("At most QoS").SelectOptionAsync("0");
        await ConfirmAsync(page, "See what it ends");
        await Expect(Dialog(page)).ToContainTextAsync("No subscription ends by it.");
        await Expect(Dialog(page)).ToContainTextAsync("It lowers the QoS of 1 subscription of clients, connected or away; their clients have to subscribe anew to have it back:");
        await Expect(Dialog(page).GetByLabel("Subscriptions with less QoS")).ToContainTextAsync($"{id}: {topic} from QoS 2 to QoS 0");
        await ConfirmAsync(page, "Add rule");
        await Expect(Toast(page)).ToContainTextAsync("The rule was added.");

        await page.Locator("[data-rule]").Filter(new() { HasTextString = topic }).GetByRole(AriaRole.Button, new() { Name = "Remove rule" }).ClickAsync();
        await Expect(Dialog(page)).ToContainTextAsync("No subscription ends by it.");
        await Expect(Dialog(page)).Not.ToContainTextAsync("It lowers");
        await ConfirmAsync(page, "Remove rule");
    }

    [Fact]
    public async Task A_question_may_be_about_an_anonymous_client_whoever_has_the_session()
    {
        var host = await HostAsync("Sqlite");
        var (name, id) = (Unique("owner"), Unique("owned"));
        var page = await OpenAsync(host, "/access/users");
        await Button(page, "Add a user").ClickAsync();
        await Dialog(page).GetByLabel("Name, as clients send it").FillAsync(name);
        await Dialog(page).GetByLabel("Password").FillAsync("a long enough password");
        await ConfirmAsync(page, "Add user");
        await Expect(Toast(page)).ToContainTextAsync("The user was added.");
        using var client = await ConnectAsync(host, id, name, "a long enough password");

        await page.GotoAsync($"{host.Origin}/access/explain?client={id}&action=publish&topic=a");
        await Expect(page.Locator(".verdict")).ToContainTextAsync($"of user {name}");
        await page.GetByLabel("Anonymous").CheckAsync();
        await Expect(page.Locator(".verdict")).ToContainTextAsync("without a user name");
        await page.GetByLabel("User", new() { Exact = true }).FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Explain" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("An anonymous client has no user name.");
    }

    static async Task<ScriptedClient> ConnectAsync(StoredHost host, string clientId, string user, string password)
    {
        var client = await ScriptedClient.OpenAsync(new(host.Broker.Port, host.Broker.HttpPort), Transport.Tcp, ProtocolVersion.V5, clientId);
        await client.ConnectAsync(new Connect { CleanStart = true, ClientIdentifier = clientId, UserName = user, Password = System.Text.Encoding.UTF8.GetBytes(password) });
        return client;
    }
}

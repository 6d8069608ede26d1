using Broker.Core.Protocol;
using Broker.Tests.Testing;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages;

/// <summary>The page <c>/client</c>: MQTT.js in the browser, over WebSocket to the host that served the page.</summary>
public sealed class ClientPageTests(Browser browser) : PageTests(browser)
{
    [Theory]
    [InlineData("5", "0")]
    [InlineData("5", "1")]
    [InlineData("5", "2")]
    [InlineData("4", "0")]
    [InlineData("4", "1")]
    [InlineData("4", "2")]
    public async Task It_receives_what_it_publishes(string version, string qos)
    {
        var client = await OpenClientAsync();
        await client.ConnectAsync(version);
        await client.SubscribeAsync($"echo/{version}/{qos}", qos);

        await client.PublishAsync($"echo/{version}/{qos}", "21.5 °C", qos);

        await Expect(client.Messages).ToHaveCountAsync(1);
        await Expect(ClientPage.Part(client.Messages, "topic")).ToHaveTextAsync($"echo/{version}/{qos}");
        await Expect(ClientPage.Part(client.Messages, "payload")).ToHaveTextAsync("21.5 °C");
        await Expect(ClientPage.Part(client.Messages, "qos")).ToHaveTextAsync($"QoS {qos}");
    }

    [Fact]
    public async Task What_it_publishes_carries_its_properties()
    {
        var receiver = await ConnectAsync("page-receiver");
        await receiver.SubscribeAsync("lamp/set");
        var client = await OpenClientAsync();
        await client.ConnectAsync();
        await client.UnfoldAsync("Properties of MQTT 5");
        await client.Field("Content type").FillAsync("application/json");
        await client.Field("Message expiry, seconds").FillAsync("3600");
        await client.Field("Response topic").FillAsync("lamp/answer");
        await client.Field("Correlation data; 0x… for hex").FillAsync("0x00ff10");
        await client.Field("Payload format: UTF-8 text").CheckAsync();
        await client.Button("Add a user property").ClickAsync();
        await client.Field("Name").FillAsync("__proto__");
        await client.Field("Value").FillAsync("kept");

        await client.PublishAsync("lamp/set", "{}");

        var properties = (await receiver.ReceiveAsync("{}")).Properties;
        properties.Text(PropertyId.ContentType).ShouldBe("application/json");
        properties.Number(PropertyId.MessageExpiryInterval)!.Value.ShouldBeInRange(3540u, 3600u);
        properties.Text(PropertyId.ResponseTopic).ShouldBe("lamp/answer");
        properties.Data(PropertyId.CorrelationData)!.Value.ToArray().ShouldBe([0x00, 0xff, 0x10]);
        properties.Number(PropertyId.PayloadFormatIndicator).ShouldBe(1u);
        properties.UserProperties.ShouldBe([("__proto__", "kept")]);
    }

    [Fact]
    public async Task It_shows_every_property_of_a_message()
    {
        var client = await OpenClientAsync();
        await client.ConnectAsync();
        await client.UnfoldAsync("Options of MQTT 5");
        await client.Field("Subscription identifier").FillAsync("77");
        await client.SubscribeAsync("shown");
        var sender = await ConnectAsync("page-sender");

        await sender.PublishAsync("shown", "{}", QualityOfService.AtLeastOnce, properties: new PropertiesBuilder()
            .Add(PropertyId.PayloadFormatIndicator, 1).Add(PropertyId.MessageExpiryInterval, 60).Add(PropertyId.ContentType, "text/plain")
            .Add(PropertyId.ResponseTopic, "answers/1").Add(PropertyId.CorrelationData, [0xca, 0xfe])
            .AddUserProperty("room", "kitchen").AddUserProperty("room", "hall").Build());

        await Expect(client.Messages.Locator("dt")).ToHaveTextAsync(
            ["Content type", "Payload format", "Message expiry", "Response topic", "Correlation data", "Subscription identifier", "User property room", "User property room"]);
        await Expect(client.Messages.Locator("dd")).ToHaveTextAsync(
            ["text/plain", "1, UTF-8 text", "60 s", "answers/1", "0xcafe", "77", "kitchen", "hall"]);
    }

    [Fact]
    public async Task A_request_is_answered_where_it_asks_and_with_its_correlation_data()
    {
        var sender = await ConnectAsync("page-asker");
        await sender.SubscribeAsync("asker/answers", QualityOfService.AtLeastOnce);
        var client = await OpenClientAsync();
        await client.ConnectAsync();
        await client.SubscribeAsync("requests/1");
        await sender.PublishAsync("requests/1", "?", properties: new PropertiesBuilder()
            .Add(PropertyId.ResponseTopic, "asker/answers").Add(PropertyId.CorrelationData, [0x00, 0x80]).Build());

        await client.Button("Answer").ClickAsync();
        await client.Field("Payload").FillAsync("!");
        await client.Button("Publish").ClickAsync();

        var answer = await sender.ReceiveAsync("!");
        answer.TopicText().ShouldBe("asker/answers");
        answer.Properties.Data(PropertyId.CorrelationData)!.Value.ToArray().ShouldBe([0x00, 0x80]);
    }

    [Fact]
    public async Task Retained_messages_are_marked_and_its_own_are_kept_away_by_no_local()
    {
        var sender = await ConnectAsync("page-keeper");
        await sender.PublishAsync("kept/1", "old", QualityOfService.AtLeastOnce, retain: true);
        var client = await OpenClientAsync();
        await client.ConnectAsync();
        await client.UnfoldAsync("Options of MQTT 5");
        await client.Field("No local").CheckAsync();
        await client.SubscribeAsync("kept/#");
        await Expect(client.Subscriptions).ToContainTextAsync("no local");

        await client.PublishAsync("kept/2", "own");
        await sender.PublishAsync("kept/3", "new", QualityOfService.AtLeastOnce);

        await Expect(client.Messages.Locator("[data-part=payload]")).ToHaveTextAsync(["new", "old"]);
        await Expect(ClientPage.Part(client.Messages.Last, "retain")).ToBeVisibleAsync();
        await Expect(ClientPage.Part(client.Messages.First, "retain")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_removed_subscription_is_silent_and_the_others_are_not()
    {
        var client = await OpenClientAsync();
        await client.ConnectAsync();
        await client.SubscribeAsync("first/#");
        await client.SubscribeAsync("second/#");

        await client.Button("Remove the subscription to first/#").ClickAsync();
        await Expect(client.Subscriptions).ToHaveCountAsync(1);
        await client.PublishAsync("first/a", "unheard");
        await client.PublishAsync("second/a", "heard");

        await Expect(client.Messages.Locator("[data-part=payload]")).ToHaveTextAsync(["heard"]);
    }

    [Fact]
    public async Task Its_will_is_sent_when_it_vanishes()
    {
        var receiver = await ConnectAsync("page-heir");
        await receiver.SubscribeAsync("wills/page", QualityOfService.AtLeastOnce);
        var client = await OpenClientAsync();
        await client.UnfoldAsync("Will");
        await client.Field("Will topic; empty for no will").FillAsync("wills/page");
        await client.Field("Will payload").FillAsync("gone");
        await client.Page.Locator("#will-qos").SelectOptionAsync("1");
        await client.ConnectAsync();

        await client.Page.CloseAsync();

        (await receiver.ReceiveAsync("gone")).QoS.ShouldBe(QualityOfService.AtLeastOnce);
    }

    [Fact]
    public async Task Disconnect_ends_the_connection_without_the_will()
    {
        var receiver = await ConnectAsync("page-no-heir");
        await receiver.SubscribeAsync("wills/none");
        var client = await OpenClientAsync("?clientId=page-leaver");
        await client.UnfoldAsync("Will");
        await client.Field("Will topic; empty for no will").FillAsync("wills/none");
        await client.ConnectAsync();

        await client.Button("Disconnect").ClickAsync();
        await client.ExpectStatusAsync("disconnected");

        // Its successor could connect only after the end was dealt with, will and all.
        var successor = await ConnectAsync("page-leaver");
        await successor.PublishAsync("wills/none", "the first message", QualityOfService.AtLeastOnce);
        await receiver.ReceiveAsync("the first message");
    }

    [Fact]
    public async Task A_link_fills_in_the_fields_but_never_password_or_URL()
    {
        var client = await OpenClientAsync("?filter=a/%23&topic=a/b&payload=%3Cb%3E&clientId=linked&username=anna&version=4&password=secret&url=ws://example.org/mqtt");

        await Expect(client.Field("Topic filter")).ToHaveValueAsync("a/#");
        await Expect(client.Field("Topic")).ToHaveValueAsync("a/b");
        await Expect(client.Field("Payload")).ToHaveValueAsync("<b>");
        await Expect(client.Field("Client identifier")).ToHaveValueAsync("linked");
        await Expect(client.Field("User name")).ToHaveValueAsync("anna");
        await Expect(client.Field("Protocol version")).ToHaveValueAsync("4");
        await Expect(client.Field("Password")).ToHaveValueAsync("");
        await Expect(client.Field("Broker URL")).ToHaveValueAsync($"ws://127.0.0.1:{Browser.Broker.HttpPort}/mqtt");
        await Expect(client.Page.GetByText("Options of MQTT 5")).ToBeHiddenAsync();
    }
}

using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages;

/// <summary>The page <c>/client</c> in the words of somebody who uses it.</summary>
public sealed class ClientPage(Visit visit)
{
    /// <summary>The visit, with what the page complained about.</summary>
    public Visit Visit => visit;

    /// <summary>The page itself.</summary>
    public IPage Page => visit.Page;

    /// <summary>The messages, the newest first.</summary>
    public ILocator Messages => Page.Locator(".message");

    /// <summary>The status line.</summary>
    public ILocator Status => Page.Locator(".client-status");

    /// <summary>What went wrong with the connection.</summary>
    public ILocator ConnectionError => Page.Locator("[data-error=connection]");

    /// <summary>What went wrong with a subscription.</summary>
    public ILocator SubscribeError => Page.Locator("[data-error=subscribe]");

    /// <summary>What became of the last publish.</summary>
    public ILocator PublishResult => Page.Locator("[data-publish-result]");

    /// <summary>The subscriptions.</summary>
    public ILocator Subscriptions => Page.Locator(".subscription");

    /// <summary>One field by its label.</summary>
    public ILocator Field(string label) => Page.GetByLabel(label, new() { Exact = true });

    /// <summary>A button of a panel.</summary>
    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>Opens a part of a form that is closed at first.</summary>
    public Task UnfoldAsync(string summary) => Page.Locator("summary", new() { HasText = summary }).ClickAsync();

    /// <summary>Presses Connect.</summary>
    public Task PressConnectAsync() => Button("Connect").ClickAsync();

    /// <summary>Connects and waits until the broker has accepted.</summary>
    public async Task ConnectAsync(string version = "5")
    {
        await Field("Protocol version").SelectOptionAsync(version);
        await PressConnectAsync();
        await ExpectStatusAsync("connected");
    }

    /// <summary>Waits for a status.</summary>
    public Task ExpectStatusAsync(string status) => Expect(Page.Locator("[data-client]")).ToHaveAttributeAsync("data-status", status);

    /// <summary>Subscribes and waits until the broker has granted it.</summary>
    public async Task SubscribeAsync(string filter, string qos = "1")
    {
        await Field("Topic filter").FillAsync(filter);
        await Page.Locator("#subscribe-qos").SelectOptionAsync(qos);
        await Button("Subscribe").ClickAsync();
        await Expect(Subscriptions.Filter(new() { Has = Page.GetByText(filter, new() { Exact = true }) })).ToContainTextAsync($"QoS {qos}");
    }

    /// <summary>Publishes and waits for the acknowledgement.</summary>
    public async Task PublishAsync(string topic, string payload, string qos = "1")
    {
        await Field("Topic").FillAsync(topic);
        await Field("Payload").FillAsync(payload);
        await Page.Locator("#publish-qos").SelectOptionAsync(qos);
        await Button("Publish").ClickAsync();
        await Expect(PublishResult).Not.ToBeEmptyAsync();
    }

    /// <summary>A part of a message: topic, payload, qos, retain.</summary>
    public static ILocator Part(ILocator message, string name) => message.Locator($"[data-part={name}]");

    /// <summary>A property of a message by its name.</summary>
    public static ILocator Property(ILocator message, string name) =>
        message.Locator("dt").Filter(new() { HasTextString = name }).Locator("xpath=following-sibling::dd[1]");
}

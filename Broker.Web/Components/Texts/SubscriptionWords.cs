using Broker.Web.Operations.Clients;

namespace Broker.Web.Components.Texts;

/// <summary>The options of subscriptions in words.</summary>
internal static class SubscriptionWords
{
    /// <summary>What differs from a plain subscription.</summary>
    public static string Options(SubscriptionView one) => string.Join(" · ", new[]
    {
        one.NoLocal ? "no local" : null,
        one.RetainAsPublished ? "retain as published" : null,
        one.RetainHandling == 1 ? "retained at new" : one.RetainHandling == 2 ? "no retained" : null,
        one.Identifier is { } identifier ? $"identifier {identifier}" : null,
    }.OfType<string>());
}

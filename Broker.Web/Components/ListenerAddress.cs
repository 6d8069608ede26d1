using Broker.Web.Listeners;

namespace Broker.Web.Components;

/// <summary>One address that the host serves, as the reader of a page can use it.</summary>
/// <param name="Name">What is spoken there, in words for an operator.</param>
/// <param name="Url">Where: <c>mqtt://localhost:1883</c>.</param>
internal sealed record ListenerAddress(string Name, string Url)
{
    private static readonly string[] EveryAddress = ["*", "+", "0.0.0.0", "[::]"];

    /// <summary>All addresses, in the order in which they are shown.</summary>
    /// <param name="bound">What the host listens on.</param>
    /// <param name="page">The base address of the page, as the browser knows it.</param>
    public static IReadOnlyList<ListenerAddress> All(BoundListeners bound, Uri page) =>
    [
        .. bound.Mqtt.Select(url => new ListenerAddress(url.StartsWith("mqtts:", StringComparison.Ordinal) ? "MQTT over TLS" : "MQTT", Reachable(url, page))),
        .. bound.WebSocket.Select(url => new ListenerAddress("MQTT over WebSocket", Reachable(url, page))),
        .. bound.Http.Select(url => new ListenerAddress("Dashboard", Reachable(url, page))),
    ];

    /// <summary>A listener on every address is reached under the name that reached the page.</summary>
    internal static string Reachable(string url, Uri page)
    {
        var authority = url.IndexOf("://", StringComparison.Ordinal) + 3;
        var everywhere = EveryAddress.FirstOrDefault(host => url.AsSpan(authority).StartsWith(host + ":", StringComparison.Ordinal));
        return everywhere is null ? url : string.Concat(url.AsSpan(0, authority), page.Host, url.AsSpan(authority + everywhere.Length));
    }
}

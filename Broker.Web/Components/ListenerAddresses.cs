namespace Broker.Web.Components;

/// <summary>One address that the host serves.</summary>
/// <param name="Name">What is spoken there, in words for an operator: <c>MQTT</c>, <c>MQTT over WebSocket</c>, <c>Dashboard</c>.</param>
/// <param name="Url">Where: <c>mqtt://localhost:1883</c>, with the port that was really bound.</param>
public sealed record ListenerAddress(string Name, Uri Url);

/// <summary>Where the host listens. The host fills it when every listener is bound; the pages read it.</summary>
public sealed class ListenerAddresses
{
    private volatile IReadOnlyList<ListenerAddress> all = [];

    /// <summary>The addresses, in the order in which they are shown; empty until the listeners are bound.</summary>
    public IReadOnlyList<ListenerAddress> All
    {
        get => all;
        set => all = value;
    }

    /// <summary>The path of MQTT over WebSocket on the HTTP endpoint.</summary>
    public string WebSocketPath { get; set; } = "/mqtt";

    /// <summary>The first address with one of these schemes, or null.</summary>
    public Uri? First(params ReadOnlySpan<string> schemes)
    {
        foreach (var address in all)
        {
            if (schemes.Contains(address.Url.Scheme))
            {
                return address.Url;
            }
        }

        return null;
    }
}

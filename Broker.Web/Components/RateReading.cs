using Broker.Core.Diagnostics;

namespace Broker.Web.Components;

/// <summary>Messages per second at one moment, both directions as the broker sees them.</summary>
/// <param name="Received">PUBLISH packets received from clients per second.</param>
/// <param name="Sent">PUBLISH packets sent to clients per second.</param>
public readonly record struct MessageRate(double Received, double Sent);

/// <summary>What a page shows: the broker's figures at one moment and the rates that led there.</summary>
public sealed record RateReading
{
    /// <summary>The broker's figures.</summary>
    public required BrokerStatistics Statistics { get; init; }

    /// <summary>Whether the broker serves.</summary>
    public required bool IsReady { get; init; }

    /// <summary>Why it does not, in words for an operator.</summary>
    public required string Reason { get; init; }

    /// <summary>The rates of the last two minutes, a second apart, oldest first; the last one belongs to <see cref="Statistics"/>.</summary>
    public required IReadOnlyList<MessageRate> Rates { get; init; }

    /// <summary>The rate of the last second.</summary>
    public MessageRate Rate => Rates.Count == 0 ? default : Rates[^1];
}

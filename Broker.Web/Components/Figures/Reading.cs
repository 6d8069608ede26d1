using Broker.Core.Diagnostics;

namespace Broker.Web.Components.Figures;

/// <summary>What a page shows: the broker's figures at one moment and those that led there.</summary>
public sealed record Reading
{
    /// <summary>The broker's figures.</summary>
    public required BrokerStatistics Statistics { get; init; }

    /// <summary>Whether the broker serves.</summary>
    public required bool IsReady { get; init; }

    /// <summary>Why it does not, in words for an operator.</summary>
    public required string Reason { get; init; }

    /// <summary>The last five minutes, a second apart, oldest first; the last one belongs to <see cref="Statistics"/>.</summary>
    public required IReadOnlyList<Sample> Samples { get; init; }

    /// <summary>The last second.</summary>
    public Sample Sample => Samples.Count == 0 ? Sample.None : Samples[^1];
}

/// <summary>What charts show of one second: rates per second, and how much there was at its end.</summary>
public sealed record Sample
{
    /// <summary>A second of which nothing is known.</summary>
    public static Sample None { get; } = new();

    /// <summary>Its end.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>PUBLISH packets received from clients per second.</summary>
    public double Received { get; init; }

    /// <summary>PUBLISH packets sent to clients per second.</summary>
    public double Sent { get; init; }

    /// <summary>Messages dropped per second, in the order of the reasons in <see cref="BrokerStatistics.Dropped"/>.</summary>
    public IReadOnlyList<double> Dropped { get; init; } = [];

    /// <summary>Clients that are connected.</summary>
    public long Connected { get; init; }

    /// <summary>Sessions, connected or kept.</summary>
    public long Sessions { get; init; }

    /// <summary>Messages that wait for sessions or are in flight to them.</summary>
    public long Queued { get; init; }

    /// <summary>Messages that were sent and not acknowledged yet.</summary>
    public long InFlight { get; init; }

    /// <summary>The time that 99 of a hundred of the last commits did not exceed.</summary>
    public double CommitMilliseconds { get; init; }
}

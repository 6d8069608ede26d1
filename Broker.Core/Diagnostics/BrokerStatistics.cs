namespace Broker.Core.Diagnostics;

/// <summary>What the broker counted since it started, at one moment. Rates are made from two of these.</summary>
public sealed record BrokerStatistics
{
    /// <summary>When these figures were read.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>How long the broker has run.</summary>
    public required TimeSpan Uptime { get; init; }

    /// <summary>Clients that are connected.</summary>
    public long ClientsConnected { get; init; }

    /// <summary>Most clients that were connected at the same time.</summary>
    public long ClientsMaximum { get; init; }

    /// <summary>Sessions that are held, connected or not.</summary>
    public long Sessions { get; init; }

    /// <summary>Subscriptions in all sessions.</summary>
    public long Subscriptions { get; init; }

    /// <summary>Retained messages.</summary>
    public long RetainedMessages { get; init; }

    /// <summary>Control packets received from clients.</summary>
    public long PacketsReceived { get; init; }

    /// <summary>Control packets sent to clients.</summary>
    public long PacketsSent { get; init; }

    /// <summary>PUBLISH packets received from clients.</summary>
    public long PublishReceived { get; init; }

    /// <summary>PUBLISH packets sent to clients.</summary>
    public long PublishSent { get; init; }

    /// <summary>Messages that were not delivered to some client, all reasons.</summary>
    public long PublishDropped { get; init; }

    /// <summary>Bytes received from clients.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Bytes sent to clients.</summary>
    public long BytesSent { get; init; }
}

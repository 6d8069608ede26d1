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

    /// <summary>Payload bytes received from publishers.</summary>
    public long PublishBytesReceived { get; init; }

    /// <summary>Payload bytes sent to subscribers.</summary>
    public long PublishBytesSent { get; init; }

    /// <summary>QoS 1 and 2 messages that wait for sessions or are in flight to them.</summary>
    public long QueuedMessages { get; init; }

    /// <summary>QoS 1 and 2 messages that were sent and not acknowledged yet.</summary>
    public long InflightMessages { get; init; }

    /// <summary>Byte streams that listeners accepted.</summary>
    public long SocketsOpened { get; init; }

    /// <summary>Connections that were answered with CONNACK 0x00.</summary>
    public long ConnectionsAccepted { get; init; }

    /// <summary>Connections that ended because another one took their session over.</summary>
    public long TakeOvers { get; init; }

    /// <summary>The time that 99 of a hundred of the last commits did not exceed; zero where nothing is committed.</summary>
    public TimeSpan CommitP99 { get; init; }

    /// <summary>Sessions that ended by their expiry interval.</summary>
    public long SessionsExpired { get; init; }

    /// <summary>Connections refused for what they presented as identity.</summary>
    public long AuthenticationFailures { get; init; }

    /// <summary>Publishes and subscriptions that an access rule refused.</summary>
    public long AccessDenied { get; init; }

    /// <summary>Messages that were not delivered to some client, by reason in small letters.</summary>
    public IReadOnlyList<(string Reason, long Count)> Dropped { get; init; } = [];
}

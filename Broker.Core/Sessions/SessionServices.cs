using Broker.Core.Access;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Core.Topics;

namespace Broker.Core.Sessions;

/// <summary>What every session uses.</summary>
public sealed record SessionServices(TopicTree<Session> Subscriptions, Journal Journal, StoreReader Reader, Limits Limits, BrokerCounters Counters, TimeProvider Time)
{
    /// <summary>What clients may do.</summary>
    public AccessControl Access { get; init; } = new();

    /// <summary>Hears what happens to clients.</summary>
    public IClientEvents Events { get; init; } = NoClientEvents.Instance;
}

/// <summary>What became of a wish to subscribe.</summary>
/// <param name="Reason">The QoS that is granted, or why it is refused.</param>
/// <param name="IsNew">Whether the filter is new to the session.</param>
internal readonly record struct SubscribeOutcome(ReasonCode Reason, bool IsNew)
{
    /// <summary>Whether the subscription was made.</summary>
    public bool IsGranted => !Reason.IsError();
}

/// <summary>A Will Message that may be due (MQTT 5, section 3.1.2.5).</summary>
/// <param name="Message">The message; its own expiry begins when it is published.</param>
/// <param name="DelayInterval">How long it is held back, in seconds.</param>
/// <param name="ExpiryInterval">Its Message Expiry Interval in seconds, or null if it does not expire.</param>
public sealed record PendingWill(ApplicationMessage Message, uint DelayInterval, uint? ExpiryInterval);

/// <summary>When a session without connection has something to do, in milliseconds of the monotonic clock.</summary>
internal sealed class SessionDeadlines
{
    public const long Never = long.MaxValue;

    /// <summary>When its will is published.</summary>
    public long Will { get; set; } = Never;

    /// <summary>When it ends.</summary>
    public long Expiry { get; set; } = Never;

    /// <summary>When it is next looked at; belongs to the registry's clock.</summary>
    public long Scheduled { get; set; } = Never;
}

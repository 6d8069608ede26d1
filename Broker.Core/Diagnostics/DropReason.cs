namespace Broker.Core.Diagnostics;

/// <summary>Why a message was not delivered to a subscriber, as counted below <c>$SYS/broker/publish/messages/dropped/</c>.</summary>
public enum DropReason
{
    /// <summary>QoS 0 for a client whose socket does not keep up.</summary>
    SlowReader,

    /// <summary>The session's queue is full.</summary>
    QueueFull,

    /// <summary>It expired while it waited.</summary>
    Expired,

    /// <summary>It is larger than the client accepts [MQTT-3.1.2-25].</summary>
    PacketTooLarge,

    /// <summary>There are as many retained messages as allowed.</summary>
    RetainedLimit,

    /// <summary>The client may not publish there.</summary>
    NotAuthorized,
}

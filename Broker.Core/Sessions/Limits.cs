using Broker.Core.Protocol;

namespace Broker.Core.Sessions;

/// <summary>What the broker allows, below <c>Mqtt:Limits</c> in the configuration. Everything is bounded; the defaults suit a mixed fleet.</summary>
public sealed class Limits
{
    /// <summary>Largest control packet accepted, in bytes with its fixed header; announced to MQTT 5 clients.</summary>
    public int MaximumPacketSize { get; set; } = 4 * 1024 * 1024;

    /// <summary>Largest packet accepted before the client is connected, in bytes.</summary>
    public int MaximumConnectPacketSize { get; set; } = 64 * 1024;

    /// <summary>QoS 1 and 2 publishes that a client may have unacknowledged, 1 to 65,535; announced to MQTT 5 clients.</summary>
    public int ReceiveMaximum { get; set; } = 32;

    /// <summary>Most QoS 1 and 2 messages sent to one client without its acknowledgement, whatever it announces, 1 to 65,535.</summary>
    public int SendMaximum { get; set; } = 65_535;

    /// <summary>Most messages that wait for one persistent session.</summary>
    public int QueueMessages { get; set; } = 1_000_000;

    /// <summary>Most bytes that wait for one persistent session.</summary>
    public long QueueBytes { get; set; } = 1L << 30;

    /// <summary>Bytes of messages that wait in memory for one persistent session whose client is connected; the rest waits in the store.</summary>
    public long QueueMemoryBytes { get; set; } = 1024 * 1024;

    /// <summary>What happens to a message for a persistent session whose queue is full.</summary>
    public QueueFull QueueFull { get; set; }

    /// <summary>Most messages that wait for one session that ends with its connection.</summary>
    public int TransientQueueMessages { get; set; } = 10_000;

    /// <summary>Most bytes that wait for one session that ends with its connection.</summary>
    public long TransientQueueBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Longest topic name or filter, in UTF-8 bytes.</summary>
    public int TopicBytes { get; set; } = 65_535;

    /// <summary>Most levels in a topic name or filter.</summary>
    public int TopicLevels { get; set; } = 200;

    /// <summary>Most subscriptions of one session.</summary>
    public int Subscriptions { get; set; } = 10_000;

    /// <summary>Highest topic alias that a client may use, 0 for none; announced to MQTT 5 clients.</summary>
    public int TopicAliasMaximum { get; set; } = 32;

    /// <summary>Time from the first byte to a complete CONNECT.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Connections whose CONNECT has not been answered yet, in all; more wait.</summary>
    public int PendingConnections { get; set; } = 2_000;

    /// <summary>Longest time a session outlives its connection, for every protocol version.</summary>
    public TimeSpan SessionExpiry { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Longest keep alive in seconds, announced as Server Keep Alive to MQTT 5 clients that ask for more or for none; 0 leaves it to the client.</summary>
    public int KeepAlive { get; set; }

    /// <summary>Most sessions in all, connected or not.</summary>
    public int Sessions { get; set; } = 10_000_000;

    /// <summary>Most retained messages in all.</summary>
    public int RetainedMessages { get; set; } = 1_000_000;

    /// <summary>Bytes that may wait for one client's socket before QoS 0 is dropped for it and QoS 1 and 2 stay in its queue.</summary>
    public int OutboxBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// Bytes that may be held in memory for all clients together: packets that are here in part, output that is not taken, messages that wait or were not acknowledged. From 80 % on
    /// nobody else is let in; above it those for which the most is held are disconnected. Null takes a quarter of the memory that the process may have.
    /// </summary>
    public long? HeldBytes { get; set; }

    /// <summary>A client whose socket takes nothing for this long is disconnected.</summary>
    public TimeSpan OutboxStall { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Highest QoS that a client may publish with and that is granted to it.</summary>
    public QualityOfService MaximumQoS { get; set; } = QualityOfService.ExactlyOnce;

    /// <summary>Whether messages may be retained.</summary>
    public bool RetainAvailable { get; set; } = true;

    /// <summary>Whether a topic filter may hold wildcards.</summary>
    public bool WildcardSubscriptionAvailable { get; set; } = true;

    /// <summary>Whether a subscription may carry an identifier.</summary>
    public bool SubscriptionIdentifierAvailable { get; set; } = true;

    /// <summary>Whether <c>$share/…</c> subscriptions are offered.</summary>
    public bool SharedSubscriptionAvailable { get; set; } = true;

    /// <summary>What a client that asks for Response Information is told (section 3.2.2.3.15): where it may make response topics; empty for nothing.</summary>
    public string ResponseInformation { get; set; } = "";

    /// <summary>Whether a payload that is announced as UTF-8 (Payload Format Indicator 1) is checked, and refused with 0x99 if it is none.</summary>
    public bool ValidatePayloadFormat { get; set; }
}

/// <summary>What happens to a message of QoS 1 or 2 for a session whose queue is full.</summary>
public enum QueueFull
{
    /// <summary>That session alone misses it; the others get it, and it is acknowledged.</summary>
    DropNewest,

    /// <summary>The oldest message that was never sent to the session makes room for it.</summary>
    DropOldest,

    /// <summary>Nobody gets it, and its publisher is told so: 0x97 (Quota exceeded), as far as its protocol version can say it.</summary>
    Reject,
}

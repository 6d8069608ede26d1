using Broker.Core.Protocol;

namespace Broker.Core.Access;

/// <summary>Decides what a client may publish and subscribe to. Called on the path of each message: it must not wait for anything.</summary>
public interface IAuthorizer
{
    /// <summary>Whether the client may publish to a topic, given in UTF-8.</summary>
    bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic);

    /// <summary>Whether the client may subscribe to a filter.</summary>
    bool MaySubscribe(ClientIdentity client, TopicFilter filter);
}

/// <summary>
/// What holds without rules: everything is allowed, but nobody publishes to topics that begin with $, which are the server's own (MQTT 5, section 4.7.2),
/// and only clients on this machine subscribe to <c>$SYS</c>. One exception: a Mosquitto that bridges here tells its state, and leaves a will for it, at
/// <c>$SYS/broker/connection/…/state</c>, and would not connect without.
/// </summary>
public sealed class DefaultAuthorizer : IAuthorizer
{
    /// <inheritdoc/>
    public bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic) => !TopicName.IsReserved(topic) || IsBridgeState(topic);

    /// <inheritdoc/>
    public bool MaySubscribe(ClientIdentity client, TopicFilter filter) =>
        client.IsLocal || !(filter.Filter == "$SYS" || filter.Filter.StartsWith("$SYS/", StringComparison.Ordinal));

    private static bool IsBridgeState(ReadOnlySpan<byte> topic) => topic.StartsWith("$SYS/broker/connection/"u8) && topic.EndsWith("/state"u8);
}

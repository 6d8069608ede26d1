using Broker.Core.Protocol;

namespace Broker.Core.Diagnostics;

/// <summary>A subscription at one moment.</summary>
/// <param name="Session">The key of its session.</param>
/// <param name="Number">Its number within the session.</param>
/// <param name="ClientIdentifier">Whose it is.</param>
/// <param name="Filter">The whole filter, with <c>$share</c>.</param>
/// <param name="ShareName">The ShareName, or null.</param>
/// <param name="Options">What it asks for; the QoS is the one granted.</param>
/// <param name="Identifier">Subscription Identifier, or 0.</param>
/// <param name="IsConnected">Whether the client is connected.</param>
public sealed record SubscriptionState(
    long Session, int Number, string ClientIdentifier, string Filter, string? ShareName, SubscriptionOptions Options, uint Identifier, bool IsConnected);

/// <summary>A client that gets the messages of a topic, and through which subscriptions.</summary>
/// <param name="ClientIdentifier">The client.</param>
/// <param name="IsConnected">Whether it is connected; else they wait in its queue, if its session keeps them.</param>
/// <param name="QoS">The highest QoS of its matching subscriptions.</param>
/// <param name="Subscriptions">Its matching subscriptions.</param>
public sealed record TopicReceiver(string ClientIdentifier, bool IsConnected, QualityOfService QoS, IReadOnlyList<SubscriptionState> Subscriptions);

/// <summary>A shared subscription; one of its members gets each message.</summary>
/// <param name="Filter">The whole filter, with <c>$share</c>.</param>
/// <param name="ShareName">The ShareName.</param>
/// <param name="Members">Its members.</param>
public sealed record ShareGroupState(string Filter, string ShareName, IReadOnlyList<SubscriptionState> Members);

/// <summary>Who would get a message of a topic now.</summary>
/// <param name="Receivers">The clients that each get a copy.</param>
/// <param name="Groups">The share groups, one member of each of which gets a copy.</param>
public sealed record TopicReceivers(IReadOnlyList<TopicReceiver> Receivers, IReadOnlyList<ShareGroupState> Groups);

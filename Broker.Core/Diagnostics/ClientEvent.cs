using Broker.Core.Protocol;

namespace Broker.Core.Diagnostics;

/// <summary>Something that happened to a client, as its timeline shows it.</summary>
/// <param name="ClientIdentifier">The client; empty where it gave no name before it was refused.</param>
public abstract record ClientEvent(string ClientIdentifier);

/// <summary>A client was let in.</summary>
/// <param name="Client">The client.</param>
public sealed record ClientConnected(ConnectedClient Client) : ClientEvent(Client.ClientIdentifier);

/// <summary>A client's connection has ended. Told after <see cref="ClientConnected"/> of that connection and before that of the client's next one.</summary>
/// <param name="Client">The client, with its final figures.</param>
/// <param name="By">Who ended the connection.</param>
/// <param name="Reason">The reason code.</param>
/// <param name="Why">The reason in words; a client's own words where it gave some.</param>
public sealed record ClientDisconnected(ConnectedClient Client, EndedBy By, ReasonCode Reason, string Why) : ClientEvent(Client.ClientIdentifier);

/// <summary>A client was not let in.</summary>
/// <param name="ClientIdentifier">The name that it gave, or none.</param>
/// <param name="Address">Where it came from.</param>
/// <param name="Reason">The reason code.</param>
/// <param name="Why">The reason in words.</param>
public sealed record ClientRefused(string ClientIdentifier, string? Address, ReasonCode Reason, string Why) : ClientEvent(ClientIdentifier);

/// <summary>Another connection takes a client's session over; the earlier one ends next [MQTT-3.1.4-3].</summary>
/// <param name="ClientIdentifier">The client.</param>
/// <param name="ByAddress">Where the new connection comes from.</param>
public sealed record SessionTakenOver(string ClientIdentifier, string? ByAddress) : ClientEvent(ClientIdentifier);

/// <summary>A session has ended while its client was away: its expiry interval is over [MQTT-4.1.0-2].</summary>
/// <param name="ClientIdentifier">The client.</param>
public sealed record SessionExpired(string ClientIdentifier) : ClientEvent(ClientIdentifier);

/// <summary>A session was discarded before it expired, by Clean Start [MQTT-3.1.2-4] or by an operator.</summary>
/// <param name="ClientIdentifier">The client.</param>
/// <param name="Why">Who asked for it, in words.</param>
public sealed record SessionEnded(string ClientIdentifier, string Why) : ClientEvent(ClientIdentifier);

/// <summary>A subscription was made or replaced.</summary>
/// <param name="ClientIdentifier">The client.</param>
/// <param name="Filter">The topic filter as the client wrote it.</param>
/// <param name="QoS">The QoS that was granted.</param>
public sealed record Subscribed(string ClientIdentifier, string Filter, QualityOfService QoS) : ClientEvent(ClientIdentifier);

/// <summary>The rules of access do not allow a subscription any more, and it has ended.</summary>
/// <param name="ClientIdentifier">The client.</param>
/// <param name="Filter">The topic filter as the client wrote it.</param>
/// <param name="Rule">The rule that decided, in words.</param>
public sealed record SubscriptionRevoked(string ClientIdentifier, string Filter, string Rule) : ClientEvent(ClientIdentifier);

/// <summary>The rules of access grant a subscription less QoS than it had, and it goes on with that.</summary>
/// <param name="ClientIdentifier">The client.</param>
/// <param name="Filter">The topic filter as the client wrote it.</param>
/// <param name="QoS">The QoS that it has now.</param>
/// <param name="Rule">The rule that decided, in words.</param>
public sealed record SubscriptionLowered(string ClientIdentifier, string Filter, QualityOfService QoS, string Rule) : ClientEvent(ClientIdentifier);

/// <summary>A client was not allowed to do something.</summary>
/// <param name="ClientIdentifier">The client.</param>
/// <param name="Action">What it wanted, in words: <c>publish to</c>.</param>
/// <param name="Topic">The topic or the filter.</param>
/// <param name="Rule">The rule that decided, in words.</param>
public sealed record AccessDenied(string ClientIdentifier, string Action, string Topic, string Rule) : ClientEvent(ClientIdentifier);

/// <summary>A subscription was taken back.</summary>
/// <param name="ClientIdentifier">The client.</param>
/// <param name="Filter">The topic filter.</param>
public sealed record Unsubscribed(string ClientIdentifier, string Filter) : ClientEvent(ClientIdentifier);

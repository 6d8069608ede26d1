using Broker.Core.Protocol;

namespace Broker.Core.Diagnostics;

/// <summary>A subscription that would not stay as it is under other rules.</summary>
/// <param name="ClientIdentifier">Whose.</param>
/// <param name="UserName">Its user, or null.</param>
/// <param name="Filter">The whole filter.</param>
/// <param name="Rule">The rule that decides, in words.</param>
public abstract record AffectedSubscription(string ClientIdentifier, string? UserName, string Filter, string Rule);

/// <summary>A subscription that other rules would end.</summary>
/// <param name="ClientIdentifier">Whose.</param>
/// <param name="UserName">Its user, or null.</param>
/// <param name="Filter">The whole filter.</param>
/// <param name="Rule">The rule that ends it, in words.</param>
public sealed record RevokedSubscription(string ClientIdentifier, string? UserName, string Filter, string Rule) : AffectedSubscription(ClientIdentifier, UserName, Filter, Rule);

/// <summary>A subscription that would go on under other rules, with less QoS.</summary>
/// <param name="ClientIdentifier">Whose.</param>
/// <param name="UserName">Its user, or null.</param>
/// <param name="Filter">The whole filter.</param>
/// <param name="QoS">The QoS that it has.</param>
/// <param name="GrantedQoS">The QoS that it would have.</param>
/// <param name="Rule">The rule that grants no more, in words.</param>
public sealed record LoweredSubscription(string ClientIdentifier, string? UserName, string Filter, QualityOfService QoS, QualityOfService GrantedQoS, string Rule)
    : AffectedSubscription(ClientIdentifier, UserName, Filter, Rule);

/// <summary>Subscriptions to which other rules would do the same.</summary>
/// <typeparam name="TSubscription">What is told of each.</typeparam>
/// <param name="Count">How many.</param>
/// <param name="Sample">The first thousand of them.</param>
public sealed record AffectedSubscriptions<TSubscription>(int Count, IReadOnlyList<TSubscription> Sample);

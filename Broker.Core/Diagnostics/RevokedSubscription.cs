namespace Broker.Core.Diagnostics;

/// <summary>A subscription that other rules would end.</summary>
/// <param name="ClientIdentifier">Whose.</param>
/// <param name="UserName">Its user, or null.</param>
/// <param name="Filter">The whole filter.</param>
/// <param name="Rule">The rule that ends it, in words.</param>
public sealed record RevokedSubscription(string ClientIdentifier, string? UserName, string Filter, string Rule);

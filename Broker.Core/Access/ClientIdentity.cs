using System.Net;

namespace Broker.Core.Access;

/// <summary>Who a client is, once it was let in.</summary>
/// <param name="ClientIdentifier">Its client identifier.</param>
/// <param name="UserName">The user that it proved to be, or null if it is anonymous.</param>
/// <param name="Address">Where it connects from, or null if that is not known.</param>
public sealed record ClientIdentity(string ClientIdentifier, string? UserName, EndPoint? Address)
{
    /// <summary>Whether it connects from this machine itself.</summary>
    public bool IsLocal { get; init; } = Address is IPEndPoint { Address: var address } && IPAddress.IsLoopback(address);

    /// <summary>Rules of its own, which came with what it has proven and stand before all others.</summary>
    public IReadOnlyList<AccessRule> Rules { get; init; } = [];

    /// <summary>When what it has proven ends, or null.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>
    /// A client that is known from the store only. Where it connected from is not: it counts as local, which decides about <c>$SYS</c> alone, and nothing of that
    /// is ever kept for a client that is away.
    /// </summary>
    public static ClientIdentity Stored(string clientIdentifier, string? userName) => new(clientIdentifier, userName, null) { IsLocal = true };
}

using System.Net;
using Broker.Core.Protocol;

namespace Broker.Core.Access;

/// <summary>Who a client is, once it was let in.</summary>
/// <param name="ClientIdentifier">Its client identifier.</param>
/// <param name="UserName">The user that it proved to be, or null if it is anonymous.</param>
/// <param name="Address">Where it connects from.</param>
public sealed record ClientIdentity(string ClientIdentifier, string? UserName, EndPoint? Address)
{
    /// <summary>Whether it connects from this machine itself.</summary>
    public bool IsLocal => Address is IPEndPoint { Address: var address } && IPAddress.IsLoopback(address);
}

/// <summary>What a client presents with CONNECT.</summary>
/// <param name="ClientIdentifier">The client identifier, assigned if it sent none.</param>
/// <param name="UserName">User Name, if it sent one.</param>
/// <param name="Password">Password, if it sent one.</param>
/// <param name="Address">Where it connects from.</param>
/// <param name="AllowsAnonymous">Whether the listener lets in clients that cannot be told apart.</param>
public sealed record Credentials(
    string ClientIdentifier, string? UserName, ReadOnlyMemory<byte>? Password, EndPoint? Address, bool AllowsAnonymous);

/// <summary>Decides who is let in (MQTT 5, section 3.1.4).</summary>
public interface IAuthenticator
{
    /// <summary>Checks what a client presents.</summary>
    /// <returns><see cref="ReasonCode.Success"/>, or the reason for CONNACK; and the user name that was proven, if any.</returns>
    ValueTask<(ReasonCode Reason, string? UserName)> AuthenticateAsync(Credentials credentials, CancellationToken cancellation);
}

/// <summary>While there are no users, everybody is anonymous: let in where the listener allows it, refused elsewhere.</summary>
public sealed class AnonymousAuthenticator : IAuthenticator
{
    /// <inheritdoc/>
    public ValueTask<(ReasonCode Reason, string? UserName)> AuthenticateAsync(Credentials credentials, CancellationToken cancellation) =>
        new((credentials.AllowsAnonymous ? ReasonCode.Success : ReasonCode.NotAuthorized, null));
}

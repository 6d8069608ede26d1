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

/// <summary>Decides who is let in (MQTT 5, sections 3.1.4 and 4.12).</summary>
public interface IAuthenticator
{
    /// <summary>Checks what a client presents.</summary>
    /// <returns><see cref="ReasonCode.Success"/>, or the reason for CONNACK; and the user name that was proven, if any.</returns>
    ValueTask<(ReasonCode Reason, string? UserName)> AuthenticateAsync(Credentials credentials, CancellationToken cancellation);

    /// <summary>Begins an exchange of enhanced authentication.</summary>
    /// <returns>The exchange, or null if the method is not offered.</returns>
    IAuthenticationExchange? Begin(string method);
}

/// <summary>One exchange of enhanced authentication with one client (MQTT 5, section 4.12).</summary>
public interface IAuthenticationExchange
{
    /// <summary>Takes what the client sent and says what comes next.</summary>
    ValueTask<AuthenticationStep> StepAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation);
}

/// <summary>What comes next in an exchange.</summary>
/// <param name="Reason">0x18 to go on, 0x00 when the client has proven who it is, else why it is refused.</param>
/// <param name="Data">Authentication Data for the client.</param>
/// <param name="UserName">The user that the client has proven to be, at the end.</param>
public readonly record struct AuthenticationStep(ReasonCode Reason, byte[] Data, string? UserName = null);

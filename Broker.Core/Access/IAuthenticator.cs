using System.Net;
using Broker.Core.Protocol;

namespace Broker.Core.Access;

/// <summary>Whether a listener lets in clients that show no credentials.</summary>
public enum AnonymousAccess
{
    /// <summary>It does not.</summary>
    Never,

    /// <summary>It does as long as there are no users.</summary>
    UntilUsersExist,

    /// <summary>It does.</summary>
    Always,
}

/// <summary>What a client presents with CONNECT.</summary>
/// <param name="ClientIdentifier">The client identifier, assigned if it sent none.</param>
/// <param name="UserName">User Name, if it sent one.</param>
/// <param name="Password">Password, if it sent one.</param>
/// <param name="Address">Where it connects from.</param>
/// <param name="Anonymous">Whether the listener lets in clients that cannot be told apart.</param>
public sealed record Credentials(string ClientIdentifier, string? UserName, ReadOnlyMemory<byte>? Password, EndPoint? Address, AnonymousAccess Anonymous)
{
    /// <summary>The user name that the client's certificate proves, or null: no password is needed then.</summary>
    public string? CertifiedUserName { get; init; }
}

/// <summary>The answer to a client's credentials.</summary>
public sealed record Admission
{
    /// <summary><see cref="ReasonCode.Success"/>, or the reason for CONNACK.</summary>
    public required ReasonCode Reason { get; init; }

    /// <summary>The user name that was proven, or null for an anonymous client.</summary>
    public string? UserName { get; init; }

    /// <summary>Why the client is refused, in words for operators; the client is not told.</summary>
    public string Why { get; init; } = "";

    /// <summary>When what it has proven ends, and its connection with it; null for never.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Rules of its own, which stand before all others.</summary>
    public IReadOnlyList<AccessRule> Rules { get; init; } = [];

    /// <summary>Happens when what it has proven is worth nothing any more, which ends its connection; null for never.</summary>
    public Revocation? Revoked { get; init; }

    /// <summary>A client that is let in.</summary>
    public static Admission Of(string? userName) => new() { Reason = ReasonCode.Success, UserName = userName };

    /// <summary>A client that is not.</summary>
    public static Admission Refused(ReasonCode reason, string why) => new() { Reason = reason, Why = why };
}

/// <summary>Decides who is let in (MQTT 5, sections 3.1.4 and 4.12).</summary>
public interface IAuthenticator
{
    /// <summary>Checks what a client presents.</summary>
    ValueTask<Admission> AuthenticateAsync(Credentials credentials, CancellationToken cancellation);

    /// <summary>Begins an exchange of enhanced authentication.</summary>
    /// <param name="method">The Authentication Method.</param>
    /// <param name="address">Where the client connects from.</param>
    /// <returns>The exchange, or null if the method is not offered.</returns>
    IAuthenticationExchange? Begin(string method, EndPoint? address);
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
/// <param name="Admission">As whom the client is let in, at the end; or why it is not.</param>
public readonly record struct AuthenticationStep(ReasonCode Reason, byte[] Data, Admission? Admission = null);

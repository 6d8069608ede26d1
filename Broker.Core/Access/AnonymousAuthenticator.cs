using System.Net;
using Broker.Core.Protocol;

namespace Broker.Core.Access;

/// <summary>A user and its password, as they stand in the configuration.</summary>
public sealed class User
{
    /// <summary>The name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The password.</summary>
    public string Password { get; set; } = "";
}

/// <summary>Knows no users: everybody is anonymous, and let in where the listener allows it.</summary>
public sealed class AnonymousAuthenticator : IAuthenticator
{
    /// <inheritdoc/>
    public ValueTask<Admission> AuthenticateAsync(Credentials credentials, CancellationToken cancellation) =>
        new(credentials.Anonymous != AnonymousAccess.Never ? Admission.Of(null) : Admission.Refused(ReasonCode.NotAuthorized, "the listener lets in no anonymous clients"));

    /// <inheritdoc/>
    public IAuthenticationExchange? Begin(string method, EndPoint? address) => null;
}

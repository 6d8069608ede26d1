using System.Net;
using Broker.Core.Access;
using Broker.Core.Protocol;

namespace Broker.Tests.Testing;

/// <summary>Knows no users: everybody is anonymous, and let in where the listener allows it.</summary>
internal sealed class AnonymousAuthenticator : IAuthenticator
{
    /// <inheritdoc/>
    public ValueTask<Admission> AuthenticateAsync(Credentials credentials, CancellationToken cancellation) =>
        new(credentials.Anonymous != AnonymousAccess.Never ? Admission.Of(null) : Admission.Refused(ReasonCode.NotAuthorized, "the listener lets in no anonymous clients"));

    /// <inheritdoc/>
    public IAuthenticationExchange? Begin(string method, EndPoint? address) => null;
}

using System.Net;
using Broker.Core.Access;

namespace Broker.Web.Security.External;

/// <summary>Asks one after the other who a client is; the first that answers decides, and the users of the store come last.</summary>
/// <param name="checks">Those who are asked first, in their order.</param>
/// <param name="store">Answers what they leave, and offers enhanced authentication alone.</param>
internal sealed class AuthenticatorChain(IReadOnlyList<ICredentialCheck> checks, IAuthenticator store) : IAuthenticator
{
    /// <inheritdoc/>
    public async ValueTask<Admission> AuthenticateAsync(Core.Access.Credentials credentials, CancellationToken cancellation)
    {
        foreach (var check in checks)
            if (await check.AdmitAsync(credentials, cancellation).ConfigureAwait(false) is { } admission) return admission;
        return await store.AuthenticateAsync(credentials, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IAuthenticationExchange? Begin(string method, EndPoint? address) => store.Begin(method, address);
}

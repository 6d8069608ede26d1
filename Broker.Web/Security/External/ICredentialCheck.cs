using Broker.Core.Access;

namespace Broker.Web.Security.External;

/// <summary>Somebody besides the store who knows who a client is.</summary>
internal interface ICredentialCheck
{
    /// <summary>Checks what a client presents.</summary>
    /// <returns>Its answer, or null to leave it to the next.</returns>
    ValueTask<Admission?> AdmitAsync(Core.Access.Credentials credentials, CancellationToken cancellation);
}

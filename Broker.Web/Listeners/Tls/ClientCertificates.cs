using Broker.Web.Files;

namespace Broker.Web.Listeners.Tls;

/// <summary>Whether clients show a certificate.</summary>
public enum ClientCertificateMode
{
    /// <summary>They are not asked.</summary>
    None,

    /// <summary>They may; one that is shown must be good.</summary>
    Optional,

    /// <summary>Who has no good one is not let in.</summary>
    Required,
}

/// <summary>What of a client's certificate becomes its user name.</summary>
public enum CertifiedUserNameSource
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The common name of the subject.</summary>
    CommonName,

    /// <summary>The first DNS name, e-mail address or URI of the subject alternative name.</summary>
    SubjectAlternativeName,
}

/// <summary>What a listener asks of its clients' certificates.</summary>
/// <param name="IsRequired">Whether a client without one is refused.</param>
/// <param name="Trust">Who may have issued them, and which are revoked.</param>
/// <param name="UserName">What becomes the user name.</param>
internal sealed record ClientCertificates(bool IsRequired, WatchedFiles<ClientTrust> Trust, CertifiedUserNameSource UserName);

/// <summary>A client whose certificate was found good, as a feature of its connection.</summary>
/// <param name="UserName">The user name that the certificate gives it, or null where it gives none.</param>
internal sealed record CertifiedClient(string? UserName);

using System.Security.Cryptography.X509Certificates;
using Broker.Core.Access;
using Broker.Web.Files;
using Broker.Web.Security;

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
internal sealed record ClientCertificates(bool IsRequired, WatchedFiles<ClientTrust> Trust, CertifiedUserNameSource UserName)
{
    private readonly Admitted<IReadOnlyList<byte[]>> connected = new();

    /// <summary>A client's certificate was found good.</summary>
    /// <param name="userName">The user name that it gives the client, or null.</param>
    /// <param name="chain">Its chain.</param>
    /// <param name="by">By what it was found good: it is judged again if something else has taken that one's place meanwhile.</param>
    /// <param name="now">The time.</param>
    /// <param name="ended">Fires when its connection ends.</param>
    public CertifiedClient Admit(string? userName, X509Chain chain, ClientTrust by, DateTimeOffset now, CancellationToken ended)
    {
        var client = connected.Add([.. chain.ChainElements.Select(element => element.Certificate.RawData)], ended);
        if (Trust.Current != by) Judge(client, now);
        return new CertifiedClient(userName, client.Revocation);
    }

    /// <summary>Judges the certificates of all who are connected by what the files hold now.</summary>
    /// <returns>How many connections end.</returns>
    public int JudgeAgain(DateTimeOffset now) => connected.All.Count(client => Judge(client, now));

    private bool Judge(Admitted<IReadOnlyList<byte[]>>.Client client, DateTimeOffset now)
    {
        if (ClientCertificateCheck.Withdrawal(client.Proof, Trust.Current, now) is not { } why) return false;
        client.Revocation.Revoke($"its client certificate counts no more: {why}");
        return true;
    }
}

/// <summary>A client whose certificate was found good, as a feature of its connection.</summary>
/// <param name="UserName">The user name that the certificate gives it, or null where it gives none.</param>
/// <param name="Revoked">Happens when the certificate is good no more.</param>
internal sealed record CertifiedClient(string? UserName, Revocation Revoked);

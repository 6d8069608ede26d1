using System.Security.Cryptography.X509Certificates;

namespace Broker.Web.Listeners.Tls;

/// <summary>Judges the certificate that a client shows.</summary>
internal static class ClientCertificateCheck
{
    private const X509ChainStatusFlags Unknown = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;

    /// <summary>Why the certificate is not good, in words for the operator; null where it is.</summary>
    /// <param name="chain">Its chain, built by the policy of <paramref name="trust"/>.</param>
    /// <param name="trust">Who may have issued it, and what is revoked.</param>
    /// <param name="now">The time.</param>
    public static string? Refusal(X509Chain chain, ClientTrust trust, DateTimeOffset now)
    {
        var elements = chain.ChainElements.Select(element => element.Certificate).ToList();
        if (elements.Count == 0) return "its chain cannot be built";
        var found = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if ((found & Unknown) != 0) return $"it was issued by {elements[^1].Issuer}, from which nothing leads to the authorities of this listener (ClientAuthorities)";
        if (found.HasFlag(X509ChainStatusFlags.NotTimeValid)) return elements.Select(one => OutOfTime(one, isOwn: one == elements[0], now)).First(why => why is not null);
        if (found.HasFlag(X509ChainStatusFlags.NotValidForUsage)) return "it is not made for clients (its extended key usage does not hold clientAuth)";
        if (found != X509ChainStatusFlags.NoError) return string.Join("; ", chain.ChainStatus.Select(one => one.StatusInformation.TrimEnd('.')));
        return trust.Revocation(elements, now);
    }

    private static string? OutOfTime(X509Certificate2 certificate, bool isOwn, DateTimeOffset now)
    {
        var who = isOwn ? "it" : $"the certificate of {certificate.Subject}, an authority in its chain,";
        if (certificate.NotBefore > now.LocalDateTime) return $"{who} is not valid before {certificate.NotBefore.ToUniversalTime():u}";
        return certificate.NotAfter < now.LocalDateTime ? $"{who} has expired at {certificate.NotAfter.ToUniversalTime():u}" : null;
    }
}

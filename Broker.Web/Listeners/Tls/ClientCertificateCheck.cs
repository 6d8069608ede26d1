using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Broker.Web.Listeners.Tls;

/// <summary>Judges the certificate that a client shows.</summary>
internal static class ClientCertificateCheck
{
    private const X509ChainStatusFlags Unknown = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;

    /// <summary>Why the certificate is not good, as a reason and in words for the operator; null where it is.</summary>
    /// <param name="chain">Its chain, built by the policy of <paramref name="trust"/>.</param>
    /// <param name="trust">Who may have issued it, and what is revoked.</param>
    /// <param name="now">The time.</param>
    public static (HandshakeRefusal Reason, string Why)? Refusal(X509Chain chain, ClientTrust trust, DateTimeOffset now)
    {
        var elements = chain.ChainElements.Select(element => element.Certificate).ToList();
        if (elements.Count == 0) return (HandshakeRefusal.Other, "its chain cannot be built");
        var found = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if ((found & Unknown) != 0) return (HandshakeRefusal.UnknownAuthority, Stranger(elements));
        if (found.HasFlag(X509ChainStatusFlags.NotTimeValid)) return elements.Select(one => OutOfTime(one, isOwn: one == elements[0], now)).First(why => why is not null);
        if (found.HasFlag(X509ChainStatusFlags.NotValidForUsage)) return (HandshakeRefusal.WrongUsage, "it is not made for clients (its extended key usage does not hold clientAuth)");
        if (found != X509ChainStatusFlags.NoError) return (HandshakeRefusal.Other, string.Join("; ", chain.ChainStatus.Select(one => one.StatusInformation.TrimEnd('.'))));
        return trust.Revocation(elements, now);
    }

    /// <summary>Why a certificate that was good when its client connected is good no more, now that the files hold something else; null where it still is.</summary>
    /// <remarks>Time alone ends no connection: neither a certificate's nor a list's.</remarks>
    /// <param name="shown">The certificate, and those of its chain, in DER.</param>
    /// <param name="trust">Who may have issued it, and what is revoked.</param>
    /// <param name="now">The time.</param>
    public static string? Withdrawal(IReadOnlyList<byte[]> shown, ClientTrust trust, DateTimeOffset now)
    {
        var certificates = shown.Select(one => X509CertificateLoader.LoadCertificate(one)).ToList();
        try
        {
            return Withdrawal(certificates, trust, now);
        }
        finally
        {
            certificates.ForEach(one => one.Dispose());
        }
    }

    private static string? Withdrawal(List<X509Certificate2> certificates, ClientTrust trust, DateTimeOffset now)
    {
        using var chain = new X509Chain { ChainPolicy = trust.Policy(now) };
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        chain.ChainPolicy.ExtraStore.AddRange(certificates.Skip(1).ToArray());
        try
        {
            chain.Build(certificates[0]);
        }
        catch (CryptographicException failure)
        {
            return $"its chain cannot be built: {failure.Message}";
        }
        var elements = chain.ChainElements.Select(element => element.Certificate).ToList();
        if (elements.Count == 0 || chain.ChainStatus.Any(one => (one.Status & Unknown) != 0)) return Stranger(elements.Count == 0 ? certificates : elements);
        return trust.Revoked(elements);
    }

    private static string Stranger(List<X509Certificate2> chain) => $"it was issued by {chain[^1].Issuer}, from which nothing leads to the authorities of this listener (ClientAuthorities)";

    private static (HandshakeRefusal, string)? OutOfTime(X509Certificate2 certificate, bool isOwn, DateTimeOffset now)
    {
        var who = isOwn ? "it" : $"the certificate of {certificate.Subject}, an authority in its chain,";
        if (certificate.NotBefore > now.LocalDateTime) return (HandshakeRefusal.NotYetValid, $"{who} is not valid before {certificate.NotBefore.ToUniversalTime():u}");
        return certificate.NotAfter < now.LocalDateTime ? (HandshakeRefusal.Expired, $"{who} has expired at {certificate.NotAfter.ToUniversalTime():u}") : null;
    }
}

using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Broker.Web.Listeners.Tls;

/// <summary>Checks the signature of a revocation list.</summary>
internal static class ListSignature
{
    // The algorithms of RFC 5758 section 3.2 and RFC 4055 section 5 that are still sound.
    private static readonly Dictionary<string, (bool IsRsa, HashAlgorithmName Hash)> Known = new()
    {
        ["1.2.840.113549.1.1.11"] = (true, HashAlgorithmName.SHA256),
        ["1.2.840.113549.1.1.12"] = (true, HashAlgorithmName.SHA384),
        ["1.2.840.113549.1.1.13"] = (true, HashAlgorithmName.SHA512),
        ["1.2.840.10045.4.3.2"] = (false, HashAlgorithmName.SHA256),
        ["1.2.840.10045.4.3.3"] = (false, HashAlgorithmName.SHA384),
        ["1.2.840.10045.4.3.4"] = (false, HashAlgorithmName.SHA512),
    };

    /// <summary>Whether <paramref name="issuer"/> signed these bytes.</summary>
    /// <param name="issuer">The authority.</param>
    /// <param name="signed">What was signed.</param>
    /// <param name="algorithm">The AlgorithmIdentifier.</param>
    /// <param name="signature">The signature.</param>
    /// <exception cref="AsnContentException">The algorithm is not one of those that are taken.</exception>
    public static bool IsBy(X509Certificate2 issuer, ReadOnlySpan<byte> signed, ReadOnlyMemory<byte> algorithm, byte[] signature)
    {
        var oid = new AsnReader(algorithm, AsnEncodingRules.DER).ReadSequence().ReadObjectIdentifier();
        if (!Known.TryGetValue(oid, out var known))
            throw new AsnContentException($"it is signed by the algorithm {new Oid(oid).FriendlyName ?? oid}; RSA (PKCS #1) and ECDSA with SHA-256, SHA-384 and SHA-512 are taken");
        if (known.IsRsa)
        {
            using var rsa = issuer.GetRSAPublicKey();
            return rsa?.VerifyData(signed, signature, known.Hash, RSASignaturePadding.Pkcs1) ?? false;
        }
        using var curve = issuer.GetECDsaPublicKey();
        return curve?.VerifyData(signed, signature, known.Hash, DSASignatureFormat.Rfc3279DerSequence) ?? false;
    }
}

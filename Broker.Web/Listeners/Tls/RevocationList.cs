using System.Security.Cryptography.X509Certificates;

namespace Broker.Web.Listeners.Tls;

/// <summary>A list of revoked certificates (RFC 5280 section 5) whose signature was checked.</summary>
/// <param name="Issuer">The authority that signed it.</param>
/// <param name="Scope">Which of the authority's certificates it is about, as its extension says; empty for all.</param>
/// <param name="ThisUpdate">When it was made.</param>
/// <param name="NextUpdate">Until when the next one is due.</param>
/// <param name="Serials">The serial numbers, in hexadecimal without leading zeros.</param>
internal sealed record RevocationList(X509Certificate2 Issuer, string Scope, DateTimeOffset ThisUpdate, DateTimeOffset NextUpdate, IReadOnlySet<string> Serials)
{
    /// <summary>The same for lists of which the later takes the earlier's place.</summary>
    public string Kind => Issuer.Thumbprint + Scope;

    /// <summary>Whether it is neither of the future nor out of date.</summary>
    public bool IsCurrent(DateTimeOffset now) => ThisUpdate <= now && now <= NextUpdate;

    /// <summary>Whether it is the list of this authority, maybe under another certificate for the same key.</summary>
    public bool IsOf(X509Certificate2 authority) =>
        authority.SubjectName.RawData.AsSpan().SequenceEqual(Issuer.SubjectName.RawData)
        && authority.PublicKey.EncodedKeyValue.RawData.AsSpan().SequenceEqual(Issuer.PublicKey.EncodedKeyValue.RawData);

    /// <summary>Whether it names this certificate.</summary>
    public bool Holds(X509Certificate2 certificate) => Serials.Contains(Serial(certificate.SerialNumberBytes.Span));

    /// <summary>A serial number as <see cref="Serials"/> holds it.</summary>
    public static string Serial(ReadOnlySpan<byte> bigEndian) => Convert.ToHexString(bigEndian.TrimStart((byte)0));
}

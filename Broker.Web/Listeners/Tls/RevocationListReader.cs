using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broker.Web.Files;

namespace Broker.Web.Listeners.Tls;

/// <summary>Reads certificate revocation lists (RFC 5280 section 5.1), PEM or DER, and checks who signed them.</summary>
internal static class RevocationListReader
{
    private const string Label = "X509 CRL", DistributionPoint = "2.5.29.28";
    private static readonly Asn1Tag Extensions = new(TagClass.ContextSpecific, 0);

    /// <summary>The lists in a file: one in DER, or any number in PEM.</summary>
    /// <exception cref="UnusableFileException">It holds none, or one that is malformed, of a kind that is not understood, or signed by none of the authorities.</exception>
    public static IReadOnlyList<RevocationList> Read(NamedFile file, byte[] content, X509Certificate2Collection authorities)
    {
        var found = Split(content);
        if (found.Count == 0) throw new UnusableFileException(file.Key, $"{file.Path} holds no revocation list", "Name a file with -----BEGIN X509 CRL-----, or a list in DER");
        try
        {
            return [.. found.Select(list => ReadOne(file, list, authorities))];
        }
        catch (Exception failure) when (failure is AsnContentException or CryptographicException)
        {
            throw new UnusableFileException(file.Key, $"{file.Path} holds no revocation list that can be read: {failure.Message}");
        }
    }

    private static List<byte[]> Split(byte[] content)
    {
        if (content.AsSpan().IndexOf("-----BEGIN "u8) < 0) return content.Length == 0 ? [] : [content];
        var (text, lists) = (Encoding.Latin1.GetString(content), new List<byte[]>());
        for (var rest = text.AsSpan(); PemEncoding.TryFind(rest, out var fields); rest = rest[fields.Location.End..])
            if (rest[fields.Label] is Label) lists.Add(Convert.FromBase64String(rest[fields.Base64Data].ToString()));
        return lists;
    }

    // CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signatureValue BIT STRING }
    private static RevocationList ReadOne(NamedFile file, byte[] bytes, X509Certificate2Collection authorities)
    {
        var list = new AsnReader(bytes, AsnEncodingRules.DER).ReadSequence();
        var signed = list.ReadEncodedValue();
        var algorithm = list.ReadEncodedValue();
        var signature = list.ReadBitString(out _);
        list.ThrowIfNotEmpty();

        // TBSCertList ::= SEQUENCE { version OPTIONAL, signature, issuer, thisUpdate, nextUpdate OPTIONAL, revokedCertificates OPTIONAL, crlExtensions [0] OPTIONAL }
        var body = new AsnReader(signed, AsnEncodingRules.DER).ReadSequence();
        if (body.PeekTag() == Asn1Tag.Integer && body.ReadInteger() != 1) throw new AsnContentException("its version is not 2");
        if (!body.ReadEncodedValue().Span.SequenceEqual(algorithm.Span)) throw new AsnContentException("it names two different signature algorithms");
        var name = body.ReadEncodedValue();
        var issuer = Signer(file, name.ToArray(), authorities, issuer => ListSignature.IsBy(issuer, signed.Span, algorithm, signature));
        var thisUpdate = ReadTime(body);
        if (!body.HasData || body.PeekTag().TagValue is not ((int)UniversalTagNumber.UtcTime or (int)UniversalTagNumber.GeneralizedTime))
            throw new AsnContentException("it does not say when the next one is due (nextUpdate)");
        var nextUpdate = ReadTime(body);
        var serials = new HashSet<string>();
        if (body.HasData && body.PeekTag() == Asn1Tag.Sequence)
            for (var entries = body.ReadSequence(); entries.HasData;) serials.Add(ReadEntry(entries.ReadSequence()));
        var scope = body.HasData ? ReadExtensions(body.ReadSequence(Extensions)) : "";
        body.ThrowIfNotEmpty();
        return new RevocationList(issuer, scope, thisUpdate, nextUpdate, serials);
    }

    private static X509Certificate2 Signer(NamedFile file, byte[] name, X509Certificate2Collection authorities, Func<X509Certificate2, bool> hasSigned)
    {
        var named = authorities.Where(one => one.SubjectName.RawData.AsSpan().SequenceEqual(name)).ToList();
        var shown = new X500DistinguishedName(name).Name;
        if (named.Count == 0)
            throw new UnusableFileException(file.Key, $"{file.Path} holds a revocation list of {shown}, which is not among the authorities", "Add the certificate of that authority to ClientAuthorities");
        return named.Find(issuer => MaySign(issuer) && hasSigned(issuer))
            ?? throw new UnusableFileException(file.Key, $"{file.Path} holds a revocation list that says it is of {shown}, but was not signed by that authority", "Get the list anew");
    }

    // RFC 5280 section 4.2.1.3: where key usage is stated, it must include the signing of lists.
    private static bool MaySign(X509Certificate2 issuer) =>
        issuer.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault() is not { } usage || usage.KeyUsages.HasFlag(X509KeyUsageFlags.CrlSign);

    private static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().TagValue == (int)UniversalTagNumber.UtcTime ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();

    // SEQUENCE { userCertificate, revocationDate, crlEntryExtensions OPTIONAL }
    private static string ReadEntry(AsnReader entry)
    {
        var serial = RevocationList.Serial(entry.ReadIntegerBytes().Span);
        ReadTime(entry);
        if (!entry.HasData) return serial;
        for (var extensions = entry.ReadSequence(); extensions.HasData;)
        {
            var (oid, isCritical, _) = ReadExtension(extensions.ReadSequence());
            if (isCritical) throw new AsnContentException($"an entry has the critical extension {oid}, which is not understood"); // such as those of indirect lists
        }
        return serial;
    }

    // A critical extension that is not understood forbids to rely on the list (RFC 5280 section 5.2): such as that of a delta, 2.5.29.27.
    private static string ReadExtensions(AsnReader explicitly)
    {
        var scope = "";
        for (var extensions = explicitly.ReadSequence(); extensions.HasData;)
        {
            var (oid, isCritical, value) = ReadExtension(extensions.ReadSequence());
            if (oid == DistributionPoint) scope = ReadScope(value);
            else if (isCritical) throw new AsnContentException($"it has the critical extension {oid}, which is not understood");
        }
        return scope;
    }

    // IssuingDistributionPoint ::= SEQUENCE { distributionPoint [0], onlyContainsUserCerts [1], onlyContainsCACerts [2], onlySomeReasons [3], indirectCRL [4], … }
    private static string ReadScope(byte[] value)
    {
        for (var parts = new AsnReader(value, AsnEncodingRules.DER).ReadSequence(); parts.HasData; parts.ReadEncodedValue())
            if (parts.PeekTag().TagValue > 1) throw new AsnContentException("it is not about all certificates of clients (issuing distribution point)");
        return Convert.ToHexString(value);
    }

    private static (string Oid, bool IsCritical, byte[] Value) ReadExtension(AsnReader extension)
    {
        var oid = extension.ReadObjectIdentifier();
        var isCritical = extension.PeekTag() == Asn1Tag.Boolean && extension.ReadBoolean();
        return (oid, isCritical, extension.ReadOctetString());
    }
}

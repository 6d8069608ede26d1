using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Broker.Web.Listeners.Tls;

/// <summary>Takes a user name from a client's certificate.</summary>
internal static class CertifiedNames
{
    private const string CommonName = "2.5.4.3", SubjectAlternativeName = "2.5.29.17";

    // GeneralName (RFC 5280 section 4.2.1.6): rfc822Name [1], dNSName [2], uniformResourceIdentifier [6].
    private static readonly int[] Texts = [1, 2, 6];

    /// <summary>The name, or why there is none. With <see cref="CertifiedUserNameSource.None"/> neither.</summary>
    public static (string? Name, string? Problem) Of(X509Certificate2 certificate, CertifiedUserNameSource source)
    {
        try
        {
            return source switch
            {
                CertifiedUserNameSource.CommonName => Check(OfSubject(certificate), "its subject has no common name, from which this listener takes the user name"),
                CertifiedUserNameSource.SubjectAlternativeName => Check(OfAlternatives(certificate), "it has no DNS name, e-mail address or URI as subject alternative name, from which this listener takes the user name"),
                _ => (null, null),
            };
        }
        catch (Exception failure) when (failure is AsnContentException or CryptographicException or InvalidOperationException)
        {
            return (null, "the name in it cannot be read");
        }
    }

    private static (string?, string?) Check(IReadOnlyList<string> names, string none) => names switch
    {
        [] or [""] => (null, none),
        [var name] when name.Any(char.IsControl) => (null, "the user name in it holds control characters"),
        [var name] => (name, null),
        _ => (null, "its subject has several common names, and it is not clear which is the user name"),
    };

    private static List<string> OfSubject(X509Certificate2 certificate) =>
        [.. certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .Where(part => !part.HasMultipleElements && part.GetSingleElementType().Value == CommonName).Select(part => part.GetSingleElementValue() ?? "")];

    private static List<string> OfAlternatives(X509Certificate2 certificate)
    {
        if (certificate.Extensions[SubjectAlternativeName] is not { } extension) return [];
        for (var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence(); names.HasData; names.ReadEncodedValue())
            if (names.PeekTag() is { TagClass: TagClass.ContextSpecific } tag && Texts.Contains(tag.TagValue))
                return [names.ReadCharacterString(UniversalTagNumber.IA5String, tag)];
        return [];
    }
}

using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broker.Web.Files;
using Broker.Web.Listeners.Tls;

namespace Broker.Tests.Listeners.Tls;

/// <summary>Revocation lists as they are read: what is taken, and what is told of the rest.</summary>
public sealed class RevocationListTests : IDisposable
{
    private readonly Authority clients = new("Clients");

    public void Dispose() => clients.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_list_is_read_in_PEM_and_in_DER(bool isPem)
    {
        using var lost = clients.Issue("CN=lost");
        using var kept = clients.Issue("CN=kept");
        var der = clients.Revoke(-1, 1, lost);
        var list = Trust(isPem ? Encoding.ASCII.GetBytes("# made today\n" + Authority.ListPem(der) + "\n") : der).Lists.ShouldHaveSingleItem();
        list.Holds(lost).ShouldBeTrue();
        list.Holds(kept).ShouldBeFalse();
        list.IsOf(clients.Certificate).ShouldBeTrue();
        list.IsCurrent(DateTimeOffset.UtcNow).ShouldBeTrue();
    }

    [Fact]
    public void Of_two_lists_of_one_authority_the_later_counts()
    {
        using var lost = clients.Issue("CN=lost");
        var lists = Trust(clients.Revoke(-5, -3), clients.Revoke(-1, 1, lost)).Lists;
        lists.ShouldHaveSingleItem().Holds(lost).ShouldBeTrue();
    }

    [Fact]
    public void An_authority_with_an_RSA_key_signs_lists_too()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=Old", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var list = new CertificateRevocationListBuilder().Build(authority, 1, DateTimeOffset.UtcNow.AddHours(1), HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1);
        Make(authority.ExportCertificatePem(), list).Lists.ShouldHaveSingleItem();
        Tamper(list);
        Told(() => Make(authority.ExportCertificatePem(), list)).ShouldContain("was not signed by that authority");
    }

    [Fact]
    public void A_list_that_was_altered_is_refused()
    {
        using var lost = clients.Issue("CN=lost");
        var list = clients.Revoke(-1, 1, lost);
        Tamper(list);
        Told(() => Trust(list)).ShouldContain("was not signed by that authority");
    }

    [Fact]
    public void A_list_of_a_stranger_names_what_is_missing()
    {
        using var stranger = new Authority("Strangers");
        Told(() => Trust(stranger.Revoke(-1, 1))).ShouldContain("a revocation list of CN=Strangers, which is not among the authorities");
    }

    [Theory]
    [InlineData("2.5.29.27")] // A delta: only what changed.
    [InlineData("2.5.29.28")] // Only certificates of authorities.
    public void A_list_that_does_not_tell_all_is_refused(string extension)
    {
        var value = new AsnWriter(AsnEncodingRules.DER);
        using (value.PushSequence()) value.WriteBoolean(true, new Asn1Tag(TagClass.ContextSpecific, 2));
        Told(() => Trust(Sign(extension, value.Encode()))).ShouldContain(extension == "2.5.29.27" ? "critical extension 2.5.29.27, which is not understood" : "not about all certificates");
    }

    [Fact]
    public void Malformed_lists_are_refused_and_nothing_else_happens()
    {
        var list = clients.Revoke(-1, 1);
        var random = new Random(11);
        for (var round = 0; round < 500; round++)
        {
            var broken = list.ToArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--) broken[random.Next(broken.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) broken = broken[..random.Next(broken.Length)];
            if (!broken.AsSpan().SequenceEqual(list)) Told(() => Trust(broken)).ShouldNotBeEmpty();
        }
    }

    [Theory]
    [InlineData("", "holds no revocation list")]
    [InlineData("-----BEGIN X509 CRL-----", "holds no revocation list")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "holds no revocation list")]
    public void A_file_without_a_list_is_told(string text, string why) => Told(() => Trust(Encoding.ASCII.GetBytes(text))).ShouldContain(why);

    [Fact]
    public void Authorities_need_a_root()
    {
        using var middle = clients.Delegate("Middle");
        Told(() => Make(middle.Pem)).ShouldContain("holds no root certificate");
        Told(() => Make("nothing")).ShouldContain("holds no certificate");
    }

    private ClientTrust Trust(params byte[][] lists) => Make(clients.Pem, lists);

    private static ClientTrust Make(string authorities, params byte[][] lists) => ClientTrust.Make(
        [new NamedFile("ClientAuthorities", "authorities.pem"), .. lists.Select((_, i) => new NamedFile("RevocationLists", $"{i}.crl"))], [Encoding.ASCII.GetBytes(authorities), .. lists]);

    private static string Told(Action make) => Should.Throw<UnusableFileException>(make).Message;

    // The last byte before the signature, which belongs to what is signed.
    private static void Tamper(byte[] list)
    {
        var outer = new AsnReader(list, AsnEncodingRules.DER).ReadSequence();
        var signed = outer.ReadEncodedValue();
        list[list.AsSpan().IndexOf(signed.Span) + signed.Length - 1] ^= 1;
    }

    // A list with a critical extension, which the framework does not make.
    private byte[] Sign(string extension, byte[] value)
    {
        var body = new AsnWriter(AsnEncodingRules.DER);
        using (body.PushSequence())
        {
            body.WriteInteger(1);
            WriteAlgorithm(body);
            body.WriteEncodedValue(clients.Certificate.SubjectName.RawData);
            body.WriteUtcTime(DateTimeOffset.UtcNow.AddDays(-1));
            body.WriteUtcTime(DateTimeOffset.UtcNow.AddDays(1));
            using (body.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            using (body.PushSequence())
            using (body.PushSequence())
            {
                body.WriteObjectIdentifier(extension);
                body.WriteBoolean(true);
                body.WriteOctetString(value);
            }
        }
        var list = new AsnWriter(AsnEncodingRules.DER);
        using (list.PushSequence())
        {
            list.WriteEncodedValue(body.Encode());
            WriteAlgorithm(list);
            using var key = clients.Certificate.GetECDsaPrivateKey()!;
            list.WriteBitString(key.SignData(body.Encode(), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }
        return list.Encode();
    }

    private static void WriteAlgorithm(AsnWriter writer)
    {
        using (writer.PushSequence()) writer.WriteObjectIdentifier("1.2.840.10045.4.3.2");
    }
}

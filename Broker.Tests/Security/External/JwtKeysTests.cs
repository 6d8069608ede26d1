using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broker.Tests.Testing;
using Broker.Web.Files;
using Broker.Web.Security.External;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Security.External;

/// <summary>What a file of keys may hold, and what becomes of a change.</summary>
public sealed class JwtKeysTests
{
    private const string Key = "Mqtt:Jwt:KeyFile";

    [Fact]
    public void Keys_and_certificates_may_stand_in_one_PEM_file()
    {
        using var certificate = new CertificateRequest("CN=issuer", Issuer.P384, HashAlgorithmName.SHA384).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
        var keys = Public($"comment\n{Issuer.Rsa.ExportRSAPublicKeyPem()}\n{Issuer.P256.ExportSubjectPublicKeyInfoPem()}\n{certificate.ExportCertificatePem()}");

        keys.Count.ShouldBe(3);
        Algorithms(keys).ShouldBe(["ES256", "ES384", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"]);
    }

    [Fact]
    public void A_key_set_holds_keys_of_all_kinds_and_for_other_uses()
    {
        var rsa = Issuer.Rsa.ExportParameters(false);
        var ec = Issuer.P521.ExportParameters(false);
        var keys = Public($$"""
            {"keys": [
              {"kty": "RSA", "kid": "a", "use": "sig", "alg": "PS512", "n": "{{Issuer.Base64(rsa.Modulus)}}", "e": "{{Issuer.Base64(rsa.Exponent)}}"},
              {"kty": "RSA", "kid": "b", "use": "enc", "n": "{{Issuer.Base64(rsa.Modulus)}}", "e": "{{Issuer.Base64(rsa.Exponent)}}"},
              {"kty": "EC", "kid": "c", "crv": "P-521", "x": "{{Issuer.Base64(ec.Q.X)}}", "y": "{{Issuer.Base64(ec.Q.Y)}}", "key_ops": ["verify"]},
              {"kty": "oct", "kid": "d", "k": "{{Issuer.Base64(new byte[32])}}"},
              {"kty": "OKP", "kid": "e", "crv": "Ed25519", "x": "AA"}
            ]}
            """);

        keys.Count.ShouldBe(3);
        Algorithms(keys).ShouldBe(["ES512", "HS256", "PS512"]);
        keys.Find("a", "PS512").Count().ShouldBe(1);
        keys.Find("c", "PS512").ShouldBeEmpty("a token names the key that signed it");
        keys.Find(null, "PS512").Count().ShouldBe(1);
    }

    public static TheoryData<string, string> Unusable => new()
    {
        { "", "no public key" },
        { "hello", "no public key" },
        { """{"keys": []}""", "no public key" },
        { """{"keys": 1}""", "array" },
        { """{"keys": [{"kty": "RSA"}""", "cannot be read" },
        { """{"keys": [{"kty": "RSA", "n": "AQAB", "n": "AQAB"}]}""", "cannot be read" },
        { """{"keys": [{"kty": "RSA", "e": "AQAB"}]}""", "no \"n\"" },
        { """{"keys": [{"kty": "EC", "crv": "P-256", "x": "!", "y": "AA"}]}""", "cannot be read" },
        { """{"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}""", "cannot be read" },
        { """{"keys": [{"kty": "EC", "d": "AA"}]}""", "private key" },
        { """{"keys": [{"kty": "oct", "k": "AAAA"}]}""", "at least 32 bytes" },
        { Issuer.P256.ExportPkcs8PrivateKeyPem(), "private key" },
        { Issuer.P256.ExportECPrivateKeyPem(), "private key" },
        { RSA.Create(1_024).ExportSubjectPublicKeyInfoPem(), "2048 bits" },
        { ECDsa.Create(ECCurve.CreateFromFriendlyName("secp256k1")).ExportSubjectPublicKeyInfoPem(), "P-256, P-384 and P-521" },
        { "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "cannot be read" },
        { "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "cannot be read" },
        { "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----", "no public key" },
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public void A_file_without_usable_keys_says_why(string text, string why) => Should.Throw<UnusableFileException>(() => Public(text)).Message.ShouldContain(why);

    [Theory]
    [InlineData("0123456789abcdef0123456789abcde\n", "at least 32 bytes")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "PEM")]
    public void A_secret_that_is_short_or_none_is_refused(string text, string why) =>
        Should.Throw<UnusableFileException>(() => JwtKeys.Secret(Key, Encoding.ASCII.GetBytes(text))).Message.ShouldContain(why);

    [Fact]
    public void A_short_secret_is_not_for_long_hashes() => Algorithms(JwtKeys.Secret(Key, new byte[32])).ShouldBe(["HS256"]);

    [Fact]
    public void A_file_that_changes_is_read_again_and_one_that_breaks_leaves_the_former_keys()
    {
        using var file = new KeyFile(Issuer.P256.ExportSubjectPublicKeyInfoPem());
        using var log = new ErrorLog();
        var options = file.Options();
        var watch = new JwtKeyWatch(options, new JwtCheck(options, new ManualTime()), log.CreateLogger<JwtKeyWatch>());
        string[] Looked()
        {
            watch.Look();
            return Algorithms(options.Keys!.Current);
        }

        file.Write(Issuer.P384.ExportSubjectPublicKeyInfoPem());
        Looked().ShouldBe(["ES384"]);
        file.Write("-----BEGIN PUBLIC");
        for (int i = 0; i < 3; i++) Looked().ShouldBe(["ES384"]);
        log.Errors.ShouldHaveSingleItem().ShouldContain("cannot be used");
        file.Write(Issuer.P521.ExportSubjectPublicKeyInfoPem());
        Looked().ShouldBe(["ES512"]);
    }

    private static JwtKeys Public(string text) => JwtKeys.Public(Key, Encoding.UTF8.GetBytes(text));

    private static string[] Algorithms(JwtKeys keys) =>
        [.. new[] { "ES256", "ES384", "ES512", "HS256", "HS384", "HS512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512" }.Where(one => keys.Find(null, one).Any())];
}

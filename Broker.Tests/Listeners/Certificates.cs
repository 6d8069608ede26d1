using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Broker.Tests.Listeners;

/// <summary>A root, an intermediate and a server certificate for localhost, in files of a directory of their own.</summary>
internal sealed class Certificates : IDisposable
{
    public const string Password = "correct horse";
    private readonly string directory = Directory.CreateTempSubdirectory("broker-certificates-").FullName;

    public Certificates()
    {
        var from = DateTimeOffset.UtcNow.AddMinutes(-5);
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Root = Authority("Test Root", rootKey).CreateSelfSigned(from, from.AddDays(2));
        using var middle = Authority("Test Intermediate", middleKey).Create(Root, from, from.AddDays(2), [1]).CopyWithPrivateKey(middleKey);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        using var server = request.Create(middle, from, from.AddDays(1), [2]).CopyWithPrivateKey(key);

        Chain = Write("chain.pem", server.ExportCertificatePem() + "\n" + middle.ExportCertificatePem());
        Key = Write("key.pem", key.ExportPkcs8PrivateKeyPem());
        OtherKey = Write("other-key.pem", middleKey.ExportPkcs8PrivateKeyPem());
        EncryptedKey = Write("encrypted-key.pem", key.ExportEncryptedPkcs8PrivateKeyPem(Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1_000)));
        Together = Write("together.pem", key.ExportPkcs8PrivateKeyPem() + "\n" + server.ExportCertificatePem() + "\n" + middle.ExportCertificatePem());
        Pfx = PathOf("server.pfx");
        File.WriteAllBytes(Pfx, new X509Certificate2Collection { server, X509CertificateLoader.LoadCertificate(middle.RawData) }.Export(X509ContentType.Pkcs12, Password)!);
    }

    public X509Certificate2 Root { get; }

    public string Chain { get; }

    public string Key { get; }

    public string OtherKey { get; }

    public string EncryptedKey { get; }

    public string Together { get; }

    public string Pfx { get; }

    public string PathOf(string name) => Path.Combine(directory, name);

    public void Dispose()
    {
        Root.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request;
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }
}

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Broker.Tests.RealClients;

/// <summary>A certificate for localhost and its key, as PEM files in a folder; whoever trusts it puts the same file among the authorities.</summary>
public sealed record TestCertificate(string Path, string KeyPath)
{
    /// <summary>Makes a certificate that is valid around now.</summary>
    public static TestCertificate Create(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));

        var made = new TestCertificate(System.IO.Path.Combine(folder, "server.pem"), System.IO.Path.Combine(folder, "server.key"));
        File.WriteAllText(made.Path, certificate.ExportCertificatePem());
        File.WriteAllText(made.KeyPath, key.ExportPkcs8PrivateKeyPem());
        return made;
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Broker.Tests.Listeners.Tls;

/// <summary>An authority that issues certificates for clients, and revokes them.</summary>
internal sealed class Authority : IDisposable
{
    public const string ForClients = "1.3.6.1.5.5.7.3.2", ForServers = "1.3.6.1.5.5.7.3.1";
    private static readonly DateTimeOffset Start = DateTimeOffset.UtcNow;
    private static int serial;

    private Authority(X509Certificate2 certificate) => Certificate = certificate;

    /// <summary>A root.</summary>
    public Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Certificate = Request(name, key).CreateSelfSigned(Start.AddDays(-20), Start.AddDays(400));
    }

    public X509Certificate2 Certificate { get; }

    public string Pem => Certificate.ExportCertificatePem();

    public void Dispose() => Certificate.Dispose();

    /// <summary>An authority below this one.</summary>
    public Authority Delegate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issued = Request(name, key).Create(Certificate, Start.AddDays(-19), Start.AddDays(399), NextSerial());
        return new Authority(issued.CopyWithPrivateKey(key));
    }

    /// <summary>A certificate with its key, valid for some days from now (may both be negative).</summary>
    public X509Certificate2 Issue(string subject, string? purpose = ForClients, int fromDay = -2, int toDay = 2, Action<SubjectAlternativeNameBuilder>? names = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (purpose is not null) request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        if (names is not null)
        {
            var builder = new SubjectAlternativeNameBuilder();
            names(builder);
            request.CertificateExtensions.Add(builder.Build());
        }
        using var issued = request.Create(Certificate, Start.AddDays(fromDay), Start.AddDays(toDay), NextSerial());
        return issued.CopyWithPrivateKey(key);
    }

    /// <summary>A list, in DER.</summary>
    public byte[] Revoke(int fromDay, int toDay, params X509Certificate2[] revoked)
    {
        var builder = new CertificateRevocationListBuilder();
        foreach (var certificate in revoked) builder.AddEntry(certificate);
        return builder.Build(Certificate, serial, Start.AddDays(toDay), HashAlgorithmName.SHA256, thisUpdate: Start.AddDays(fromDay));
    }

    /// <summary>A certificate and its key in one PEM file.</summary>
    public static string WithKey(X509Certificate2 certificate) => certificate.ExportCertificatePem() + "\n" + certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n";

    public static string ListPem(byte[] list) => new(PemEncoding.Write("X509 CRL", list));

    private static CertificateRequest Request(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private static byte[] NextSerial() => [1, .. BitConverter.GetBytes(Interlocked.Increment(ref serial))];
}

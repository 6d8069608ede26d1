using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broker.Web.Files;

namespace Broker.Web.Listeners.Tls;

/// <summary>A certificate with its private key and the chain that is sent with it, made of PEM or PFX (PKCS #12) files.</summary>
/// <param name="file">The certificate, or all of it.</param>
/// <param name="keyFile">The private key, where that is a file of its own.</param>
/// <param name="passwordKey">The configuration key of the password.</param>
/// <param name="password">What opens the private key or the PFX file.</param>
internal sealed class CertificateFile(NamedFile file, NamedFile? keyFile, string passwordKey, string? password)
{
    /// <summary>The files, in the order in which <see cref="Make"/> wants their contents.</summary>
    public IReadOnlyList<NamedFile> Files => keyFile is null ? [file] : [file, keyFile];

    /// <summary>Makes of the files' contents what a TLS server presents.</summary>
    /// <exception cref="UnusableFileException">They hold no certificate with its key, or the password does not open it.</exception>
    public SslStreamCertificateContext Make(IReadOnlyList<byte[]> contents)
    {
        try
        {
            return IsPem(contents[0]) ? MakePem(Encoding.Latin1.GetString(contents[0]), Encoding.Latin1.GetString(contents[^1])) : MakePfx(contents[0]);
        }
        catch (Exception refusal) when (refusal is CryptographicException or ArgumentException) // the latter when the key is another certificate's
        {
            throw new UnusableFileException(password is null ? file.Key : passwordKey, Explain(refusal, contents));
        }
    }

    private SslStreamCertificateContext MakePem(string text, string keyText)
    {
        var certificate = password is null ? X509Certificate2.CreateFromPem(text, keyText) : X509Certificate2.CreateFromEncryptedPem(text, keyText, password);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(text);
        return Present(certificate, chain);
    }

    private SslStreamCertificateContext MakePfx(byte[] content)
    {
        var all = X509CertificateLoader.LoadPkcs12Collection(content, password);
        var certificate = all.FirstOrDefault(one => one.HasPrivateKey) ?? throw new CryptographicException("it holds no private key");
        return Present(certificate, all);
    }

    // Offline: the chain is what the files hold, nothing is fetched at start.
    private static SslStreamCertificateContext Present(X509Certificate2 certificate, X509Certificate2Collection chain)
    {
        chain.RemoveRange(chain.Where(other => other.Thumbprint == certificate.Thumbprint).ToArray());
        // Windows' TLS cannot use a key that was never stored: a round trip through PKCS #12 makes it usable there.
        var usable = OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null) : certificate;
        return SslStreamCertificateContext.Create(usable, chain, offline: true);
    }

    private static bool IsPem(byte[] content) => content.AsSpan().IndexOf("-----BEGIN "u8) >= 0;

    private string Explain(Exception refusal, IReadOnlyList<byte[]> contents)
    {
        var (path, keyPath) = (file.Path, (keyFile ?? file).Path);
        if (!IsPem(contents[0])) return $"{path} cannot be opened as a PFX file {(password is null ? "without a password" : "with this password")}: {refusal.Message}";
        var keys = Encoding.Latin1.GetString(contents[^1]);
        if (!keys.Contains("PRIVATE KEY-----", StringComparison.Ordinal)) return $"{keyPath} holds no private key";
        if (keys.Contains("ENCRYPTED PRIVATE KEY", StringComparison.Ordinal))
            return password is null ? $"the private key in {keyPath} is encrypted and no Password is set" : $"the password does not open the private key in {keyPath}";
        return password is null ? $"{path} cannot be used: {refusal.Message}" : $"the private key in {keyPath} is not encrypted, but a Password is set";
    }
}

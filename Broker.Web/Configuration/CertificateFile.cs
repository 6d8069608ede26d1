using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Broker.Web.Configuration;

/// <summary>A certificate with its private key and the chain that is sent with it, read from PEM or PFX (PKCS #12) files.</summary>
internal static class CertificateFile
{
    /// <summary>Reads the files that <paramref name="section"/> names in <c>Path</c>, <c>KeyPath</c> and <c>Password</c>; on failure adds an error and gives null.</summary>
    public static SslStreamCertificateContext? Load(SettingsReader reader, string section, string contentRoot)
    {
        var path = reader.Text($"{section}:Path");
        var keyPath = reader.Text($"{section}:KeyPath");
        var password = reader.Text($"{section}:Password");
        if (path is null)
        {
            reader.Fail($"{section}:Path", "mqtts:// needs a certificate", "Name a PEM or PFX file with the certificate here");
            return null;
        }
        var file = Path.GetFullPath(path, contentRoot);
        var keyFile = keyPath is null ? null : Path.GetFullPath(keyPath, contentRoot);
        if (!IsReadable(reader, $"{section}:Path", file) | (keyFile is not null && !IsReadable(reader, $"{section}:KeyPath", keyFile))) return null;
        try
        {
            return IsPem(file) ? LoadPem(file, keyFile, password) : LoadPfx(file, password);
        }
        catch (Exception refusal) when (refusal is CryptographicException or ArgumentException) // the latter when the key is another certificate's
        {
            reader.Fail(password is null ? $"{section}:Path" : $"{section}:Password", Explain(refusal, file, keyFile, password), "Mend the file, or name another one");
            return null;
        }
    }

    private static SslStreamCertificateContext LoadPem(string file, string? keyFile, string? password)
    {
        var certificate = password is null
            ? X509Certificate2.CreateFromPemFile(file, keyFile)
            : X509Certificate2.CreateFromEncryptedPemFile(file, password, keyFile);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(file);
        return Present(certificate, chain);
    }

    private static SslStreamCertificateContext LoadPfx(string file, string? password)
    {
        var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(file, password);
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

    private static bool IsReadable(SettingsReader reader, string key, string file)
    {
        try
        {
            File.OpenRead(file).Dispose();
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            var missing = failure is FileNotFoundException or DirectoryNotFoundException;
            reader.Fail(key, missing ? $"there is no file {file}" : $"{file} cannot be read: {failure.Message}",
                missing ? "Give the path of a file that exists, absolute or from the content root" : "Let the broker's user read it");
            return false;
        }
    }

    private static bool IsPem(string file) => File.ReadAllBytes(file).AsSpan().IndexOf("-----BEGIN "u8) >= 0;

    private static string Explain(Exception refusal, string file, string? keyFile, string? password)
    {
        if (!IsPem(file)) return $"{file} cannot be opened as a PFX file {(password is null ? "without a password" : "with this password")}: {refusal.Message}";
        var keys = Encoding.ASCII.GetString(File.ReadAllBytes(keyFile ?? file));
        if (!keys.Contains("PRIVATE KEY-----", StringComparison.Ordinal)) return $"{keyFile ?? file} holds no private key";
        if (keys.Contains("ENCRYPTED PRIVATE KEY", StringComparison.Ordinal))
            return password is null ? $"the private key in {keyFile ?? file} is encrypted and no Password is set" : $"the password does not open the private key in {keyFile ?? file}";
        return password is null ? $"{file} cannot be used: {refusal.Message}" : $"the private key in {keyFile ?? file} is not encrypted, but a Password is set";
    }
}

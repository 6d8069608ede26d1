using System.Net.Security;
using Broker.Web.Configuration;
using Broker.Web.Files;

namespace Broker.Web.Listeners.Tls;

/// <summary>Reads what the configuration says of TLS, for MQTT listeners and HTTP endpoints alike, and opens the files.</summary>
internal sealed class TlsReader(SettingsReader reader, string contentRoot)
{
    /// <summary>The keys below a listener or endpoint that say what it asks of its clients.</summary>
    public static readonly string[] ClientKeys = ["ClientCertificates", "ClientAuthorities", "RevocationLists", "CertifiedUserName"];

    /// <summary>All of a listener or endpoint.</summary>
    /// <param name="section">Its section.</param>
    /// <param name="certificate">The section of its certificate, or null where Kestrel chooses one.</param>
    public TlsEndpoint Read(string section, string? certificate) =>
        new(section) { Certificate = certificate is null ? null : Certificate(certificate), Clients = Clients(section) };

    /// <summary>The certificate that <paramref name="section"/> names in <c>Path</c>, <c>KeyPath</c> and <c>Password</c>; on failure adds errors and gives null.</summary>
    private WatchedFiles<SslStreamCertificateContext>? Certificate(string section)
    {
        var (key, keyFileKey, passwordKey) = ($"{section}:Path", $"{section}:KeyPath", $"{section}:Password");
        if (File(key) is not { } file)
        {
            reader.Fail(key, "TLS needs a certificate", "Name a PEM or PFX file with the certificate here");
            return null;
        }
        var from = new CertificateFile(file, File(keyFileKey), passwordKey, reader.Text(passwordKey));
        return Open(from.Files, from.Make);
    }

    /// <summary>What the listener or endpoint in <paramref name="section"/> asks of its clients; null for nothing, or after an error was added.</summary>
    private ClientCertificates? Clients(string section)
    {
        var mode = Choice($"{section}:ClientCertificates", ClientCertificateMode.None);
        var userName = Choice($"{section}:CertifiedUserName", CertifiedUserNameSource.None);
        var authorities = File($"{section}:ClientAuthorities");
        var lists = Lists($"{section}:RevocationLists");
        if (mode is ClientCertificateMode.None)
        {
            foreach (var key in Used(section, without: "ClientCertificates"))
                reader.Fail(key, "it has no effect, since clients are not asked for certificates", $"Set {section}:ClientCertificates to Required or Optional, or remove this key");
            return null;
        }
        if (mode is null || userName is null) return null;
        if (authorities is null)
        {
            reader.Fail($"{section}:ClientAuthorities", $"ClientCertificates is {mode}, and it is not said who may issue them", "Name a PEM file with the certificates of the authorities");
            return null;
        }
        IReadOnlyList<NamedFile> files = [authorities, .. lists];
        return Open(files, contents => ClientTrust.Make(files, contents)) is { } trust ? new ClientCertificates(mode is ClientCertificateMode.Required, trust, userName.Value) : null;
    }

    /// <summary>Adds an error for each key about TLS in a section whose address is not encrypted.</summary>
    public void RefuseWithoutTls(string section, string plain, string encrypted)
    {
        if (reader.Text($"{section}:Certificate:Path") is not null)
            reader.Fail($"{section}:Certificate:Path", $"{plain} is not encrypted and uses no certificate", $"Write {encrypted} in {section}:Url, or remove the certificate");
        foreach (var key in Used(section))
            reader.Fail(key, $"{plain} is not encrypted, and its clients show no certificates", $"Write {encrypted} in {section}:Url, or remove this key");
    }

    /// <summary>The keys about certificates of clients that are set in <paramref name="section"/>, to more than the default, <c>None</c>.</summary>
    public IEnumerable<string> Used(string section, string? without = null) =>
        ClientKeys.Where(key => key != without).Select(key => $"{section}:{key}")
            .Where(key => (reader.Text(key) is { } text && !text.Equals("None", StringComparison.OrdinalIgnoreCase)) || reader.Children(key).Any());

    private WatchedFiles<T>? Open<T>(IReadOnlyList<NamedFile> files, Func<IReadOnlyList<byte[]>, T> make) where T : class
    {
        var broken = false;
        foreach (var file in files) broken |= !IsReadable(file);
        if (broken) return null;
        try
        {
            return new WatchedFiles<T>(files, make);
        }
        catch (UnusableFileException refusal)
        {
            reader.Fail(refusal.Key, refusal.Message, refusal.Remedy);
            return null;
        }
    }

    // Each by itself, so that an operator hears of all of them.
    private bool IsReadable(NamedFile file)
    {
        try
        {
            _ = new WatchedFiles<object>([file], _ => file);
            return true;
        }
        catch (UnusableFileException refusal)
        {
            reader.Fail(refusal.Key, refusal.Message, refusal.Remedy);
            return false;
        }
    }

    private NamedFile? File(string key) => reader.Text(key) is { } path ? new NamedFile(key, Path.GetFullPath(path, contentRoot)) : null;

    private List<NamedFile> Lists(string key) => [.. new[] { File(key) }.Concat(reader.Children(key).Select(child => File(child.Path))).OfType<NamedFile>()];

    private TChoice? Choice<TChoice>(string key, TChoice standard) where TChoice : struct, Enum
    {
        if (reader.Text(key) is not { } text) return standard;
        if (Enum.TryParse<TChoice>(text, ignoreCase: true, out var value) && Enum.IsDefined(value)) return value;
        reader.Fail(key, $"allowed is {string.Join(", ", Enum.GetNames<TChoice>())}", "Correct it, or remove the key for the default");
        return null;
    }
}

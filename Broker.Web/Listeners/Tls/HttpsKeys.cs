using Broker.Web.Configuration;

namespace Broker.Web.Listeners.Tls;

/// <summary>Reads what an endpoint below <c>Kestrel:Endpoints</c> says of TLS: Kestrel's own keys, and those of the MQTT listeners.</summary>
internal static class HttpsKeys
{
    private const string DefaultCertificate = "Kestrel:Certificates:Default";

    // A slip of the pen in one of these would open an endpoint that its operator takes for closed.
    private static readonly string[] Known = ["Url", "Protocols", "SslProtocols", "ClientCertificateMode", "Certificate", "Sni", .. TlsReader.ClientKeys];
    private static readonly string[] Versions = ["Tls12", "Tls13"];

    /// <summary>How an endpoint speaks TLS; null where it does not, or Kestrel alone sees to it. Adds an error for each key that cannot hold.</summary>
    public static TlsEndpoint? Read(SettingsReader reader, TlsReader tls, string section, string scheme)
    {
        CheckNames(reader, section);
        CheckVersions(reader, section);
        if (scheme != "https")
        {
            tls.RefuseWithoutTls(section, "http://", "https://");
            return null;
        }
        var used = tls.Used(section).ToList();
        var hasSni = reader.Children($"{section}:Sni").Any();
        if (used.Count > 0 && hasSni) reader.Fail(used[0], "it cannot stand together with Sni", $"Remove {section}:Sni, or this key");
        if (used.Count > 0 && reader.Text($"{section}:ClientCertificateMode") is not null)
            reader.Fail(used[0], "it cannot stand together with ClientCertificateMode", $"Remove {section}:ClientCertificateMode, or this key");
        if (hasSni) return null;
        var certificate = Certificate(reader, section);
        return certificate is null && used.Count == 0 ? null : tls.Read(section, certificate);
    }

    // Kestrel presents the default certificate where an endpoint names none, from a file or a store.
    private static string? Certificate(SettingsReader reader, string section)
    {
        if (reader.Text($"{section}:Certificate:Path") is not null) return $"{section}:Certificate";
        return reader.Text($"{section}:Certificate:Subject") is null && reader.Text($"{DefaultCertificate}:Path") is not null ? DefaultCertificate : null;
    }

    private static void CheckNames(SettingsReader reader, string section)
    {
        foreach (var child in reader.Children(section).Where(child => !Known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
            reader.Fail(child.Path, "there is no such key", NearestKey.Of(child.Key, Known) is { } nearest ? $"Did you mean {section}:{nearest}?" : "Remove it");
    }

    private static void CheckVersions(SettingsReader reader, string section)
    {
        foreach (var version in reader.Children($"{section}:SslProtocols").Where(version => !Versions.Contains(reader.Text(version.Path), StringComparer.OrdinalIgnoreCase)))
            reader.Fail(version.Path, "allowed is Tls12 or Tls13", "Correct it, or remove SslProtocols for both");
    }
}

using Broker.Web.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Broker.Web.Listeners.Tls;

/// <summary>
/// TLS of the HTTP endpoints. Kestrel reads them from the configuration itself, but takes no PEM file that holds certificate and key in one, and ends connections when
/// a certificate changes: so the certificates are kept from it, and each handshake is told which one to present.
/// </summary>
internal static class KestrelTls
{
    private const string Kestrel = "Kestrel";

    /// <summary>Sets up the endpoints.</summary>
    public static void Apply(KestrelServerOptions kestrel, IConfiguration configuration, HostSettings settings)
    {
        kestrel.ConfigureHttpsDefaults(https => (https.SslProtocols, https.HandshakeTimeout) = (TlsEndpoint.Versions, TlsEndpoint.HandshakeTimeout));
        var endpoints = settings.Http.Select(endpoint => endpoint.Tls).OfType<TlsEndpoint>().ToList();
        if (endpoints.Count == 0) return;
        var (time, log) = (kestrel.ApplicationServices.GetRequiredService<TimeProvider>(), kestrel.ApplicationServices.GetRequiredService<ILogger<TlsEndpoint>>());
        var loader = kestrel.Configure(Remaining(configuration.GetSection(Kestrel), endpoints));
        foreach (var endpoint in endpoints)
        {
            loader.Endpoint(endpoint.Section[HttpEndpoints.Section.Length..].TrimStart(':'), configured =>
            {
                endpoint.Listens = configured.ListenOptions;
                var https = configured.HttpsOptions;
                if (endpoint.Certificate is { } certificate) https.ServerCertificateSelector = (_, _) => certificate.Current.TargetCertificate; // Kestrel wants one or the other; Prepare sets it.
                if (endpoint.Clients is not null) configured.ListenOptions.Protocols &= ~HttpProtocols.Http3; // Its handshakes do not pass here.
                https.OnAuthenticate = (connection, options) => endpoint.Prepare(options, connection, time, log);
            });
        }
    }

    private static IConfiguration Remaining(IConfigurationSection section, List<TlsEndpoint> endpoints)
    {
        var taken = endpoints.Where(endpoint => endpoint.Certificate is not null)
            .Select(endpoint => endpoint.Certificate!.Files[0].Key[(Kestrel.Length + 1)..^(":Path".Length)]).ToList();
        return new ConfigurationBuilder().AddInMemoryCollection(section.AsEnumerable(makePathsRelative: true)
            .Where(pair => pair.Key.Length > 0 && !taken.Exists(key => pair.Key.Equals(key, StringComparison.OrdinalIgnoreCase) || pair.Key.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase)))).Build();
    }
}

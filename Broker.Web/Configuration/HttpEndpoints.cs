using Broker.Web.Listeners.Tls;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Broker.Web.Configuration;

/// <summary>
/// Where HTTP is served. Kestrel ignores <c>--urls</c> and <c>ASPNETCORE_URLS</c> as soon as one endpoint is listened to in code, as the MQTT
/// listeners are; so these become entries of <c>Kestrel:Endpoints</c>, which work beside them.
/// </summary>
internal static class HttpEndpoints
{
    /// <summary>The section of the endpoints.</summary>
    public const string Section = "Kestrel:Endpoints";

    private const string FromUrls = "urls-";
    private const string DefaultKey = $"{Section}:Http:Url";

    /// <summary>Adds the endpoints that <c>urls</c>, <c>http_ports</c> and <c>https_ports</c> name, or the default one; nothing when <c>Kestrel:Endpoints</c> names some.</summary>
    public static void AddDefaults(ConfigurationManager configuration)
    {
        if (configuration.GetSection(Section).GetChildren().Any()) return;
        var urls = Split(configuration["urls"])
            .DefaultIfEmpty()
            .SelectMany(url => url is not null ? [url]
                : Split(configuration["http_ports"]).Select(port => $"http://*:{port}").Concat(Split(configuration["https_ports"]).Select(port => $"https://*:{port}")))
            .ToList();
        configuration.AddInMemoryCollection(urls.Count == 0
            ? [new(DefaultKey, "http://localhost:8080")]
            : urls.Select((url, index) => new KeyValuePair<string, string?>($"{Section}:{FromUrls}{index}:Url", url)));
    }

    /// <summary>The endpoints with their addresses and TLS; adds an error for each that is malformed or whose certificates cannot be used.</summary>
    public static IReadOnlyList<HttpEndpoint> Read(SettingsReader reader, TlsReader tls) =>
        [.. reader.Children(Section).Select(section => ReadAddress(reader, section) is { } address ? address with { Tls = HttpsKeys.Read(reader, tls, section.Path, address.Scheme) } : null).OfType<HttpEndpoint>()];

    /// <summary>The endpoints with their addresses; adds an error for each that is malformed.</summary>
    public static IReadOnlyList<HttpEndpoint> ReadAddresses(SettingsReader reader) =>
        [.. reader.Children(Section).Select(section => ReadAddress(reader, section)).OfType<HttpEndpoint>()];

    /// <summary>The address that a key holds; adds an error, and gives back null, if it is malformed.</summary>
    /// <param name="reader">Reads the key.</param>
    /// <param name="key">The key.</param>
    /// <param name="named">Where the operator wrote the address.</param>
    public static HttpEndpoint? ReadAddress(SettingsReader reader, string key, string named)
    {
        if (TryParse(reader.Text(key), out var address)) return new HttpEndpoint(named, address.Scheme.ToLowerInvariant(), address.Host.Trim('[', ']'), address.Port);
        reader.Fail(named, "allowed is http://host:port or https://host:port", "Write it like http://localhost:8080", reader.Text(key));
        return null;
    }

    private static HttpEndpoint? ReadAddress(SettingsReader reader, IConfigurationSection section) =>
        ReadAddress(reader, $"{section.Path}:Url", section.Key.StartsWith(FromUrls, StringComparison.Ordinal) ? "urls" : $"{section.Path}:Url");

    private static bool TryParse(string? text, out BindingAddress address)
    {
        address = null!;
        try
        {
            if (text is null) return false;
            address = BindingAddress.Parse(text);
            var named = address.Host is "*" or "+" || Uri.CheckHostName(address.Host) != UriHostNameType.Unknown;
            return address.Scheme.ToLowerInvariant() is "http" or "https" && address.PathBase.Length == 0 && !address.IsNamedPipe && (named || address.IsUnixPipe) && address.Port is >= 0 and <= 65_535;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string[] Split(string? list) => (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

/// <summary>Takes from Kestrel the addresses that became entries of <c>Kestrel:Endpoints</c>; it would warn that it overrides them.</summary>
internal sealed class ForgetAddresses : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.ServerFeatures.Get<IServerAddressesFeature>()?.Addresses.Clear();
        next(app);
    };
}

using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.Json;
using Broker.Web.Configuration;

namespace Broker.Web.Commands;

/// <summary>
/// Asks <c>/health/ready</c> of the broker on this machine, for container engines and service managers: the address is read from the settings that the
/// broker itself runs with. Nothing of the host is built.
/// </summary>
internal static class HealthCommand
{
    /// <summary>The option that names a broker elsewhere.</summary>
    public const string Url = "url";

    private const string Path = "/health/ready", Unix = "unix:";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4); // below the 5 s after which a container engine gives up, and tells less

    /// <summary>Asks, tells the answer in one line, and gives back the exit code: 0 for ready, 1 for everything else.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            // The builder alone reads the settings as the broker does; files need no watch for one look.
            var configuration = HostFiles.CreateBuilder([.. args, "--hostBuilder:reloadConfigOnChange=false"]).Configuration;
            HttpEndpoints.AddDefaults(configuration);
            var (isReady, answer) = await AskAsync(Address(configuration), configuration["AllowedHosts"], Patience);
            await Console.Out.WriteLineAsync(answer);
            return isReady ? 0 : 1;
        }
        catch (Exception failure) when (failure is ConfigurationException or InvalidDataException or FormatException or IOException)
        {
            await Console.Error.WriteLineAsync($"error: {failure.Message.ReplaceLineEndings(" ")}");
            return 1;
        }
    }

    /// <summary>Where to ask: at <c>--url</c>, or at the first HTTP endpoint, rather one without TLS.</summary>
    /// <exception cref="ConfigurationException">There is no address that could be asked.</exception>
    internal static HttpEndpoint Address(IConfigurationRoot configuration)
    {
        var reader = new SettingsReader(configuration);
        var endpoints = reader.Text(Url) is null ? HttpEndpoints.ReadAddresses(reader) : HttpEndpoints.ReadAddress(reader, Url, Url) is { } given ? [given] : [];
        var endpoint = endpoints.OrderBy(one => one.Scheme == "https").FirstOrDefault();
        if (endpoint is { Port: 0 } && !endpoint.Host.StartsWith(Unix, StringComparison.Ordinal))
            reader.Fail(endpoint.Key, "the system chooses the port, and only the running broker knows it", $"Name it with --{Url}=http://host:port", endpoint.ToString());
        return reader.Errors.Count == 0 && endpoint is not null ? endpoint : throw new ConfigurationException(reader.Errors);
    }

    /// <summary>The host name that reaches an endpoint from this machine.</summary>
    internal static string Reach(HttpEndpoint endpoint) => IPAddress.TryParse(endpoint.Host, out var address)
        ? address.Equals(IPAddress.Any) ? "127.0.0.1" : address.Equals(IPAddress.IPv6Any) ? "[::1]" : address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : endpoint.Host
        : endpoint.Key == Url || endpoint.Host is "localhost" ? endpoint.Host
        : endpoint.Host.StartsWith(Unix, StringComparison.Ordinal) ? "localhost"
        : "127.0.0.1"; // Kestrel takes any other name for every address

    /// <summary>Asks an endpoint; gives back its answer in words.</summary>
    /// <param name="endpoint">Where to ask.</param>
    /// <param name="allowedHosts">The host names that the broker listens to, separated by semicolons, or null for all.</param>
    /// <param name="patience">When to give up.</param>
    internal static async Task<(bool IsReady, string Answer)> AskAsync(HttpEndpoint endpoint, string? allowedHosts, TimeSpan patience)
    {
        var url = new UriBuilder(endpoint.Scheme, Reach(endpoint), endpoint.Port, Path).Uri;
        using var handler = Handler(endpoint);
        using var client = new HttpClient(handler) { Timeout = patience };
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (allowedHosts?.Split(';')[0] is { Length: > 0 } host && !host.Contains('*', StringComparison.Ordinal)) request.Headers.Host = host;
        try
        {
            using var response = await client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            return TryRead(text, out var status, out var reason)
                ? (response.StatusCode == HttpStatusCode.OK, status == reason ? status : $"{status}: {reason}")
                : (false, $"something else than the broker answers at {url}, with {(int)response.StatusCode}");
        }
        catch (HttpRequestException failure)
        {
            return (false, $"no broker answers at {url}: {(failure.InnerException ?? failure).Message}");
        }
        catch (TaskCanceledException)
        {
            return (false, $"no answer at {url} within {patience.TotalSeconds:0.##} s");
        }
    }

    private static SocketsHttpHandler Handler(HttpEndpoint endpoint)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        // The certificate is made out to the name by which clients know the broker, not to this machine, and nothing secret is sent.
        handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true };
        if (endpoint.Host.StartsWith(Unix, StringComparison.Ordinal))
        {
            handler.ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint.Host[Unix.Length..]), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            };
        }
        return handler;
    }

    private static bool TryRead(string text, [NotNullWhen(true)] out string? status, [NotNullWhen(true)] out string? reason)
    {
        (status, reason) = (null, null);
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind != JsonValueKind.Object) return false;
            status = json.RootElement.TryGetProperty("status", out var first) ? first.GetString() : null;
            reason = json.RootElement.TryGetProperty("reason", out var second) ? second.GetString() : null;
            return status is not null && reason is not null;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}

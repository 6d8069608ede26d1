namespace Broker.Web.Components;

/// <summary>Lines to copy that work as they stand: they name the host and port under which this page was reached.</summary>
/// <param name="page">The base address of the page, as the browser knows it.</param>
/// <param name="mqtt">The first MQTT listener, or null while none is bound.</param>
/// <param name="webSocketPath">The path of MQTT over WebSocket.</param>
internal sealed class Snippets(Uri page, Uri? mqtt, string webSocketPath)
{
    private const string Filter = "sensors/#";
    private const string Topic = "sensors/kitchen/temperature";

    /// <summary>The URL of MQTT over WebSocket.</summary>
    public string WebSocketUrl { get; } = new UriBuilder(new Uri(page, webSocketPath.TrimStart('/')))
    {
        Scheme = page.Scheme == Uri.UriSchemeHttps ? "wss" : "ws",
    }.Uri.AbsoluteUri;

    /// <summary>The URL of MQTT over TCP or TLS, or null.</summary>
    public string? MqttUrl { get; } = mqtt is null ? null : $"{mqtt.Scheme}://{Host(page, mqtt)}:{mqtt.Port}";

    /// <summary>Subscribes in a shell.</summary>
    public string? Subscribe { get; } = mqtt is null ? null : $"mosquitto_sub {Address(page, mqtt)} -t '{Filter}' -v";

    /// <summary>Publishes in a shell.</summary>
    public string? Publish { get; } = mqtt is null ? null : $"mosquitto_pub {Address(page, mqtt)} -t {Topic} -m 21.5";

    /// <summary>Subscribes and publishes in a page, with MQTT.js from npm and a bundler.</summary>
    public string Browser => Script(WebSocketUrl);

    /// <summary>Subscribes and publishes in Node.js, after <c>npm install mqtt</c>.</summary>
    public string Node => Script(MqttUrl ?? WebSocketUrl);

    private static string Script(string url) => $$"""
        import mqtt from 'mqtt';

        const client = mqtt.connect('{{url}}');
        client.on('message', (topic, payload) => {
          console.log(topic, payload.toString());
        });
        await client.subscribeAsync('{{Filter}}');
        await client.publishAsync('{{Topic}}', '21.5');
        """;

    // A listener on every address is reached under the name that reached this page.
    private static string Host(Uri page, Uri mqtt) => mqtt.Host is "0.0.0.0" or "[::]" or "*" or "+" ? page.Host : mqtt.Host;

    private static string Address(Uri page, Uri mqtt)
    {
        var encrypted = mqtt.Scheme == "mqtts";
        var port = mqtt.Port == (encrypted ? 8883 : 1883) && !encrypted ? "" : $" -p {mqtt.Port}";
        return $"-h {Host(page, mqtt).Trim('[', ']')}{port}{(encrypted ? " --tls-use-os-certs" : "")}";
    }
}

namespace Broker.Web.Components;

/// <summary>Lines to copy that work as they stand: they name the host and port under which this page was reached.</summary>
/// <param name="page">The base address of the page, as the browser knows it.</param>
/// <param name="mqtt">The URL of an MQTT listener.</param>
/// <param name="webSocketPath">The path of MQTT over WebSocket.</param>
internal sealed class Snippets(Uri page, Uri mqtt, string webSocketPath)
{
    private const string Filter = "sensors/#";
    private const string Topic = "sensors/kitchen/temperature";

    /// <summary>Subscribes in a shell.</summary>
    public string Subscribe { get; } = $"mosquitto_sub {Address(mqtt)} -t '{Filter}' -v";

    /// <summary>Publishes in a shell.</summary>
    public string Publish { get; } = $"mosquitto_pub {Address(mqtt)} -t {Topic} -m 21.5";

    /// <summary>Subscribes and publishes in a page, with MQTT.js from npm and a bundler.</summary>
    public string Browser { get; } = Script(WebSocketUrl(page, webSocketPath));

    /// <summary>Subscribes and publishes in Node.js, after <c>npm install mqtt</c>.</summary>
    public string Node { get; } = Script($"{mqtt.Scheme}://{mqtt.Host}:{mqtt.Port}");

    /// <summary>Publishes and receives in Python, after <c>pip install paho-mqtt</c>, version 1 or 2.</summary>
    public string Python { get; } = $$"""
        import paho.mqtt.publish as publish
        import paho.mqtt.subscribe as subscribe

        broker = dict(hostname="{{Host(mqtt)}}", port={{mqtt.Port}}{{(IsEncrypted(mqtt) ? ", tls={}" : "")}})
        publish.single("{{Topic}}", "21.5", qos=1, retain=True, **broker)
        message = subscribe.simple("{{Filter}}", qos=1, **broker)
        print(message.topic, message.payload.decode())
        """;

    /// <summary>Subscribes and publishes in C#, after <c>dotnet add package MQTTnet</c>, version 5.</summary>
    public string CSharp { get; } = $$"""
        using MQTTnet;

        using var client = new MqttClientFactory().CreateMqttClient();
        client.ApplicationMessageReceivedAsync += received =>
        {
            var message = received.ApplicationMessage;
            Console.WriteLine($"{message.Topic} {message.ConvertPayloadToString()}");
            return Task.CompletedTask;
        };
        await client.ConnectAsync(new MqttClientOptionsBuilder()
            .WithTcpServer("{{Host(mqtt)}}", {{mqtt.Port}}){{(IsEncrypted(mqtt) ? ".WithTlsOptions(tls => tls.UseTls())" : "")}}.Build());
        await client.SubscribeAsync("{{Filter}}");
        await client.PublishStringAsync("{{Topic}}", "21.5");
        """;

    /// <summary>The URL of MQTT over WebSocket on the host that served the page.</summary>
    public static string WebSocketUrl(Uri page, string path) => new UriBuilder(new Uri(page, path.TrimStart('/')))
    {
        Scheme = page.Scheme == Uri.UriSchemeHttps ? "wss" : "ws",
    }.Uri.AbsoluteUri;

    private static string Script(string url) => $$"""
        import mqtt from 'mqtt';

        const client = mqtt.connect('{{url}}');
        client.on('message', (topic, payload) => {
          console.log(topic, payload.toString());
        });
        await client.subscribeAsync('{{Filter}}');
        await client.publishAsync('{{Topic}}', '21.5');
        """;

    private static string Address(Uri mqtt) => IsEncrypted(mqtt)
        ? $"-h {Host(mqtt)} -p {mqtt.Port} --tls-use-os-certs"
        : $"-h {Host(mqtt)}" + (mqtt.Port == 1883 ? "" : $" -p {mqtt.Port}");

    private static bool IsEncrypted(Uri mqtt) => mqtt.Scheme == "mqtts";

    private static string Host(Uri url) => url.Host.Trim('[', ']');
}

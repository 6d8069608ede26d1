using Broker.Tests.RealClients;
using Broker.Tests.Rules;

namespace Broker.Tests.Listeners.Tls;

/// <summary>Mosquitto's clients and MQTT.js show a certificate to the real host, over <c>mqtts://</c> and <c>wss://</c>.</summary>
public sealed class RealClientTests(RealClientTests.GuardedBroker broker) : IClassFixture<RealClientTests.GuardedBroker>
{
    [Fact]
    public async Task Mosquitto_clients_with_a_certificate_talk()
    {
        var topic = Mosquitto.NewName();
        await using var subscriber = await broker.Mosquitto.SubscribeAsync("%p", [.. broker.Shown, "-t", topic, "-q", "1"]);
        await broker.Mosquitto.PublishAsync([.. broker.Shown, "-t", topic, "-q", "1", "-m", "guarded"]);
        (await subscriber.MessageAsync()).ShouldBe("guarded");
    }

    [Fact]
    public async Task A_Mosquitto_client_without_one_is_refused_and_the_log_says_so()
    {
        await using var publisher = broker.Mosquitto.Run("mosquitto_pub", "-t", "x", "-m", "x");
        (await publisher.ExitCodeAsync()).ShouldNotBe(0);
        await broker.Process.LineAsync(line => line.Contains("was refused by Mqtt:Listeners:1, which requires a client certificate: it sent none", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("mqtts")]
    [InlineData("wss")]
    public async Task MQTT_js_with_a_certificate_talks(string carrier)
    {
        var url = carrier == "mqtts" ? $"mqtts://localhost:{broker.Process.TlsPort}" : $"wss://localhost:{broker.Process.HttpsPort}/mqtt";
        var script = Path.Combine(Repository.Root, "Broker.Tests", "RealClients", "mqttjs.mjs");
        await using var node = RunningProgram.Start("node", [script, "everyQoS", url, "5", broker.Process.CertificatePath, broker.Together]);
        await node.SucceedsAsync();
        node.Transcript.ShouldEndWith("passed");
    }

    /// <summary>The real host, whose encrypted addresses require a certificate.</summary>
    public sealed class GuardedBroker : IAsyncLifetime
    {
        private readonly string directory = Directory.CreateTempSubdirectory("broker-clients-").FullName;

        public BrokerProcess Process { get; } = new();

        public string Together => Path.Combine(directory, "device.pem");

        internal string[] Shown => ["--cert", Together, "--key", Together];

        internal Mosquitto Mosquitto => new(Process, "mqttv5", encrypted: true);

        public async Task InitializeAsync()
        {
            using var clients = new Authority("Devices");
            using var device = clients.Issue("CN=device");
            var (authorities, list) = (Path.Combine(directory, "devices.pem"), Path.Combine(directory, "devices.crl"));
            await File.WriteAllTextAsync(authorities, clients.Pem);
            await File.WriteAllTextAsync(list, Authority.ListPem(clients.Revoke(-1, 1)));
            await File.WriteAllTextAsync(Together, Authority.WithKey(device));
            string[] keys = ["ClientCertificates=Required", $"ClientAuthorities={authorities}", $"RevocationLists={list}"];
            await Process.StartAsync([.. keys.Select(key => $"--Mqtt:Listeners:1:{key}"), .. keys.Select(key => $"--Kestrel:Endpoints:Https:{key}")]);
        }

        public async Task DisposeAsync()
        {
            await Process.DisposeAsync();
            Directory.Delete(directory, recursive: true);
        }
    }
}

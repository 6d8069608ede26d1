namespace Broker.Tests.RealClients;

/// <summary>Mosquitto's clients exchange messages: every version with every version, every QoS, plain and encrypted.</summary>
public sealed class MosquittoDeliveryTests(BrokerProcess broker) : IClassFixture<BrokerProcess>
{
    public static readonly TheoryData<string, string> PairsOfVersions = Matrix.Of(Mosquitto.Versions, Mosquitto.Versions);
    public static readonly TheoryData<string, int, int> VersionsAndQoS = Matrix.Of(Mosquitto.Versions, Mosquitto.EveryQoS, Mosquitto.EveryQoS);

    [Theory, MemberData(nameof(VersionsAndQoS))]
    public async Task A_message_arrives_at_the_lower_QoS_of_publisher_and_subscription(string version, int published, int subscribed)
    {
        var clients = new Mosquitto(broker, version);
        var topic = Mosquitto.NewName();
        await using var subscriber = await clients.SubscribeAsync("%t %p %q %r", "-t", topic, "-q", $"{subscribed}");

        await clients.PublishAsync("-t", topic, "-q", $"{published}", "-m", "hello");

        (await subscriber.MessageAsync()).ShouldBe($"{topic} hello {Math.Min(published, subscribed)} 0");
    }

    [Theory, MemberData(nameof(PairsOfVersions))]
    public async Task Every_version_hears_every_version(string from, string to)
    {
        var topic = Mosquitto.NewName();
        await using var subscriber = await new Mosquitto(broker, to).SubscribeAsync("%p", "-t", topic, "-q", "2");

        await new Mosquitto(broker, from).PublishAsync("-t", topic, "-q", "2", "-m", from);

        (await subscriber.MessageAsync()).ShouldBe(from);
    }

    [Theory]
    [InlineData("{0}/+/temperature", "{0}/kitchen/temperature", "{0}/kitchen/humidity")]
    [InlineData("{0}/#", "{0}/kitchen/temperature", "{0}x/kitchen")]
    [InlineData("{0}/#", "{0}", "x{0}")]
    [InlineData("{0}/+", "{0}/", "{0}")]
    [InlineData("+/{0}/#", "/{0}/a", "/a/{0}")]
    public async Task Wildcards_match_what_they_should(string filter, string matching, string other)
    {
        var clients = new Mosquitto(broker, "mqttv5");
        var name = Mosquitto.NewName();
        await using var subscriber = await clients.SubscribeAsync("%t", "-t", string.Format(null, filter, name), "-q", "1");

        await clients.PublishAsync("-t", string.Format(null, other, name), "-q", "1", "-m", "other");
        await clients.PublishAsync("-t", string.Format(null, matching, name), "-q", "1", "-m", "matching");

        (await subscriber.MessageAsync()).ShouldBe(string.Format(null, matching, name));
    }

    [Theory]
    [InlineData("mqttv31", 0), InlineData("mqttv311", 1), InlineData("mqttv5", 2)]
    public async Task A_thousand_lines_arrive_in_order(string version, int qos)
    {
        var clients = new Mosquitto(broker, version);
        var topic = Mosquitto.NewName();
        var lines = Enumerable.Range(1, 1000).Select(i => $"line {i}").ToArray();
        await using var subscriber = await clients.SubscribeAsync("%p", "-t", topic, "-q", "2");

        var file = Path.GetTempFileName();
        await File.WriteAllLinesAsync(file, lines);
        await using (var publisher = clients.RunWithInput(file, "mosquitto_pub", "-t", topic, "-q", $"{qos}", "-l"))
            await publisher.SucceedsAsync();
        File.Delete(file);

        (await subscriber.MessagesAsync(lines.Length)).ShouldBe(lines);
    }

    [Fact]
    public async Task Topics_and_payloads_may_hold_any_letter()
    {
        var clients = new Mosquitto(broker, "mqttv5");
        var topic = $"{Mosquitto.NewName()}/Küche/温度/🌡 a";
        await using var subscriber = await clients.SubscribeAsync("%t %p", "-t", topic);

        await clients.PublishAsync("-t", topic, "-m", "21 °C, gemütlich 😀");

        (await subscriber.MessageAsync()).ShouldBe($"{topic} 21 °C, gemütlich 😀");
    }

    [Theory, InlineData("mqttv311"), InlineData("mqttv5")]
    public async Task A_payload_of_a_megabyte_arrives_whole(string version)
    {
        var clients = new Mosquitto(broker, version);
        var topic = Mosquitto.NewName();
        var payload = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"{i:D10}"));
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, payload);
        await using var subscriber = await clients.SubscribeAsync("%p", "-t", topic, "-q", "1");

        await clients.PublishAsync("-t", topic, "-q", "1", "-f", file);
        File.Delete(file);

        (await subscriber.MessageAsync()).ShouldBe(payload);
    }

    [Fact]
    public async Task An_unsubscribed_topic_is_silent()
    {
        var clients = new Mosquitto(broker, "mqttv311");
        var (dropped, kept, session) = (Mosquitto.NewName(), Mosquitto.NewName(), Mosquitto.NewName());
        await clients.LeaveSessionAsync("-i", session, "-c", "-q", "1", "-t", dropped, "-t", kept);
        await using var subscriber = await clients.SubscribeAsync("%p", "-i", session, "-c", "-q", "1", "-t", kept, "-U", dropped);
        await subscriber.Program.LineAsync(line => line.Contains("received UNSUBACK", StringComparison.Ordinal));

        await clients.PublishAsync("-t", dropped, "-q", "1", "-m", "dropped");
        await clients.PublishAsync("-t", kept, "-q", "1", "-m", "kept");

        (await subscriber.MessageAsync()).ShouldBe("kept");
    }

    [Theory, InlineData("mqttv31"), InlineData("mqttv311"), InlineData("mqttv5")]
    public async Task An_encrypted_client_and_a_plain_one_hear_each_other(string version)
    {
        var (plain, encrypted) = (new Mosquitto(broker, version), new Mosquitto(broker, version, encrypted: true));
        var topic = Mosquitto.NewName();
        await using var plainSubscriber = await plain.SubscribeAsync("%p", "-t", topic, "-q", "2");
        await using var encryptedSubscriber = await encrypted.SubscribeAsync("%p", "-t", topic, "-q", "2");

        await plain.PublishAsync("-t", topic, "-q", "2", "-m", "from plain");
        await encrypted.PublishAsync("-t", topic, "-q", "2", "-m", "from encrypted");

        (await plainSubscriber.MessagesAsync(2)).ShouldBe(["from plain", "from encrypted"]);
        (await encryptedSubscriber.MessagesAsync(2)).ShouldBe(["from plain", "from encrypted"]);
    }
}

namespace Broker.Tests.RealClients;

/// <summary>Mosquitto's clients set, replace, read and clear retained messages.</summary>
public sealed class MosquittoRetainedTests(BrokerProcess broker) : IClassFixture<BrokerProcess>
{
    public static readonly TheoryData<string, int> VersionsAndQoS = Matrix.Of(Mosquitto.Versions, Mosquitto.EveryQoS);

    [Theory, MemberData(nameof(VersionsAndQoS))]
    public async Task The_last_retained_message_greets_a_new_subscriber(string version, int qos)
    {
        var clients = new Mosquitto(broker, version);
        var topic = Mosquitto.NewName();
        await clients.PublishAsync("-t", topic, "-q", $"{qos}", "-r", "-m", "old");
        await clients.PublishAsync("-t", topic, "-q", $"{qos}", "-r", "-m", "new");
        await clients.PublishAsync("-t", topic, "-q", "1", "-m", "never retained");

        await using var subscriber = await clients.SubscribeAsync("%p %q %r", "-t", topic, "-q", "2");
        (await subscriber.MessageAsync()).ShouldBe($"new {qos} 1");

        // Who was subscribed already sees it come as any other message (MQTT 5 section 3.3.1.3).
        await clients.PublishAsync("-t", topic, "-q", $"{qos}", "-r", "-m", "newer");
        (await subscriber.MessageAsync()).ShouldBe($"newer {qos} 0");
    }

    [Theory, InlineData("mqttv31"), InlineData("mqttv311"), InlineData("mqttv5")]
    public async Task An_empty_retained_message_clears(string version)
    {
        var clients = new Mosquitto(broker, version);
        var topic = Mosquitto.NewName();
        await clients.PublishAsync("-t", topic, "-q", "1", "-r", "-m", "old");
        await clients.PublishAsync("-t", topic, "-q", "1", "-r", "-n");

        await using var subscriber = await clients.SubscribeAsync("%p %r", "-t", topic, "-q", "1");
        await clients.PublishAsync("-t", topic, "-q", "1", "-m", "live");

        (await subscriber.MessageAsync()).ShouldBe("live 0");
    }

    [Fact]
    public async Task A_wildcard_finds_retained_messages()
    {
        var clients = new Mosquitto(broker, "mqttv5");
        var root = Mosquitto.NewName();
        foreach (var leaf in new[] { "a/t", "b/t", "b/h", "c/d/t" })
            await clients.PublishAsync("-t", $"{root}/{leaf}", "-q", "1", "-r", "-m", leaf);

        await using var subscriber = await clients.SubscribeAsync("%p", "-t", $"{root}/+/t", "-q", "1");

        (await subscriber.MessagesAsync(2)).Order().ShouldBe(["a/t", "b/t"]);
        await clients.PublishAsync("-t", $"{root}/z/t", "-q", "1", "-m", "that was all");
        (await subscriber.MessageAsync()).ShouldBe("that was all");
    }

    [Fact]
    public async Task A_client_that_wants_retained_messages_only_leaves_at_the_first_live_one()
    {
        var clients = new Mosquitto(broker, "mqttv311");
        var topic = Mosquitto.NewName();
        await clients.PublishAsync("-t", topic, "-q", "1", "-r", "-m", "kept");

        await using var subscriber = await clients.SubscribeAsync("%p", "-t", topic, "-q", "1", "--retained-only");
        (await subscriber.MessageAsync()).ShouldBe("kept");
        await clients.PublishAsync("-t", topic, "-q", "1", "-m", "live");

        await subscriber.Program.SucceedsAsync();
    }

    [Fact]
    public async Task Retained_messages_can_be_removed_by_filter()
    {
        var clients = new Mosquitto(broker, "mqttv5");
        var root = Mosquitto.NewName();
        await clients.PublishAsync("-t", $"{root}/a", "-q", "1", "-r", "-m", "a");
        await clients.PublishAsync("-t", $"{root}/b", "-q", "1", "-r", "-m", "b");

        await using (var remover = await clients.SubscribeAsync("%t", "-t", $"{root}/+", "-q", "1", "--remove-retained"))
        {
            await remover.Program.LineAsync(line => line.Contains("received PUBACK", StringComparison.Ordinal));
            await remover.Program.LineAsync(line => line.Contains("received PUBACK", StringComparison.Ordinal));
        }

        await using var subscriber = await clients.SubscribeAsync("%p %r", "-t", $"{root}/+", "-q", "1");
        await clients.PublishAsync("-t", $"{root}/c", "-q", "1", "-m", "live");
        (await subscriber.MessageAsync()).ShouldBe("live 0");
    }
}

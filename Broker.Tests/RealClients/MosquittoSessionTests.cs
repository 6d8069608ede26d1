namespace Broker.Tests.RealClients;

/// <summary>Sessions of mosquitto_sub outlive their connection when asked to, and their messages wait.</summary>
public sealed class MosquittoSessionTests(BrokerProcess broker) : IClassFixture<BrokerProcess>
{
    public static readonly TheoryData<string, int> VersionsAndQoS = Matrix.Of(Mosquitto.Versions, [1, 2]);

    [Theory, MemberData(nameof(VersionsAndQoS))]
    public async Task A_returning_session_gets_what_it_missed_in_order(string version, int qos)
    {
        var clients = new Mosquitto(broker, version);
        var (topic, session) = (Mosquitto.NewName(), Mosquitto.NewName());
        await clients.LeaveSessionAsync("-c", "-i", session, "-t", topic, "-q", "2");

        await clients.PublishAsync("-t", topic, "-q", $"{qos}", "-m", "first");
        await clients.PublishAsync("-t", topic, "-q", $"{qos}", "-m", "second");
        await clients.PublishAsync("-t", topic, "-q", "0", "-m", "not kept for somebody who is away");
        await clients.PublishAsync("-t", topic, "-q", $"{qos}", "-m", "third");

        await using var subscriber = await clients.SubscribeAsync("%p %q", "-c", "-i", session, "-t", topic, "-q", "2");
        (await subscriber.MessagesAsync(3)).ShouldBe([$"first {qos}", $"second {qos}", $"third {qos}"]);
    }

    [Theory, InlineData("mqttv31"), InlineData("mqttv311"), InlineData("mqttv5")]
    public async Task A_session_keeps_its_subscriptions_after_its_client_was_killed(string version)
    {
        var clients = new Mosquitto(broker, version);
        var (topic, other, session) = (Mosquitto.NewName(), Mosquitto.NewName(), Mosquitto.NewName());
        await using (var killed = await clients.SubscribeAsync("%p", "-c", "-i", session, "-t", topic, "-q", "1"))
        {
            killed.Program.Kill();
            await killed.Program.ExitCodeAsync();
        }

        await clients.PublishAsync("-t", topic, "-q", "1", "-m", "missed");

        await using var subscriber = await clients.SubscribeAsync("%p", "-c", "-i", session, "-t", other, "-q", "1");
        (await subscriber.MessageAsync()).ShouldBe("missed");
        await clients.PublishAsync("-t", topic, "-q", "1", "-m", "still subscribed");
        (await subscriber.MessageAsync()).ShouldBe("still subscribed");
    }

    [Theory, InlineData("mqttv31"), InlineData("mqttv311"), InlineData("mqttv5")]
    public async Task A_clean_start_forgets_the_session(string version)
    {
        var clients = new Mosquitto(broker, version);
        var (topic, other, session) = (Mosquitto.NewName(), Mosquitto.NewName(), Mosquitto.NewName());
        await clients.LeaveSessionAsync("-c", "-i", session, "-t", topic, "-q", "1");
        await clients.PublishAsync("-t", topic, "-q", "1", "-m", "forgotten");

        await using var subscriber = await clients.SubscribeAsync("%p", "-i", session, "-t", other, "-q", "1");
        await clients.PublishAsync("-t", topic, "-q", "1", "-m", "no longer subscribed");
        await clients.PublishAsync("-t", other, "-q", "1", "-m", "new");

        (await subscriber.MessageAsync()).ShouldBe("new");
    }

    [Fact]
    public async Task A_session_that_expires_with_its_connection_keeps_nothing()
    {
        var clients = new Mosquitto(broker, "mqttv5");
        var (topic, other, session) = (Mosquitto.NewName(), Mosquitto.NewName(), Mosquitto.NewName());
        await clients.LeaveSessionAsync("-c", "-x", "0", "-i", session, "-t", topic, "-q", "1");
        await clients.PublishAsync("-t", topic, "-q", "1", "-m", "missed");

        await using var subscriber = await clients.SubscribeAsync("%p", "-c", "-x", "60", "-i", session, "-t", other, "-q", "1");
        await clients.PublishAsync("-t", other, "-q", "1", "-m", "new");

        (await subscriber.MessageAsync()).ShouldBe("new");
    }

    [Fact]
    public async Task A_session_is_kept_for_the_time_that_it_asks_for()
    {
        var clients = new Mosquitto(broker, "mqttv5");
        var (topic, session) = (Mosquitto.NewName(), Mosquitto.NewName());
        await clients.LeaveSessionAsync("-c", "-x", "600", "-i", session, "-t", topic, "-q", "1");
        await clients.PublishAsync("-t", topic, "-q", "1", "-m", "kept");

        await using var subscriber = await clients.SubscribeAsync("%p", "-c", "-x", "600", "-i", session, "-t", topic, "-q", "1");

        (await subscriber.MessageAsync()).ShouldBe("kept");
    }

    [Fact]
    public async Task A_session_of_one_version_can_be_resumed_by_another()
    {
        var (topic, session) = (Mosquitto.NewName(), Mosquitto.NewName());
        await new Mosquitto(broker, "mqttv311").LeaveSessionAsync("-c", "-i", session, "-t", topic, "-q", "1");
        await new Mosquitto(broker, "mqttv5").PublishAsync("-t", topic, "-q", "1", "-m", "missed", "-D", "publish", "content-type", "text/plain");

        await using var subscriber = await new Mosquitto(broker, "mqttv5").SubscribeAsync("%p %C", "-c", "-i", session, "-t", topic, "-q", "1");

        (await subscriber.MessageAsync()).ShouldBe("missed text/plain");
    }
}

namespace Broker.Tests.RealClients;

/// <summary>Wills of mosquitto's clients: sent when the client dies, not when it says goodbye.</summary>
public sealed class MosquittoWillTests(BrokerProcess broker) : IClassFixture<BrokerProcess>
{
    public static readonly TheoryData<string, int> VersionsAndQoS = Matrix.Of(Mosquitto.Versions, Mosquitto.EveryQoS);

    [Theory, MemberData(nameof(VersionsAndQoS))]
    public async Task The_will_of_a_killed_client_is_sent(string version, int qos)
    {
        var clients = new Mosquitto(broker, version);
        var (wills, topic) = (Mosquitto.NewName(), Mosquitto.NewName());
        await using var heir = await clients.SubscribeAsync("%p %q %r", "-t", wills, "-q", "2");
        await using var mortal = await clients.SubscribeAsync("%p", "-t", topic, "--will-topic", wills, "--will-payload", "gone", "--will-qos", $"{qos}");

        mortal.Program.Kill();

        (await heir.MessageAsync()).ShouldBe($"gone {qos} 0");
    }

    [Theory, InlineData("mqttv31"), InlineData("mqttv311"), InlineData("mqttv5")]
    public async Task A_client_that_says_goodbye_leaves_no_will(string version)
    {
        var clients = new Mosquitto(broker, version);
        var (wills, topic) = (Mosquitto.NewName(), Mosquitto.NewName());
        await using var heir = await clients.SubscribeAsync("%p", "-t", wills, "-q", "2");
        await using var polite = await clients.SubscribeAsync("%p", "-t", topic, "-C", "1", "--will-topic", wills, "--will-payload", "gone", "--will-qos", "1");

        await clients.PublishAsync("-t", topic, "-m", "go");
        await polite.Program.SucceedsAsync();
        await clients.PublishAsync("-t", wills, "-q", "1", "-m", "no will came before this");

        (await heir.MessageAsync()).ShouldBe("no will came before this");
    }

    [Fact]
    public async Task A_client_may_say_goodbye_and_ask_for_its_will()
    {
        var clients = new Mosquitto(broker, "mqttv5");
        var (wills, topic) = (Mosquitto.NewName(), Mosquitto.NewName());
        await using var heir = await clients.SubscribeAsync("%p", "-t", wills, "-q", "2");
        await using var leaving = await clients.SubscribeAsync("%p", "-t", topic, "--will-topic", wills, "--will-payload", "gone", "--will-qos", "1");

        // At SIGINT mosquitto_sub sends DISCONNECT with reason 0x04, Disconnect with Will Message.
        leaving.Program.SendInterrupt();

        (await heir.MessageAsync()).ShouldBe("gone");
    }

    [Fact]
    public async Task A_will_may_be_retained_and_carry_properties()
    {
        var clients = new Mosquitto(broker, "mqttv5");
        var (wills, topic) = (Mosquitto.NewName(), Mosquitto.NewName());
        await using var heir = await clients.SubscribeAsync("%p", "-t", wills, "-q", "1");
        await using var mortal = await clients.SubscribeAsync("%p", "-t", topic, "--will-topic", wills, "--will-payload", "gone", "--will-qos", "1", "--will-retain",
            "-D", "will", "content-type", "text/plain", "-D", "will", "user-property", "why", "power");

        mortal.Program.Kill();
        (await heir.MessageAsync()).ShouldBe("gone");

        await using var late = await clients.SubscribeAsync("%p %r %C %P", "-t", wills, "-q", "1");
        (await late.MessageAsync()).ShouldBe("gone 1 text/plain why:power");
    }

    [Fact]
    public async Task A_delayed_will_is_not_sent_when_the_session_is_resumed_in_time()
    {
        var clients = new Mosquitto(broker, "mqttv5");
        var (wills, topic, session) = (Mosquitto.NewName(), Mosquitto.NewName(), Mosquitto.NewName());
        await using var heir = await clients.SubscribeAsync("%p", "-t", wills, "-q", "1");
        await using var mortal = await clients.SubscribeAsync("%p", "-t", topic, "-c", "-x", "600", "-i", session,
            "--will-topic", wills, "--will-payload", "gone", "--will-qos", "1", "-D", "will", "will-delay-interval", "300");

        mortal.Program.Kill();
        await mortal.Program.ExitCodeAsync();
        await using var returned = await clients.SubscribeAsync("%p", "-t", topic, "-c", "-x", "600", "-i", session);
        await clients.PublishAsync("-t", wills, "-q", "1", "-m", "no will came before this");

        (await heir.MessageAsync()).ShouldBe("no will came before this");
    }

    [Fact]
    public async Task A_delayed_will_is_sent_when_its_time_has_come()
    {
        var clients = new Mosquitto(broker, "mqttv5");
        var (wills, topic) = (Mosquitto.NewName(), Mosquitto.NewName());
        await using var heir = await clients.SubscribeAsync("%p", "-t", wills, "-q", "1");
        await using var mortal = await clients.SubscribeAsync("%p", "-t", topic, "-x", "600",
            "--will-topic", wills, "--will-payload", "gone", "--will-qos", "1", "-D", "will", "will-delay-interval", "1");

        mortal.Program.Kill();

        (await heir.MessageAsync()).ShouldBe("gone");
    }
}

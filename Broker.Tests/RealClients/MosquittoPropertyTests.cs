namespace Broker.Tests.RealClients;

/// <summary>What MQTT 5 adds to a message passes from mosquitto_pub to mosquitto_sub, and requests find their responses.</summary>
public sealed class MosquittoPropertyTests(BrokerProcess broker) : IClassFixture<BrokerProcess>
{
    private readonly Mosquitto clients = new(broker, "mqttv5");

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public async Task Properties_of_a_message_arrive_unaltered(int qos)
    {
        var topic = Mosquitto.NewName();
        await using var subscriber = await clients.SubscribeAsync("%p|%C|%R|%D|%F|%P", "-t", topic, "-q", "2");

        await clients.PublishAsync("-t", topic, "-q", $"{qos}", "-m", "21",
            "-D", "publish", "content-type", "text/plain",
            "-D", "publish", "response-topic", "answers/here",
            "-D", "publish", "correlation-data", "question-7",
            "-D", "publish", "payload-format-indicator", "1",
            "-D", "publish", "user-property", "unit", "°C",
            "-D", "publish", "user-property", "place", "roof");

        (await subscriber.MessageAsync()).ShouldBe("21|text/plain|answers/here|question-7|1|unit:°C place:roof");
    }

    [Fact]
    public async Task The_rest_of_a_messages_time_arrives_with_it()
    {
        var topic = Mosquitto.NewName();
        await clients.PublishAsync("-t", topic, "-q", "1", "-r", "-m", "short-lived", "-D", "publish", "message-expiry-interval", "3600");

        await using var subscriber = await clients.SubscribeAsync("%E", "-t", topic);

        int.Parse(await subscriber.MessageAsync(), null).ShouldBeInRange(3600 - (int)RunningProgram.Patience.TotalSeconds, 3600);
    }

    [Fact]
    public async Task A_topic_alias_stands_for_its_topic()
    {
        var topic = Mosquitto.NewName();
        await using var subscriber = await clients.SubscribeAsync("%t %p", "-t", topic, "-q", "1");

        await clients.PublishAsync("-t", topic, "-q", "1", "-m", "hello", "-D", "publish", "topic-alias", "5");

        (await subscriber.MessageAsync()).ShouldBe($"{topic} hello");
    }

    [Fact]
    public async Task A_subscription_identifier_comes_back_with_each_message()
    {
        var topic = Mosquitto.NewName();
        await using var subscriber = await clients.SubscribeAsync("%p %S", "-t", topic, "-q", "1", "-D", "subscribe", "subscription-identifier", "268435455");

        await clients.PublishAsync("-t", topic, "-q", "1", "-m", "hello");

        (await subscriber.MessageAsync()).ShouldBe("hello 268435455");
    }

    [Theory, InlineData("mqttv31", 0), InlineData("mqttv311", 1), InlineData("mqttv5", 2)]
    public async Task A_request_gets_its_response(string version, int qos)
    {
        var anyVersion = new Mosquitto(broker, version);
        var (questions, answers) = (Mosquitto.NewName(), Mosquitto.NewName());
        await using var responder = await clients.SubscribeAsync("%p|%R|%D", "-t", questions, "-q", "2");
        string[] correlation = version == "mqttv5" ? ["-D", "publish", "correlation-data", "q1"] : [];
        await using var requester = anyVersion.Run("mosquitto_rr",
            ["-t", questions, "-e", answers, "-q", $"{qos}", "-m", "how warm?", "-F", "%t says %p", .. correlation]);

        (await responder.MessageAsync()).ShouldBe(version == "mqttv5" ? $"how warm?|{answers}|q1" : "how warm?||");
        await clients.PublishAsync("-t", answers, "-q", "1", "-m", "21", "-D", "publish", "correlation-data", "q1");

        (await requester.LineAsync(line => line.Contains("says", StringComparison.Ordinal))).ShouldBe($"{answers} says 21");
        await requester.SucceedsAsync();
    }
}

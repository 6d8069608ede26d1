namespace Broker.Tests.RealClients;

/// <summary><c>$SYS</c> as mosquitto_sub sees it.</summary>
public sealed class MosquittoSystemTopicsTests(BrokerProcess broker) : IClassFixture<BrokerProcess>
{
    [Theory, InlineData("mqttv31"), InlineData("mqttv311"), InlineData("mqttv5")]
    public async Task The_tree_is_there_at_once(string version)
    {
        // The command of many health checks: it fails if nothing comes within three seconds.
        await using var check = new Mosquitto(broker, version).Run("mosquitto_sub", "-t", "$SYS/#", "-C", "1", "-W", "3");

        await check.SucceedsAsync();
    }

    [Theory]
    [InlineData("$SYS/broker/version", ".+")]
    [InlineData("$SYS/broker/uptime", @"\d+( seconds)?")]
    [InlineData("$SYS/broker/clients/connected", @"\d+")]
    [InlineData("$SYS/broker/messages/received", @"\d+")]
    [InlineData("$SYS/broker/load/messages/received/1min", @"\d+(\.\d+)?")]
    [InlineData("$SYS/broker/retained messages/count", @"\d+")]
    [InlineData("$SYS/broker/subscriptions/count", @"\d+")]
    public async Task Well_known_values_have_their_form(string topic, string form)
    {
        await using var subscriber = await new Mosquitto(broker, "mqttv5").SubscribeAsync("%p", "-t", topic);

        (await subscriber.MessageAsync()).ShouldMatch($"^{form}$");
    }

    [Fact]
    public async Task A_filter_for_everything_leaves_it_out()
    {
        var clients = new Mosquitto(broker, "mqttv5");
        await using var subscriber = await clients.SubscribeAsync("%t", "-t", "#", "-t", "+/broker/#", "-q", "1");

        await clients.PublishAsync("-t", "ordinary", "-q", "1", "-m", "hello");

        (await subscriber.MessageAsync()).ShouldBe("ordinary");
    }
}

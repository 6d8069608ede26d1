namespace Broker.Tests.RealClients;

/// <summary>A Mosquitto broker that bridges to this one: what is published on either side arrives on the other.</summary>
public sealed class MosquittoBridgeTests(BrokerProcess broker) : IClassFixture<BrokerProcess>
{
    [Theory, InlineData("mqttv311"), InlineData("mqttv50")]
    public async Task Messages_cross_a_bridge_both_ways(string version)
    {
        var folder = Directory.CreateTempSubdirectory("broker-bridge-");
        var (port, name) = (FreePort.Next(), Mosquitto.NewName());
        var configuration = Path.Combine(folder.FullName, "mosquitto.conf");
        await File.WriteAllTextAsync(configuration, $"""
            listener {port} 127.0.0.1
            allow_anonymous true
            log_type all
            connection {name}
            address 127.0.0.1:{broker.Port}
            bridge_protocol_version {version}
            restart_timeout 1
            remote_clientid {name}
            topic {name}/# both 1

            """);
        await using var bridge = RunningProgram.Start("env", [$"PATH={Environment.GetEnvironmentVariable("PATH")}:/usr/sbin", "mosquitto", "-c", configuration]);
        var (here, there) = (new Mosquitto(broker, "mqttv5"), new Mosquitto(port, "mqttv5"));
        await bridge.LineAsync(line => line.Contains("Received SUBACK", StringComparison.Ordinal));
        await using var watcher = await here.SubscribeAsync("%p", "-t", $"$SYS/broker/connection/{name}/state", "-q", "1");
        (await watcher.MessageAsync()).ShouldBe("1");

        await using (var subscriber = await there.SubscribeAsync("%t %p %q", "-t", $"{name}/#", "-q", "2"))
        {
            await here.PublishAsync("-t", $"{name}/from/here", "-q", "1", "-m", "hello");
            (await subscriber.MessageAsync()).ShouldBe($"{name}/from/here hello 1");
        }

        await using (var subscriber = await here.SubscribeAsync("%t %p %q", "-t", $"{name}/#", "-q", "2"))
        {
            await there.PublishAsync("-t", $"{name}/from/there", "-q", "1", "-m", "hello");
            (await subscriber.MessageAsync()).ShouldBe($"{name}/from/there hello 1");
        }

        // Its will says that it is gone.
        bridge.Kill();
        (await watcher.MessageAsync()).ShouldBe("0");
        folder.Delete(recursive: true);
    }
}

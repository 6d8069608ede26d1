using System.Text.Json;
using Broker.Bench.Clients;
using Broker.Bench.Durable;
using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Bench;

/// <summary>The measuring tool itself: what it counts is what happened.</summary>
public sealed class DurableLoadTests(DurableLoadTests.ShortQueues broker) : IClassFixture<DurableLoadTests.ShortQueues>
{
    private const int Room = 2_000;

    private DurableOptions Options => new() { Target = new Target { Port = broker.Address.MqttPort }, Patience = TimeSpan.FromMilliseconds(200) };

    /// <summary>A broker whose queues hold little.</summary>
    public sealed class ShortQueues() : BrokerHost(("Mqtt:Limits:QueueMessages", $"{Room}"));

    [Theory]
    [InlineData(false, 1, 1, false)]
    [InlineData(false, 3, 1, true)]
    [InlineData(false, 2, 3, false)]
    [InlineData(true, 1, 1, false)]
    [InlineData(true, 3, 2, true)]
    public async Task It_counts_every_message_of_every_session(bool online, int sessions, int publishers, bool isVersion5)
    {
        var options = Options with { Online = online, Sessions = sessions, Publishers = publishers, Messages = 1_000, Inflight = 50, Patience = TimeSpan.FromSeconds(30) };
        var figures = await new DurableRun(isVersion5 ? options with { Target = options.Target with { Version = ProtocolVersion.V5 } } : options).ExecuteAsync();
        (figures["lost"], figures["repeated"], figures["refused"]).ShouldBe((0, 0, 0));
        if (!online) figures["present"].ShouldBe(sessions);
        figures["window"].ShouldBe(isVersion5 ? 32 : 50, "MQTT 5 has a Receive Maximum");
    }

    [Fact]
    public async Task What_does_not_come_is_lost()
    {
        var figures = await new DurableRun(Options with { Sessions = 2, Messages = Room + 100 }).ExecuteAsync();
        figures["lost"].ShouldBe(2 * 100);
    }

    [Fact]
    public async Task It_prints_each_run_and_the_medians()
    {
        var output = new StringWriter();
        (await DurableCommand.RunAsync(["--port", $"{broker.Address.MqttPort}", "--messages", "10", "--repeat", "3"], output)).ShouldBe(0);
        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        lines.Select(line => line.GetProperty("kind").GetString()).ShouldBe(["run", "run", "run", "median"]);
        var rates = lines.Select(line => line.GetProperty("acknowledgedPerSecond").GetDouble()).ToList();
        rates[3].ShouldBe(rates[..3].Order().ElementAt(1));
    }

    [Theory]
    [InlineData("there is no option --fast", "--fast", "1")]
    [InlineData("--sessions needs a value", "--sessions")]
    [InlineData("--inflight: '0' is no number from 1 to 65000", "--inflight", "0")]
    [InlineData("--version is 311 or 5", "--version", "4")]
    public void What_it_does_not_know_is_told(string told, params string[] arguments) =>
        Should.Throw<FormatException>(() => DurableOptions.Parse(arguments)).Message.ShouldBe(told);
}

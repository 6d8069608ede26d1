using Broker.Core.Diagnostics;
using Broker.Web.Components;
using Broker.Web.Components.Parts;

namespace Broker.Tests.Pages;

/// <summary>Numbers and addresses as the pages write them.</summary>
public sealed class FigureTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.0 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(1024 * 1024 * 12, "12 MiB")]
    [InlineData(long.MaxValue, "8192 PiB")]
    public void Bytes_take_three_digits_and_the_unit_that_fits(long bytes, string expected) => Bytes.Of(bytes).ShouldBe(expected);

    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, 10)]
    [InlineData(11, 20)]
    [InlineData(21, 50)]
    [InlineData(99, 100)]
    [InlineData(3_400_000, 5_000_000)]
    public void The_chart_ends_at_a_round_number(double rate, double ceiling) => RateChart.CeilingOf([new(1, rate), new(rate, 0)]).ShouldBe(ceiling);

    [Theory]
    [InlineData("mqtt://*:1883", "mqtt://broker.example:1883")]
    [InlineData("mqtt://0.0.0.0:1883", "mqtt://broker.example:1883")]
    [InlineData("http://[::]:8080", "http://broker.example:8080")]
    [InlineData("mqtt://localhost:1883", "mqtt://localhost:1883")]
    [InlineData("mqtt://[::1]:1883", "mqtt://[::1]:1883")]
    public void A_listener_on_every_address_is_named_as_the_page_was(string url, string expected) =>
        ListenerAddress.Reachable(url, new Uri("http://broker.example:8080/")).ShouldBe(expected);

    [Theory]
    [InlineData("http://localhost:8080/", "ws://localhost:8080/mqtt")]
    [InlineData("https://broker.example/", "wss://broker.example/mqtt")]
    [InlineData("https://broker.example/base/", "wss://broker.example/base/mqtt")]
    public void MQTT_over_WebSocket_is_where_the_page_is(string page, string expected) =>
        Snippets.WebSocketUrl(new Uri(page), "/mqtt").ShouldBe(expected);

    [Theory]
    [InlineData("mqtt://localhost:1883", "mosquitto_sub -h localhost -t 'sensors/#' -v")]
    [InlineData("mqtt://[::1]:1884", "mosquitto_sub -h ::1 -p 1884 -t 'sensors/#' -v")]
    [InlineData("mqtts://broker.example:8883", "mosquitto_sub -h broker.example -p 8883 --tls-use-os-certs -t 'sensors/#' -v")]
    public void The_line_for_a_shell_names_host_and_port(string mqtt, string expected) =>
        new Snippets(new Uri("http://localhost:8080/"), new Uri(mqtt), "/mqtt").Subscribe.ShouldBe(expected);

    [Fact]
    public void The_most_frequent_reason_for_drops_is_named() =>
        DropWords.MostOf([("expired", 2), ("slowreader", 5), ("queuefull", 0)]).ShouldBe("mostly slow readers");

    [Fact]
    public void Without_drops_nothing_was_lost() => DropWords.MostOf([("expired", 0)]).ShouldBe("nothing lost");

    [Fact]
    public void Every_reason_that_the_broker_counts_has_words() =>
        Enum.GetNames<DropReason>().Select(reason => reason.ToLowerInvariant())
            .Where(reason => reason != "expired" && DropWords.MostOf([(reason, 1)]) == $"mostly {reason}").ShouldBeEmpty();
}

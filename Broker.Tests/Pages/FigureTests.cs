using System.Text;
using Broker.Core.Diagnostics;
using Broker.Web.Components;
using Broker.Web.Components.Figures;
using Broker.Web.Components.Texts;
using Broker.Web.Operations.Status;

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
    [InlineData("plain/topic", "plain/topic")]
    [InlineData("<b>\"x\"</b>", "<b>\"x\"</b>")]
    [InlineData("a\u202eb", "a⟨U+202E⟩b")]
    [InlineData("a\nb\u0007", "a⟨U+000A⟩b⟨U+0007⟩")]
    [InlineData("\ufeff\u200b", "⟨U+FEFF⟩⟨U+200B⟩")]
    public void Nothing_hides_in_a_name_and_nothing_turns_the_reading_around(string name, string shown) => Shown.Of(name).ShouldBe(shown);

    [Fact]
    public void A_long_name_is_cut_between_characters() => Shown.Of("aaa😀b", 4).ShouldBe("aaa…");

    [Theory]
    [InlineData("21.5", PayloadFormat.Text, "21.5", "")]
    [InlineData("{\"a\":1.50,\"b\":[]}", PayloadFormat.Json, "{\n  \"a\": 1.50,\n  \"b\": []\n}", "")]
    [InlineData("{\"a\":", PayloadFormat.Json, "{\"a\":", "not JSON")]
    [InlineData("Hi", PayloadFormat.Hex, "000000  48 69                                            Hi\n", "")]
    public void A_payload_is_shown_as_it_is_wanted_or_as_it_can_be(string payload, PayloadFormat format, string text, string note) =>
        PayloadText.Of(Encoding.UTF8.GetBytes(payload), format).ShouldBe(new PayloadText(text, note, format == PayloadFormat.Hex));

    [Fact]
    public void A_payload_that_is_no_text_is_shown_as_hex() =>
        PayloadText.Of(new byte[] { 0xff, 0x00 }, PayloadFormat.Text).ShouldBe(new PayloadText("000000  ff 00                                            ··\n", "not UTF-8, shown as hex", true));

    [Theory]
    [InlineData(5, "5 s")]
    [InlineData(65, "1 min 5 s")]
    [InlineData(3700, "1 h 1 min")]
    [InlineData(100_000, "1 d 3 h")]
    [InlineData(4_294_967_295, "never")]
    public void Seconds_are_told_in_the_two_largest_units(long seconds, string words) => Times.Seconds(seconds).ShouldBe(words);

    [Fact]
    public void A_counter_is_charted_as_what_came_per_second_and_has_a_gap_where_it_began_anew()
    {
        var start = new DateTime(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc);
        double[] counted = [100, 130, 10, 40];
        var history = new StatisticsHistory(start, start.AddSeconds(30), 10,
        [
            new("$SYS/broker/publish/messages/received", [.. counted.Select((value, at) => new StatisticPoint(start.AddSeconds(10 * at), value))]),
            new("$SYS/broker/clients/connected", [new(start.AddSeconds(10), 7)]),
        ]);

        var columns = FigureHistory.Of(TimeSpan.FromMinutes(1), history).Columns;

        columns[1].ShouldBe([3, null, 3]);
        columns[2].ShouldBe([7, null, null]);
    }

    [Fact]
    public void The_overview_draws_a_sample_and_the_history_in_the_same_columns()
    {
        OverviewCharts.Names.Count.ShouldBe(OverviewCharts.Width - 1);
        OverviewCharts.Row(new Sample { Dropped = new double[Enum.GetValues<DropReason>().Length] }).Length.ShouldBe(OverviewCharts.Width);
    }

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

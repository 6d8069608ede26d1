using System.Reflection;
using Broker.Core;
using Broker.Core.Sessions;
using Broker.Web.Configuration;
using Microsoft.Extensions.Configuration;

namespace Broker.Tests.Listeners;

/// <summary>What may stand in the configuration, and what is said about the rest.</summary>
public sealed class ConfigurationTests
{
    [Fact]
    public void Nothing_configured_is_one_listener_on_localhost()
    {
        var settings = Load();
        settings.Listeners.ShouldHaveSingleItem().Url.ToString().ShouldBe("mqtt://localhost:1883");
        settings.WebSockets.ShouldSatisfyAllConditions(ws => ws.Path.ShouldBe("/mqtt"), ws => ws.AllowedOrigins.ShouldBeEmpty(), ws => ws.AllowAnonymous.ShouldBeNull());
        settings.Http.ShouldHaveSingleItem().ToString().ShouldBe("http://localhost:8080");
    }

    [Theory]
    [InlineData("mqtt://localhost", "mqtt://localhost:1883")]
    [InlineData("MQTT://0.0.0.0:1884/", "mqtt://0.0.0.0:1884")]
    [InlineData("mqtt://[::]:1883", "mqtt://[::]:1883")]
    [InlineData("mqtt://+:0", "mqtt://*:0")]
    [InlineData("mqtt://broker.example:65535", "mqtt://broker.example:65535")]
    public void An_address_is_read(string text, string shown) => Load(("Mqtt:Listeners:0:Url", text)).Listeners[0].Url.ToString().ShouldBe(shown);

    [Theory]
    [InlineData("localhost:1883", "mqtt://localhost:1883")]
    [InlineData("tcp://localhost:1883", "mqtt://localhost:1883")]
    [InlineData("ssl://localhost:8883", "mqtts://localhost:8883")]
    [InlineData("ws://localhost:8080/mqtt", "Kestrel:Endpoints:Http:Url")]
    [InlineData("mqtt://localhost:65536", "mqtt://")]
    [InlineData("mqtt://localhost:", "mqtt://")]
    [InlineData("mqtt://user@localhost", "mqtt://")]
    [InlineData("mqtt://localhost:1883/topic", "mqtt://")]
    [InlineData("mqtt://::1:1883", "mqtt://")]
    [InlineData("mqtt://", "mqtt://")]
    public void A_malformed_address_names_its_remedy(string text, string remedy)
    {
        var error = Errors(("Mqtt:Listeners:0:Url", text)).ShouldHaveSingleItem();
        error.Key.ShouldBe("Mqtt:Listeners:0:Url");
        error.Value.ShouldBe(text);
        error.Remedy.ShouldContain(remedy);
    }

    [Theory]
    [InlineData("Mqtt:Limit:KeepAlive", "Mqtt:Limits:KeepAlive")]
    [InlineData("Mqtt:Limits:ReciveMaximum", "Mqtt:Limits:ReceiveMaximum")]
    [InlineData("Mqtt:listener:3:url", "Mqtt:Listeners:3:Url")]
    [InlineData("Mqtt:Listeners:Url", "Mqtt:Listeners:0:Url")]
    [InlineData("Mqtt:Listeners", "Mqtt:Listeners:0:Url")]
    [InlineData("Mqtt:WebSocket:Path", "Mqtt:WebSockets:Path")]
    [InlineData("Storage:Provder", "Storage:Provider")]
    public void An_unknown_key_is_an_error_that_names_the_nearest(string key, string nearest) =>
        Errors((key, "1")).ShouldHaveSingleItem().ToString().ShouldBe($"{key} = \"1\": there is no such key. Did you mean {nearest}?");

    [Fact]
    public void A_key_that_is_near_to_none_is_still_an_error() => Errors(("Mqtt:Wibble", "1")).ShouldHaveSingleItem().Remedy.ShouldBe("Remove it");

    [Fact]
    public void What_others_put_into_the_environment_is_not_ours() => Load(("MQTT_HOST", "x"), ("Mqtt", "x"), ("Storage", "x"), ("MqttUrl", "x"));

    public static TheoryData<string> LimitNames() => [.. Properties(typeof(Limits)).Select(property => property.Name)];

    [Theory]
    [MemberData(nameof(LimitNames))]
    public void Every_limit_has_a_row_that_sets_it_and_bounds_it(string name)
    {
        var property = typeof(Limits).GetProperty(name)!;
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var isText = type == typeof(string);
        var text = type == typeof(bool) ? "false" : type == typeof(TimeSpan) ? "7 s" : type.IsEnum ? "1" : "5000";
        var expected = type == typeof(bool) ? (object)false : type == typeof(TimeSpan) ? TimeSpan.FromSeconds(7) : type.IsEnum ? Enum.ToObject(type, 1) : Convert.ChangeType(5000, type, null);
        property.GetValue(Load(($"Mqtt:Limits:{name}", text)).Broker.Limits).ShouldBe(expected);
        foreach (var wrong in isText ? [new string('x', 100_000)] : new[] { "-1", "12345678901234567890", "many" })
            Errors(($"Mqtt:Limits:{name}", wrong)).ShouldHaveSingleItem().Key.ShouldBe($"Mqtt:Limits:{name}");
    }

    [Fact]
    public void Every_key_of_the_tables_is_a_property_and_the_other_way_round()
    {
        LimitsTable.Limits.Select(row => row.Key).ShouldBe(Properties(typeof(Limits)).Select(property => property.Name), ignoreOrder: true);
        LimitsTable.Sys.Select(row => row.Key).ShouldBe(Properties(typeof(SysOptions)).Select(property => property.Name), ignoreOrder: true);
    }

    [Theory]
    [InlineData("500 ms", 0.5)]
    [InlineData("90", 90)]
    [InlineData("1.5s", 1.5)]
    [InlineData("2 min", 120)]
    [InlineData("00:01:30", 90)]
    [InlineData("1 h", 3600)]
    public void A_time_is_written_with_a_unit_or_in_seconds(string text, double seconds) =>
        Load(("Mqtt:Sys:Interval", text)).Broker.Sys.Interval.TotalSeconds.ShouldBe(seconds);

    [Theory]
    [InlineData("65536", 65_536)]
    [InlineData("64 KiB", 65_536)]
    [InlineData("1mib", 1_048_576)]
    [InlineData("2 MB", 2_000_000)]
    [InlineData("1_000_000", 1_000_000)]
    public void A_size_is_written_in_bytes_or_with_a_unit(string text, int bytes) => Load(("Mqtt:Limits:MaximumPacketSize", text)).Broker.Limits.MaximumPacketSize.ShouldBe(bytes);

    [Theory]
    [InlineData("mqtt://localhost:1883", "Mqtt:Listeners:1:Url", "mqtt://LOCALHOST")]
    [InlineData("mqtt://localhost:8080", "Kestrel:Endpoints:Http:Url", "http://localhost:8080")]
    public void The_same_address_twice_is_an_error(string first, string key, string second)
    {
        var error = Errors(("Mqtt:Listeners:0:Url", first), (key, second)).ShouldHaveSingleItem();
        (error.Key, error.Problem).ShouldBe((key, "Mqtt:Listeners:0:Url has the same address"));
    }

    [Theory]
    [InlineData("urls", "http://localhost:5000;https://*:5001", "http://localhost:5000 https://*:5001")]
    [InlineData("http_ports", "80;81", "http://*:80 http://*:81")]
    [InlineData("Kestrel:Endpoints:Https:Url", "https://localhost:8443", "https://localhost:8443")]
    public void Endpoints_that_are_named_replace_the_default(string key, string value, string shown) => string.Join(' ', Load((key, value)).Http).ShouldBe(shown);

    [Theory]
    [InlineData("urls", "localhost:5000", "urls")]
    [InlineData("Kestrel:Endpoints:Http:Url", "http://localhost:port", "Kestrel:Endpoints:Http:Url")]
    [InlineData("Kestrel:Endpoints:Http:Url", "ftp://localhost", "Kestrel:Endpoints:Http:Url")]
    [InlineData("Kestrel:Endpoints:Http:Protocols", "Http2", "Kestrel:Endpoints:Http:Url")]
    [InlineData("Mqtt:WebSockets:Path", "mqtt", "Mqtt:WebSockets:Path")]
    [InlineData("Mqtt:WebSockets:Path", "/{id}", "Mqtt:WebSockets:Path")]
    [InlineData("Mqtt:WebSockets:AllowedOrigins:0", "app.example", "Mqtt:WebSockets:AllowedOrigins:0")]
    [InlineData("Mqtt:WebSockets:AllowedOrigins:0", "https://app.example/page", "Mqtt:WebSockets:AllowedOrigins:0")]
    [InlineData("Mqtt:WebSockets:AllowAnonymous", "maybe", "Mqtt:WebSockets:AllowAnonymous")]
    [InlineData("Mqtt:Listeners:2:AllowAnonymous", "true", "Mqtt:Listeners:2:Url")]
    public void What_is_not_allowed_is_told_by_its_key(string key, string value, string told) => Errors((key, value)).ShouldHaveSingleItem().Key.ShouldBe(told);

    [Fact]
    public void All_errors_are_told_at_once() =>
        Errors(("Mqtt:Listeners:0:Url", "x"), ("Mqtt:Limits:KeepAlive", "x"), ("Mqtt:Limits:SendMaximum", "0"), ("Mqtt:Nonsense", "x"), ("Storage:Provider", "x"), ("urls", "x"))
            .Select(error => error.Key)
            .ShouldBe(["Mqtt:Listeners:0:Url", "Mqtt:Limits:KeepAlive", "Mqtt:Limits:SendMaximum", "Mqtt:Nonsense", "Storage:Provider", "urls"], ignoreOrder: true);

    [Fact]
    public void An_error_is_one_line_whatever_the_value_holds() => Errors(("Mqtt:Limits:KeepAlive", "a\nb\u001b[31m")).ShouldHaveSingleItem().ToString().Any(char.IsControl).ShouldBeFalse();

    [Fact]
    public void Edits_are_counted_whatever_the_case()
    {
        NearestKey.Distance("Kitten", "sitting").ShouldBe(3);
        NearestKey.Distance("", "abc").ShouldBe(3);
        NearestKey.Distance("ABC", "abc").ShouldBe(0);
    }

    private static IEnumerable<PropertyInfo> Properties(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance);

    internal static IReadOnlyList<ConfigurationError> Errors(params (string Key, string Value)[] keys) => Should.Throw<ConfigurationException>(() => Load(keys)).Errors;

    private static HostSettings Load(params (string Key, string Value)[] keys)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(keys.Select(pair => new KeyValuePair<string, string?>(pair.Key, pair.Value)));
        HttpEndpoints.AddDefaults(configuration);
        return SettingsLoader.Load(configuration, AppContext.BaseDirectory);
    }
}

using Broker.Web.Configuration;
using Microsoft.Extensions.Configuration;

namespace Broker.Tests.Security.External;

/// <summary>What may stand below <c>Mqtt:Jwt</c> and <c>Mqtt:Hook</c>.</summary>
public sealed class ExternalSettingsTests : IDisposable
{
    private readonly KeyFile file = new(Issuer.P256.ExportSubjectPublicKeyInfoPem());

    public void Dispose() => file.Dispose();

    [Fact]
    public void A_file_of_keys_switches_tokens_on_and_keeps_out_who_shows_nothing()
    {
        var settings = Load(("Mqtt:Jwt:KeyFile", file.Path), ("Mqtt:Jwt:LongestLifetime", "1 h"));

        settings.Jwt.Keys!.Current.Count.ShouldBe(1);
        settings.Jwt.LongestLifetime.ShouldBe(TimeSpan.FromHours(1));
        settings.Listeners[0].AllowAnonymous.ShouldBe(false);
        settings.WebSockets.AllowAnonymous.ShouldBe(false);
    }

    [Fact]
    public void The_address_of_a_hook_switches_it_on() =>
        Load(("Mqtt:Hook:Url", "https://auth.example.com/mqtt?x=1")).ShouldSatisfyAllConditions(
            settings => settings.AsksOthers.ShouldBeTrue(), settings => settings.Listeners[0].AllowAnonymous.ShouldBe(false));

    [Fact]
    public void Nothing_configured_asks_nobody() => Load().ShouldSatisfyAllConditions(settings => settings.AsksOthers.ShouldBeFalse(), settings => settings.Listeners[0].AllowAnonymous.ShouldBeNull());

    [Theory]
    [InlineData("Mqtt:Jwt:KeyFile", "no-such-file", "Mqtt:Jwt:KeyFile", "there is no file")]
    [InlineData("Mqtt:Jwt:KeyFile", "LICENSE", "Mqtt:Jwt:KeyFile", "no public key")]
    [InlineData("Mqtt:Jwt:SecretFile", "no-such-file", "Mqtt:Jwt:SecretFile", "there is no file")]
    [InlineData("Mqtt:Jwt:Issuer", "x", "Mqtt:Jwt:KeyFile", "without a key")]
    [InlineData("Mqtt:Hook:Secret", "5s", "Mqtt:Hook:Url", "no address")]
    [InlineData("Mqtt:Hook:Url", "auth.example.com", "Mqtt:Hook:Url", "allowed is http")]
    [InlineData("Mqtt:Hook:Url", "ftp://auth.example.com", "Mqtt:Hook:Url", "allowed is http")]
    [InlineData("Mqtt:Hook:Url", "https://name:word@auth.example.com/", "Mqtt:Hook:Url", "without a name, password")]
    public void What_is_not_allowed_is_told_by_its_key(string key, string value, string told, string problem)
    {
        var error = Errors((key, value)).ShouldHaveSingleItem();
        error.Key.ShouldBe(told);
        error.Problem.ShouldContain(problem);
    }

    [Fact]
    public void Two_files_of_keys_are_one_too_many() => Errors(("Mqtt:Jwt:KeyFile", file.Path), ("Mqtt:Jwt:SecretFile", file.Path)).ShouldHaveSingleItem().Key.ShouldBe("Mqtt:Jwt:SecretFile");

    [Fact]
    public void A_secret_that_is_refused_is_not_shown() =>
        Errors(("Mqtt:Hook:Url", "https://a.example/"), ("Mqtt:Hook:Secret", "open sesame")).ShouldHaveSingleItem().ToString().ShouldNotContain("sesame");

    private static HostSettings Load(params (string Key, string Value)[] values)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(values.ToDictionary(pair => pair.Key, pair => (string?)pair.Value));
        HttpEndpoints.AddDefaults(configuration);
        return SettingsLoader.Load(configuration, Rules.Repository.Root);
    }

    private static IReadOnlyList<ConfigurationError> Errors(params (string Key, string Value)[] values) => Should.Throw<ConfigurationException>(() => Load(values)).Errors;
}

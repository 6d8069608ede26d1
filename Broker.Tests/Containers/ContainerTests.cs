using System.Text.RegularExpressions;
using Broker.Tests.Rules;
using Broker.Web.Commands;
using Broker.Web.Configuration;
using Microsoft.Extensions.Configuration;

namespace Broker.Tests.Containers;

/// <summary>What can be seen of the container files without an engine that runs them.</summary>
public sealed partial class ContainerTests
{
    private static readonly string Dockerfile = Repository.Read("Dockerfile").Text.Replace("\\\n", " ", StringComparison.Ordinal);

    // The environment that the image gives the broker.
    private static IEnumerable<KeyValuePair<string, string?>> Settings =>
        Variable().Matches(LastOf("ENV")).Select(match => new KeyValuePair<string, string?>(match.Groups["name"].Value, match.Groups["value"].Value.Trim('"')));

    [Fact]
    public async Task Compose_accepts_the_file_which_needs_nothing_made_by_hand_and_is_open_to_this_machine_alone()
    {
        var compose = await ComposeFile.ReadAsync();

        compose.PublishedToAll().ShouldBeEmpty();
        compose.MountedFromTheMachine().ShouldBeEmpty();
        compose.Ports("broker").ShouldBe(["127.0.0.1:1883:1883", "127.0.0.1:8080:8080"]);
        compose.Ports("database").ShouldBeEmpty();
        compose.Images.SelectMany(NotPinned).ShouldBeEmpty();
        compose.Environment("database").Keys.ShouldNotContain("POSTGRES_PASSWORD");
        Refused(Settings.Concat(compose.Environment("broker"))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("\"1883:1883/tcp\"")]
    [InlineData("\"0.0.0.0:1883:1883/tcp\"")]
    [InlineData("{\"mode\":\"ingress\",\"target\":1883,\"published\":\"1883\",\"protocol\":\"tcp\"}")]
    public void A_port_that_is_published_to_all_is_found(string port) =>
        ComposeFile.Parse("""{"services":{"broker":{"ports":["127.0.0.1:1:1/tcp",""" + port + "]}}}").PublishedToAll().ShouldHaveSingleItem();

    [Theory]
    [InlineData("\"/etc/broker.pem:/broker.pem:rw\"")]
    [InlineData("{\"type\":\"bind\",\"source\":\"./secret\",\"target\":\"/secret\"}")]
    public void A_file_that_must_be_made_by_hand_is_found(string volume) =>
        ComposeFile.Parse("""{"services":{"broker":{"volumes":["database:/data:rw",""" + volume + "]}}}").MountedFromTheMachine().ShouldHaveSingleItem();

    [Fact]
    public void The_image_is_built_on_pinned_images_from_files_that_are_there()
    {
        var stages = From().Matches(Dockerfile).Select(match => match.Groups["image"].Value).ToArray();
        var sources = Copied().Matches(Dockerfile).SelectMany(match => match.Groups["paths"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..^1]).ToArray();

        stages.Length.ShouldBeGreaterThan(1);
        stages.SelectMany(NotPinned).ShouldBeEmpty();
        sources.ShouldNotBeEmpty();
        sources.Where(source => !Repository.Paths.Any(path => source.EndsWith('/') ? path.StartsWith(source, StringComparison.Ordinal) : path == source)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("postgres:latest")]
    [InlineData("postgres:17")]
    [InlineData("mcr.microsoft.com/dotnet/aspnet:10.0-noble")]
    public void An_image_that_is_another_one_tomorrow_is_found(string image) => NotPinned(image).ShouldBe([image]);

    [Fact]
    public void The_image_runs_as_nobody_in_particular_and_is_checked_by_a_command_that_there_is()
    {
        LastOf("USER").ShouldBe("$APP_UID");
        LastOf("HEALTHCHECK").ShouldEndWith("""CMD ["dotnet", "Broker.Web.dll", "health"]""");
        CommandLine.Command(["health"]).ShouldNotBeNull();
    }

    [Fact]
    public void The_broker_takes_the_settings_of_the_image()
    {
        Settings.ShouldContain(pair => pair.Key == "Mqtt__Listeners__0__Url");
        Refused(Settings).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Mqtt__Listener__0__Url", "mqtt://*")]
    [InlineData("Storage__Provider", "PostgreSql")]
    public void A_setting_that_the_broker_refuses_is_found(string name, string value) => Refused(Settings.Append(new(name, value))).ShouldNotBeEmpty();

    private static IEnumerable<string> NotPinned(string image) => Pinned().IsMatch(image) ? [] : [image];

    private static IReadOnlyList<ConfigurationError> Refused(IEnumerable<KeyValuePair<string, string?>> environment)
    {
        var configuration = new ConfigurationManager();
        foreach (var (name, value) in environment) configuration[name.Replace("__", ":", StringComparison.Ordinal)] = value;
        HttpEndpoints.AddDefaults(configuration);
        try
        {
            SettingsLoader.Load(configuration, Repository.Root);
            return [];
        }
        catch (ConfigurationException refused)
        {
            return refused.Errors;
        }
    }

    private static string LastOf(string instruction) => Dockerfile.Split('\n').Last(line => line.StartsWith(instruction + " ", StringComparison.Ordinal))[(instruction.Length + 1)..].Trim();

    [GeneratedRegex(@"^FROM (?<image>\S+)", RegexOptions.Multiline)]
    private static partial Regex From();

    [GeneratedRegex(@"^COPY (?!--from)(?<paths>.+)$", RegexOptions.Multiline)]
    private static partial Regex Copied();

    [GeneratedRegex(@"(?<name>\w+)=(?<value>""[^""]*""|\S+)")]
    private static partial Regex Variable();

    // PostgreSQL counts 17.9, the others 10.0.11.
    [GeneratedRegex(@"^(postgres:\d+\.\d+|.+:\d+\.\d+\.\d+)(-[\w.-]+)?$")]
    private static partial Regex Pinned();
}

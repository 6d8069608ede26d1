using Broker.Tests.RealClients;
using Broker.Web.Commands;

namespace Broker.Tests.Commands;

/// <summary>What the command line understands, and what it says of the rest.</summary>
public sealed class CommandLineTests
{
    private static readonly string Host = typeof(CommandLine).Assembly.Location;

    [Theory]
    [InlineData("healht", "error: healht: there is no such command. Did you mean health?")]
    [InlineData("start", "error: start: there is no such command. A setting is written like --Mqtt:Limits:ReceiveMaximum=64; help tells the commands.")]
    [InlineData("--Mqt:Sys:Interval=5", "error: --Mqt:Sys:Interval=5: there is no such setting. Did you mean Mqtt?")]
    public async Task What_is_neither_a_command_nor_a_setting_is_told_and_nothing_runs(string argument, string line)
    {
        await using var program = RunningProgram.Start("dotnet", [Host, argument]);
        (await program.ExitCodeAsync()).ShouldBe(1, program.Transcript);
        Lines(program).ShouldBe([line]);
    }

    [Theory]
    [InlineData("help")]
    [InlineData("--help")]
    public async Task Help_tells_every_command(string argument)
    {
        await using var program = RunningProgram.Start("dotnet", [Host, argument]);
        await program.SucceedsAsync();
        foreach (var command in new[] { "runs the broker", "health", "version", "help" }) program.Transcript.ShouldContain(command);
    }

    [Fact]
    public async Task Version_tells_the_version()
    {
        await using var program = RunningProgram.Start("dotnet", [Host, "version"]);
        await program.SucceedsAsync();
        Lines(program).ShouldHaveSingleItem().ShouldMatch(@"^Broker \d+\.\d+\.\d+");
    }

    [Theory]
    [InlineData("--Mqtt:Limits:ReceiveMaximum=64")]
    [InlineData("--Mqtt:Limits:ReceiveMaximum", "64")]
    [InlineData("/Mqtt:Limits:ReceiveMaximum=64")]
    [InlineData("/urls", "http://localhost:8080")]
    [InlineData("Mqtt:Sys:Interval=5", "--storage:provider=Memory")]
    [InlineData("--contentRoot", "/srv/broker", "--environment=Development", "--Logging:LogLevel:Default=Debug")]
    [InlineData("--Mqtt:Users:0:Password=a=b")]
    public void What_the_configuration_understands_is_no_mistake(params string[] args) => Arguments.Mistakes(args, [], []).ShouldBeEmpty();

    [Theory]
    [InlineData("there is no such option", "-v")]
    [InlineData("it has no value", "--Mqtt:Sys:Interval")]
    [InlineData("it has no value", "--Mqtt:Sys:Interval", "--urls=http://localhost:8080")]
    [InlineData("this is no setting", "--Mqtt:Sys:Interval", "5", "10")]
    [InlineData("there is no such setting", "--Strage:Provider=Memory")]
    [InlineData("there is no such setting", "--url=http://localhost:8080")]
    public void What_the_configuration_would_pass_over_is_a_mistake(string told, params string[] args) =>
        Arguments.Mistakes(args, [], []).ShouldHaveSingleItem().ShouldContain(told);

    [Fact]
    public void A_command_behind_a_setting_is_told_where_it_belongs() =>
        Arguments.Mistakes(["--Mqtt:Sys:Interval=5", "health"], ["health"], []).ShouldBe(["health: a command stands before all settings."]);

    [Fact]
    public void Every_mistake_is_told_at_once() => Arguments.Mistakes(["-v", "--Mqt:A=1", "now"], [], []).Count.ShouldBe(3);

    private static string[] Lines(RunningProgram program) => program.Transcript.Split('\n')[1..];
}

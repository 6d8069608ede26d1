using Broker.Bench;
using Broker.Bench.Idle;
using Broker.Tests.RealClients;

namespace Broker.Tests.Bench;

/// <summary>What the measuring program understands, and what it says to what it does not.</summary>
public sealed class CommandTests
{
    private static readonly string[] Names = ["micro", "slow-readers", "tls", "idle", "growth", "durable-load"];

    [Theory]
    [InlineData("there is no command fast", "fast")]
    [InlineData("say which ones: --filter '*' runs all, --list flat names them", "micro")]
    [InlineData("there is no option --fast", "slow-readers", "--fast")]
    [InlineData("--slow: 'many' is no number from 1 to 20000", "slow-readers", "--slow", "many")]
    [InlineData("--qos is 0 or 1", "slow-readers", "--qos", "2")]
    [InlineData("--seconds: '0' is no number of seconds from 0.1 to 600", "slow-readers", "--seconds", "0")]
    [InlineData("--ca is missing", "tls", "--port", "8883")]
    [InlineData("--ca needs a value", "tls", "--ca")]
    [InlineData("/nowhere.pem cannot be read: Could not find file '/nowhere.pem'.", "tls", "--ca", "/nowhere.pem")]
    [InlineData("--port: '70000' is no number from 1 to 65535", "idle", "--port", "70000")]
    [InlineData("--of is missing", "growth")]
    [InlineData("--of is connections or subscriptions or retained", "growth", "--process", "1", "--of", "speed")]
    [InlineData("--process is missing", "growth", "--of", "retained")]
    [InlineData("--steps: '' is no number from 1 to 10000000", "growth", "--process", "1", "--of", "retained", "--steps", "10,")]
    [InlineData("--steps: 5 pairs make at least 10 connections", "growth", "--process", "1", "--of", "connections", "--steps", "10,9")]
    [InlineData("--process: there is no process 2147483647", "growth", "--process", "2147483647", "--of", "retained")]
    [InlineData("--version is 311 or 5", "durable-load", "--version", "4")]
    public async Task What_it_does_not_understand_is_told_with_what_it_does(string told, params string[] words)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        (await CommandLine.RunAsync(words, output, errors)).ShouldBe(2);
        errors.ToString().ShouldStartWith($"error: {told}\n");
        errors.ToString().ShouldContain(Names.Contains(words[0]) ? $"\n{words[0]} " : "\nslow-readers ");
        output.ToString().ShouldBeEmpty();
    }

    [Fact]
    public async Task Help_names_every_command()
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        (await CommandLine.RunAsync(["help"], output, errors)).ShouldBe(0);
        foreach (string name in Names) output.ToString().ShouldContain($"\n{name} ");
        (await CommandLine.RunAsync([], output, errors)).ShouldBe(2);
        errors.ToString().ShouldBe(output.ToString());
    }

    [Theory]
    [InlineData("slow-readers")]
    [InlineData("idle", "--connections", "1")]
    [InlineData("growth", "--of", "retained", "--process", "0")]
    [InlineData("durable-load")]
    public async Task A_broker_that_is_not_there_is_told(params string[] words)
    {
        var errors = new StringWriter();
        string[] known = [.. words.Select(word => word == "0" ? $"{Environment.ProcessId}" : word)];
        (await CommandLine.RunAsync([.. known, "--port", $"{FreePort.Next()}"], new StringWriter(), errors)).ShouldBe(1);
        errors.ToString().ShouldStartWith("error: Connection refused");
    }

    [Fact]
    public void Who_may_not_have_so_many_connections_is_told_what_to_raise()
    {
        const string Limits = "Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 20000                files\n";
        Should.Throw<FormatException>(() => OpenFiles.Require(1_000, Limits, "the broker")).Message
            .ShouldStartWith("the broker may have 1024 files and sockets open, and 1000 connections need 1200: run 'ulimit -n 1200' in the shell that starts it");
        OpenFiles.Require(800, Limits, "the broker");
        OpenFiles.Require(1_000, Limits.Replace("1024", "unlimited", StringComparison.Ordinal), "the broker");
        OpenFiles.Require(1_000, "", "a broker on a system that does not say");
    }
}

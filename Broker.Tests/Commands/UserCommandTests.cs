using Broker.Tests.RealClients;
using Broker.Web.Commands;

namespace Broker.Tests.Commands;

/// <summary>Users and tokens on the command line, on a store that no broker has opened yet.</summary>
public sealed class UserCommandTests : IDisposable
{
    private static readonly string Host = typeof(CommandLine).Assembly.Location;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("broker-command-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Users_and_tokens_are_added_listed_and_taken_away()
    {
        (await RunAsync(0, "user", "add", "anna", "--groups=b,a", $"--password-file={Write("password", "a password that is long enough\n")}")).ShouldBe(["The user anna was added."]);
        (await RunAsync(1, "user", "add", "anna", "--no-password")).ShouldBe(["error: there is a user anna already"]);
        (await RunAsync(0, "user", "import", Write("passwords", "berta:$7$101$C2oSv5TAdOM70R8+$3NbkiwDvVPsqVEgZZn0FpidtKZ59JvMdDOe/RsJC4h0tFYlGNKA21s6U7MSMUTAxlqliONBwvz6nsxVN/Raw1A==\n"))).ShouldBe(["1 users were added."]);
        (await RunAsync(0, "user", "list")).ShouldBe(["anna\ta,b\t", "berta\t\t"]);
        var made = await RunAsync(0, "token", "add", "anna", "--name", "kitchen", "--expires=30d");
        string token = made.Single(line => line.StartsWith("brt_", StringComparison.Ordinal));
        (await RunAsync(0, "token", "revoke", token.Substring(4, 8))).ShouldHaveSingleItem().ShouldEndWith("was revoked.");
        (await RunAsync(0, "token", "list", "--user=anna")).ShouldHaveSingleItem().ShouldContain("\tanna\tkitchen\trevoked ");
        (await RunAsync(1, "user", "remove", "clara")).ShouldBe(["error: there is no user clara"]);
    }

    [Fact]
    public async Task A_store_in_memory_is_refused()
    {
        await using var program = RunningProgram.Start("dotnet", [Host, "user", "list", "--Storage:Provider=Memory"]);
        (await program.ExitCodeAsync()).ShouldBe(1);
        program.Transcript.ShouldContain("Storage:Provider is Memory");
    }

    [Theory]
    [InlineData("NAME is missing")]
    [InlineData("NAME is missing", "--groups=a")]
    [InlineData("--groups: it has no value", "anna", "--groups")]
    [InlineData("there is no such setting", "anna", "--gruops=a")]
    [InlineData("this is no setting", "anna", "berta")]
    public void What_is_not_understood_is_told(string told, params string[] args) =>
        new CommandArguments(args, ["NAME"], "groups", "no-password!").Mistakes.ShouldHaveSingleItem().ShouldContain(told);

    [Fact]
    public void Options_and_settings_are_told_apart()
    {
        var arguments = new CommandArguments(["anna", "--no-password", "--groups", "a, b", "--Storage:Provider=Sqlite"], ["NAME"], "groups", "no-password!");
        arguments.Mistakes.ShouldBeEmpty();
        arguments.Words.ShouldBe(["anna"]);
        arguments.Flag("no-password").ShouldBe(true);
        arguments.List("groups").ShouldBe(["a", "b"]);
        arguments.Settings.ShouldBe(["--Storage:Provider=Sqlite"]);
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private async Task<string[]> RunAsync(int exitCode, params string[] args)
    {
        await using var program = RunningProgram.Start("dotnet", [Host, .. args, $"--ConnectionStrings:Broker=Data Source={Path.Combine(folder.FullName, "broker.db")}"]);
        (await program.ExitCodeAsync()).ShouldBe(exitCode, program.Transcript);
        return [.. program.Transcript.Split('\n').Skip(1)];
    }
}

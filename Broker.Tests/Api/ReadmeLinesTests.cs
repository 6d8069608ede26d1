using System.Text.RegularExpressions;
using Broker.Tests.RealClients;
using Broker.Tests.Rules;
using Broker.Tests.Testing;
using Broker.Web.Security;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Api;

/// <summary>The lines for a shell that the README shows for the REST API do what it says.</summary>
public sealed partial class ReadmeLinesTests(AdministeredHost host) : IClassFixture<AdministeredHost>
{
    [Fact]
    public async Task The_lines_of_the_README_work_as_they_stand()
    {
        await host.AdministratorAsync();
        string readme = Repository.Read("README.md").Text;
        string lines = Block().Match(readme[readme.IndexOf("## REST API", StringComparison.Ordinal)..]).Groups["lines"].Value;
        lines.Split('\n').Count(line => line.Contains("curl ", StringComparison.Ordinal)).ShouldBeGreaterThan(5);
        string script = lines.Replace("http://localhost:8080", $"http://127.0.0.1:{host.Address.HttpPort}", StringComparison.Ordinal)
            .Replace("…", AdministeredHost.Password, StringComparison.Ordinal);

        await using var shell = RunningProgram.Start("bash", ["-euc", script]);
        (await shell.ExitCodeAsync()).ShouldBe(0, shell.Transcript);
        shell.Transcript.ShouldContain("matchedSubscribers");
        shell.Transcript.ShouldContain("event: alive");
        shell.Transcript.ShouldContain("mqtt_broker_clients_connected");
    }

    [GeneratedRegex(@"```sh\n(?<lines>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}

/// <summary>A host with an administrator.</summary>
public sealed class AdministeredHost() : BrokerHost(("Admin:Password", Password))
{
    /// <summary>The password.</summary>
    public const string Password = "correct-horse-battery";

    /// <summary>Comes back when the administrator is there: the broker makes it once it is ready.</summary>
    public async Task AdministratorAsync()
    {
        var credentials = Services.GetRequiredService<Credentials>();
        var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Told()
        {
            if (credentials.Administrators.Any()) made.TrySetResult();
        }
        credentials.Changed += Told;
        Told();
        await made.Task.WaitAsync(TimeSpan.FromSeconds(30));
        credentials.Changed -= Told;
    }
}

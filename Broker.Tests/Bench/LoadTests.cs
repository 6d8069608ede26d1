using System.Text.Json;
using Broker.Bench;
using Broker.Bench.Clients;
using Broker.Bench.Idle;
using Broker.Tests.Listeners;
using Broker.Tests.RealClients;
using Broker.Tests.Testing;
using Broker.Web.Listeners;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Bench;

/// <summary>Each load runs for a moment against a real broker, and loses nothing. How fast it was is not looked at.</summary>
public sealed class LoadTests(LoadTests.TlsHost broker) : IClassFixture<LoadTests.TlsHost>
{
    private static readonly string[] Briefly = ["--warm-up", "0", "--seconds", "0.2"];

    /// <summary>A broker that listens for TLS too.</summary>
    public sealed class TlsHost : BrokerHost
    {
        private readonly Certificates files;

        public TlsHost() : this(new Certificates())
        {
        }

        private TlsHost(Certificates files)
            : base(
                ("Mqtt:Listeners:1:Url", "mqtts://127.0.0.1:0"),
                ("Mqtt:Listeners:1:Certificate:Path", files.Chain),
                ("Mqtt:Listeners:1:Certificate:KeyPath", files.Key))
        {
            this.files = files;
            Authority = files.PathOf("root.pem");
            File.WriteAllText(Authority, files.Root.ExportCertificatePem());
        }

        /// <summary>What must be trusted.</summary>
        public string Authority { get; }

        /// <summary>The port for TLS.</summary>
        public int TlsPort => Services.GetRequiredService<BoundListeners>().EndPoints[1].Port;

        public override async Task DisposeAsync()
        {
            await base.DisposeAsync();
            files.Dispose();
        }
    }

    /// <summary>Tells when the first line is there.</summary>
    private sealed class Lines : StringWriter
    {
        private readonly TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task First => first.Task;

        public override async Task WriteLineAsync(string? value)
        {
            await base.WriteLineAsync(value);
            first.TrySetResult();
        }
    }

    [Theory]
    [InlineData("311", "0")]
    [InlineData("5", "1")]
    public async Task Slow_readers_beside_good_pairs(string version, string qos)
    {
        var line = (await RunAsync("slow-readers", "--slow", "3", "--fill", "64", "--pairs", "2", "--version", version, "--qos", qos)).ShouldHaveSingleItem();
        Count(line, "slow", "pairs", "lost").ShouldBe([3, 2, 0]);
        Names(line).ShouldContain("withoutPerSecond");
        Names(line).ShouldContain("withPerSecond");
        Names(line).ShouldContain("ratio");
    }

    [Fact]
    public async Task Pairs_and_connections_over_TLS()
    {
        var lines = await RunAsync(broker.TlsPort, "tls", "--ca", broker.Authority, "--pairs", "2", "--connecting", "2");
        lines.Select(line => line.GetProperty("kind").GetString()).ShouldBe(["tls-pairs", "tls-connections"]);
        Count(lines[0], "qos", "lost").ShouldBe([1, 0]);
        Names(lines[1]).ShouldContain("connectionsPerSecond");
    }

    [Fact]
    public async Task A_certificate_of_somebody_else_is_not_trusted()
    {
        using var others = new Certificates();
        string authority = others.PathOf("root.pem");
        await File.WriteAllTextAsync(authority, others.Root.ExportCertificatePem());
        var errors = new StringWriter();
        (await CommandLine.RunAsync(["tls", "--ca", authority, "--port", $"{broker.TlsPort}"], new StringWriter(), errors)).ShouldBe(1);
        errors.ToString().ShouldContain("certificate");
    }

    [Theory]
    [InlineData("connections", "4,7")]
    [InlineData("subscriptions", "2,205")]
    [InlineData("retained", "1,1500")]
    public async Task Growth(string of, string steps)
    {
        var lines = await RunAsync("growth", "--of", of, "--steps", steps, "--pairs", "2", "--process", $"{Environment.ProcessId}");
        lines.Select(line => Count(line, "count", "lost")).ShouldBe([.. steps.Split(',').Select(step => (int[])[int.Parse(step), 0])]);
        foreach (var line in lines) Names(line).ShouldContain("deliveredPerCpuSecond");
    }

    [Fact]
    public async Task Idle_connections_are_held()
    {
        var lines = await RunIdleAsync("--connections", "20", "--hold", "0", "--process", $"{Environment.ProcessId}");
        lines.Select(line => line.GetProperty("kind").GetString()).ShouldBe(["connected", "held"]);
        Count(lines[0], "connections").ShouldBe([20]);
        Count(lines[1], "lost").ShouldBe([0]);
        Names(lines[0]).ShouldContain("kibibytesPerConnection");
    }

    [Fact]
    public async Task Idle_connections_come_back_when_the_broker_does()
    {
        int port = FreePort.Next();
        var output = new Lines();
        Task<int> run;
        using (new PretendedBroker(port, knowsSessions: false))
        {
            run = CommandLine.RunAsync(["idle", "--port", $"{port}", "--connections", "20", "--opening", "3", "--restart", "--persistent"], output, output);
            await Task.WhenAny(run, output.First);
        }
        using var again = new PretendedBroker(port, knowsSessions: true);
        (await run).ShouldBe(0, output.ToString());
        Count(Parse(output)[1], "connections", "sessionsPresent").ShouldBe([20, 20]);
    }

    [Fact]
    public async Task A_connection_beyond_the_ports_of_an_address_comes_from_another_one()
    {
        var options = new IdleOptions { Target = new Target { Port = broker.Address.MqttPort } };
        using var connection = new IdleConnection(options, "from elsewhere", 45_000);
        await connection.OpenAsync(CancellationToken.None);
        connection.Source!.Address.ToString().ShouldBe("127.0.0.3");
    }

    private Task<List<JsonElement>> RunAsync(params string[] words) => RunAsync(broker.Address.MqttPort, words);

    private static Task<List<JsonElement>> RunAsync(int port, params string[] words) => ExecuteAsync(port, [.. words, .. Briefly]);

    private Task<List<JsonElement>> RunIdleAsync(params string[] words) => ExecuteAsync(broker.Address.MqttPort, ["idle", .. words]);

    private static async Task<List<JsonElement>> ExecuteAsync(int port, string[] words)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        (await CommandLine.RunAsync([.. words, "--port", $"{port}"], output, errors)).ShouldBe(0, errors.ToString());
        return Parse(output);
    }

    private static List<JsonElement> Parse(StringWriter output) =>
        [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    private static int[] Count(JsonElement line, params string[] names) => [.. names.Select(name => line.GetProperty(name).GetInt32())];

    private static List<string> Names(JsonElement line) => [.. line.EnumerateObject().Select(field => field.Name)];
}

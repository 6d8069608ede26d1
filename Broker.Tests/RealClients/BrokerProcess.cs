using System.Net;
using System.Net.Sockets;
using Broker.Tests.Listeners;

namespace Broker.Tests.RealClients;

/// <summary>
/// The real host in a process of its own, on free ports of 127.0.0.1: MQTT, MQTT over TLS, HTTP and HTTPS. It is ready when it says so at
/// <c>/health/ready</c>, and it must end with exit code 0 when asked to.
/// </summary>
public sealed class BrokerProcess : IAsyncLifetime
{
    private const int Attempts = 3;
    private readonly Certificates certificates = new();
    private RunningProgram? host;

    /// <summary>The port for MQTT over TCP.</summary>
    public int Port { get; private set; }

    /// <summary>The port for MQTT over TLS.</summary>
    public int TlsPort { get; private set; }

    /// <summary>The port for HTTP and MQTT over WebSocket.</summary>
    public int HttpPort { get; private set; }

    /// <summary>The port for HTTPS and MQTT over WebSocket and TLS.</summary>
    public int HttpsPort { get; private set; }

    /// <summary>The file that a client must trust for TLS.</summary>
    public string CertificatePath { get; private set; } = "";

    /// <summary>How many files and connections the system lets the host have, if it is to be less than this process may have.</summary>
    public int? OpenFiles { get; init; }

    /// <summary>Its process.</summary>
    public int Id => host!.Id;

    /// <summary>How many descriptors the host has open.</summary>
    public int Descriptors => Directory.GetFileSystemEntries($"/proc/{host!.Id}/fd").Length;

    /// <summary>What the host wrote up to now.</summary>
    public string Transcript => host?.Transcript ?? "";

    /// <summary>Waits until the host has written a line that <paramref name="isWanted"/>.</summary>
    public Task<string> LineAsync(Predicate<string> isWanted) => host!.LineAsync(isWanted);

    /// <inheritdoc/>
    public Task InitializeAsync() => StartAsync();

    /// <summary>Starts the host, with further settings such as <c>--Mqtt:Limits:ReceiveMaximum=5</c>, and waits until it is ready.</summary>
    public async Task StartAsync(params string[] settings)
    {
        CertificatePath = certificates.PathOf("root.pem");
        await File.WriteAllTextAsync(CertificatePath, certificates.Root.ExportCertificatePem());
        for (int attempt = 1; ; attempt++)
        {
            (Port, TlsPort, HttpPort, HttpsPort) = (FreePort.Next(), FreePort.Next(), FreePort.Next(), FreePort.Next());
            host = Launch(OpenFiles is { } files ? ["prlimit", $"--nofile={files}:{files}"] : [], [
                $"--Mqtt:Listeners:0:Url=mqtt://127.0.0.1:{Port}",
                $"--Mqtt:Listeners:1:Url=mqtts://127.0.0.1:{TlsPort}",
                $"--Mqtt:Listeners:1:Certificate:Path={certificates.Chain}",
                $"--Mqtt:Listeners:1:Certificate:KeyPath={certificates.Key}",
                $"--Kestrel:Endpoints:Http:Url=http://127.0.0.1:{HttpPort}",
                $"--Kestrel:Endpoints:Https:Url=https://127.0.0.1:{HttpsPort}",
                $"--Kestrel:Endpoints:Https:Certificate:Path={certificates.Chain}",
                $"--Kestrel:Endpoints:Https:Certificate:KeyPath={certificates.Key}",
                .. settings]);
            if (await IsReadyAsync()) return;
            // Somebody else may have taken a port in the meantime.
            attempt.ShouldBeLessThan(Attempts, Transcript);
            await host.DisposeAsync();
        }
    }

    /// <summary>Starts the built host with nothing but these settings, and does not wait. It keeps nothing, unless they say what it is to keep.</summary>
    public static RunningProgram Launch(params string[] settings) => Launch([], settings);

    private static RunningProgram Launch(string[] under, string[] settings)
    {
        // The tests stand in Broker.Tests/bin/Release/net10.0; the host stands in the same folder of its own project.
        var folder = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory).Replace("Broker.Tests", "Broker.Web", StringComparison.Ordinal);
        string[] inMemory = settings.Any(setting => setting.StartsWith("--Storage:Provider", StringComparison.Ordinal)) ? [] : ["--Storage:Provider=Memory"];
        // A shell that runs the tests in its background lets them, and what they start, ignore Ctrl-C.
        return RunningProgram.Start("env", ["--default-signal=INT", .. under, "dotnet", Path.Combine(folder, "Broker.Web.dll"), .. inMemory, .. settings], folder);
    }

    /// <summary>Asks the host to end and checks that it does so as it should.</summary>
    public async Task StopAsync()
    {
        host!.SendTerminate();
        await host.SucceedsAsync();
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        try
        {
            if (host is { HasExited: false })
                await StopAsync();
        }
        finally
        {
            if (host is not null)
                await host.DisposeAsync();
            certificates.Dispose();
        }
    }

    // False if the host has ended instead.
    private async Task<bool> IsReadyAsync()
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{HttpPort}") };
        using var deadline = new CancellationTokenSource(RunningProgram.Patience);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!host!.HasExited)
        {
            if (await SaysReadyAsync(client)) return true;
            deadline.IsCancellationRequested.ShouldBeFalse(Transcript);
            await pause.WaitForNextTickAsync();
        }
        return false;
    }

    private static async Task<bool> SaysReadyAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync("/health/ready");
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException or IOException)
        {
            return false;
        }
    }
}

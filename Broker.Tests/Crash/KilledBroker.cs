using System.Diagnostics;
using System.Globalization;
using Broker.Core.Diagnostics;
using Broker.Tests.RealClients;

namespace Broker.Tests.Crash;

/// <summary>The host in a process of its own that will be killed. Its output goes into a file.</summary>
internal sealed class KilledBroker : IDisposable
{
    private readonly Process process;
    private readonly string pidFile, log;

    private KilledBroker(Process process, string directory)
    {
        this.process = process;
        pidFile = PidFileOf(directory);
        log = LogOf(directory);
    }

    /// <summary>The port for MQTT.</summary>
    public int Port { get; private init; }

    /// <summary>The port for HTTP.</summary>
    public int HttpPort { get; private init; }

    public int ProcessId => process.Id;

    public bool HasExited => process.HasExited;

    public int ExitCode => process.ExitCode;

    /// <summary>Starts it, and does not wait.</summary>
    /// <param name="directory">Where its log goes.</param>
    /// <param name="storage">Settings of its store.</param>
    /// <param name="failpoint">Where it is to kill itself, or null.</param>
    /// <param name="lies">Whether it is to acknowledge before it commits.</param>
    /// <param name="through">A program with its arguments that starts it, where it is not to run like any other.</param>
    public static KilledBroker Start(
        string directory, IEnumerable<string> storage, (Failpoint Moment, int Count)? failpoint = null, bool lies = false, params string[] through)
    {
        int port = FreePort.Next(), httpPort = FreePort.Next();
        string tests = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory), web = tests.Replace("Broker.Tests", "Broker.Web", StringComparison.Ordinal);
        string[] program = lies ? [Path.Combine(tests, "Broker.Tests.dll"), LyingBroker.Command] : [Path.Combine(web, "Broker.Web.dll")];
        // The shell puts the output into a file and becomes the program, so that its process is the one to kill. It writes down its number itself: whoever
        // starts it may be killed at any moment.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "echo $$ >\"$BROKER_PID\"; exec \"$@\" >>\"$BROKER_LOG\" 2>&1", "sh", .. through, "dotnet", .. program,
            $"--Mqtt:Listeners:0:Url=mqtt://127.0.0.1:{port}", $"--Kestrel:Endpoints:Http:Url=http://127.0.0.1:{httpPort}", "--Mqtt:Sys:Interval=00:10:00", .. storage])
        {
            WorkingDirectory = web,
        };
        start.Environment["BROKER_LOG"] = LogOf(directory);
        start.Environment["BROKER_PID"] = PidFileOf(directory);
        start.Environment["DOTNET_TieredPGO"] = "0"; // each life is short
        if (failpoint is { } at) start.Environment["BROKER_FAILPOINT"] = $"{at.Moment}:{at.Count}";
        return new KilledBroker(Process.Start(start)!, directory) { Port = port, HttpPort = httpPort };
    }

    /// <summary>The file with its output.</summary>
    public static string LogOf(string directory) => Path.Combine(directory, "broker.log");

    private static string PidFileOf(string directory) => Path.Combine(directory, "broker.pid");

    /// <summary>Kills what a harness that was killed itself has left running.</summary>
    public static void KillLeftover(string directory)
    {
        string file = PidFileOf(directory);
        if (!File.Exists(file)) return;
        if (!int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out int pid)) return; // it was killed before it wrote it
        string commandLine = $"/proc/{pid}/cmdline";
        if (!File.Exists(commandLine) || !File.ReadAllText(commandLine).Contains("Broker.", StringComparison.Ordinal)) return;
        using var leftover = Process.GetProcessById(pid);
        leftover.Kill();
        leftover.WaitForExit();
    }

    /// <summary>Waits until it says that it is ready, or that it is not.</summary>
    public async Task WaitUntilReadyAsync(bool isReady = true)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{HttpPort}") };
        using var deadline = new CancellationTokenSource(RunningProgram.Patience);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await pause.WaitForNextTickAsync(deadline.Token))
        {
            HasExited.ShouldBeFalse(File.ReadAllText(log));
            try
            {
                using var answer = await client.GetAsync("/health/ready", deadline.Token);
                if (answer.IsSuccessStatusCode == isReady) return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
        }
    }

    /// <summary>Ends it as a power cut would.</summary>
    public void Kill()
    {
        if (!process.HasExited) process.Kill();
        process.WaitForExit();
        File.Delete(pidFile);
    }

    /// <summary>Waits until it has ended by itself; false if it did not.</summary>
    public bool WaitForExit(TimeSpan patience) => process.WaitForExit(patience);

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        process.Dispose();
    }
}

using System.Diagnostics;
using System.Net.Sockets;
using Broker.Bench.Clients;

namespace Broker.Bench.Idle;

/// <summary><c>dotnet Broker.Bench.dll idle …</c>: what connections cost that do nothing, and how soon all are back after the broker was away.</summary>
internal static class IdleCommand
{
    public const string Name = "idle";

    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>Measures, prints a line of JSON once all are connected and one at the end, and gives back the exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> words, TextWriter output)
    {
        var options = IdleOptions.Parse(words);
        OpenFiles.Require(options.Connections, options.Process);
        using var process = new ProcessMeter(options.Process);
        using var connections = new IdleConnections(options);
        await ConnectAsync(options, connections, process, output);
        if (options.Restart) await ComeBackAsync(options, connections, output);
        else await HoldAsync(options, connections, process, output);
        connections.Leave();
        return 0;
    }

    private static async Task ConnectAsync(IdleOptions options, IdleConnections connections, ProcessMeter process, TextWriter output)
    {
        (double before, double cpu, long began) = (process.ResidentMebibytes, process.CpuSeconds, Stopwatch.GetTimestamp());
        await WithinAsync(options.Patience, "let all in", connections.OpenAsync);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds, after = process.ResidentMebibytes;
        await Json.WriteAsync(
            output,
            [
                ("kind", "connected"),
                ("version", options.Target.Version.ToString()),
                ("connections", options.Connections),
                ("persistent", options.Persistent),
                ("seconds", Math.Round(seconds, 2)),
                ("connectionsPerSecond", Math.Round(options.Connections / seconds)),
                .. process.IsThere
                    ? new (string, object)[]
                    {
                        ("cpuSeconds", Math.Round(process.CpuSeconds - cpu, 2)),
                        ("residentMebibytes", after),
                        ("kibibytesPerConnection", Math.Round((after - before) * 1024 / options.Connections, 2)),
                    }
                    : [],
            ]);
    }

    private static async Task HoldAsync(IdleOptions options, IdleConnections connections, ProcessMeter process, TextWriter output)
    {
        using var ending = new CancellationTokenSource();
        var lost = connections.Watch(ending.Token);
        double cpu = process.CpuSeconds;
        await Task.Delay(options.Hold, ending.Token);
        await Json.WriteAsync(
            output,
            [
                ("kind", "held"),
                ("seconds", options.Hold.TotalSeconds),
                ("lost", lost.Count(task => task.IsCompleted)),
                .. process.IsThere
                    ? new (string, object)[] { ("cpuSeconds", Math.Round(process.CpuSeconds - cpu, 2)), ("residentMebibytes", process.ResidentMebibytes) }
                    : [],
            ]);
    }

    private static async Task ComeBackAsync(IdleOptions options, IdleConnections connections, TextWriter output)
    {
        long gone = 0;
        await WithinAsync(
            options.Patience,
            "end",
            async cancellation =>
            {
                var lost = connections.Watch(cancellation);
                await Task.WhenAny(lost);
                gone = Stopwatch.GetTimestamp();
                await Task.WhenAll(lost);
            });
        await WithinAsync(options.Patience, "listen again", cancellation => ProbeAsync(options.Target, cancellation));
        long began = Stopwatch.GetTimestamp();
        await WithinAsync(options.Patience, "let all in again", connections.ReopenAsync);
        await Json.WriteAsync(
            output,
            [
                ("kind", "back"),
                ("connections", options.Connections),
                ("awaySeconds", Math.Round(Stopwatch.GetElapsedTime(gone, began).TotalSeconds, 2)),
                ("backSeconds", Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 2)),
                ("sessionsPresent", connections.Present),
                ("retries", connections.Retries),
            ]);
    }

    private static async Task ProbeAsync(Target target, CancellationToken cancellation)
    {
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(target.Host, target.Port, cancellation);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(ProbeEvery, cancellation);
            }
        }
    }

    private static async Task WithinAsync(TimeSpan patience, string deed, Func<CancellationToken, Task> work)
    {
        using var deadline = new CancellationTokenSource(patience);
        try
        {
            await work(deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new TimeoutException($"the broker did not {deed} within {patience.TotalSeconds} s");
        }
    }
}

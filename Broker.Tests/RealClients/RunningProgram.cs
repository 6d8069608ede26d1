using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Broker.Tests.RealClients;

/// <summary>
/// A program that a test started: its lines, standard output and error alike, are read as they come. Whoever waits for one waits for the line, and
/// the deadline only ends a test that would otherwise hang. Disposing kills what still runs.
/// </summary>
public sealed class RunningProgram : IAsyncDisposable
{
    /// <summary>How long anything may take before a test gives up; generous, as a busy machine is slow.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int Interrupt = 2, Terminate = 15;

    private readonly Process process;
    private readonly string name;
    private readonly Channel<string> lines = Channel.CreateUnbounded<string>();
    private readonly ConcurrentQueue<string> transcript = new();
    private int openStreams = 2;

    private RunningProgram(ProcessStartInfo start)
    {
        name = string.Join(' ', start.ArgumentList.Prepend(start.FileName));
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Whether the program has ended.</summary>
    public bool HasExited => process.HasExited;

    /// <summary>Its process id.</summary>
    public int Id => process.Id;

    /// <summary>All lines up to now, for the message of a failure.</summary>
    public string Transcript => $"{name}\n{string.Join('\n', transcript)}";

    /// <summary>Starts a program with an empty standard input.</summary>
    public static RunningProgram Start(string program, IEnumerable<string> arguments, string? folder = null) => new(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = folder ?? "",
    });

    /// <summary>Waits for the next line that <paramref name="isWanted"/>; lines before it are passed over.</summary>
    public async Task<string> LineAsync(Predicate<string> isWanted)
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            while (true)
            {
                var line = await lines.Reader.ReadAsync(deadline.Token);
                if (isWanted(line))
                    return line;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            throw new TimeoutException($"The line did not come ({(HasExited ? "the program has ended" : "the program still runs")}):\n{Transcript}", e);
        }
    }

    /// <summary>Waits for the program's end and answers its exit code.</summary>
    public async Task<int> ExitCodeAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return process.ExitCode;
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"The program did not end:\n{Transcript}", e);
        }
    }

    /// <summary>Waits for the program's end, which must be a success.</summary>
    public async Task SucceedsAsync() => (await ExitCodeAsync()).ShouldBe(0, Transcript);

    /// <summary>Ends the program as a power cut would: it cannot say goodbye.</summary>
    public void Kill() => process.Kill();

    /// <summary>Asks the program to end, as a service supervisor does.</summary>
    public void SendTerminate() => Signal(process.Id, Terminate).ShouldBe(0);

    /// <summary>Asks the program to end, as Ctrl-C does.</summary>
    public void SendInterrupt() => Signal(process.Id, Interrupt).ShouldBe(0);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is not null)
        {
            transcript.Enqueue(line);
            lines.Writer.TryWrite(line);
        }
        else if (Interlocked.Decrement(ref openStreams) == 0)
        {
            lines.Writer.TryComplete();
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);
}

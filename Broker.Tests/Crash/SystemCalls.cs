using System.Text.RegularExpressions;
using Broker.Tests.RealClients;

namespace Broker.Tests.Crash;

/// <summary>What <c>strace</c> saw of some processes: one line a system call, in the order in which calls ended, or began where another one came between.</summary>
internal sealed partial class SystemCalls
{
    private readonly string[] lines;

    private SystemCalls(string[] lines) => this.lines = lines;

    /// <summary>The text, for the message of a failure.</summary>
    public string Text => string.Join('\n', lines);

    /// <summary>Records what the processes do while <paramref name="during"/> runs.</summary>
    public static async Task<SystemCalls> RecordAsync(IReadOnlyCollection<int> processes, Func<Task> during)
    {
        string file = Path.GetTempFileName();
        await using var strace = RunningProgram.Start("strace",
            ["-f", "-y", "-s", "256", "-o", file, "-e", "trace=/(read|recv|write|send|fsync|fdatasync).*", .. processes.SelectMany(process => new[] { "-p", $"{process}" })]);
        foreach (int _ in processes) await strace.LineAsync(line => line.Contains("attached", StringComparison.Ordinal));
        await during();
        strace.SendInterrupt();
        await strace.ExitCodeAsync();
        var calls = new SystemCalls(await File.ReadAllLinesAsync(file));
        File.Delete(file);
        return calls;
    }

    /// <summary>Where a text was received; the first time.</summary>
    public int Received(string text) => Array.FindIndex(lines, line => Receiving().IsMatch(line) && line.Contains(text, StringComparison.Ordinal));

    /// <summary>Where bytes, written as strace writes them, were sent; the first time.</summary>
    public int Sent(string bytes) => Array.FindIndex(lines, line => Sending().IsMatch(line) && line.Contains(bytes, StringComparison.Ordinal));

    /// <summary>Where a file of this name was forced onto the disk within these lines, from the first on; -1 if nowhere. Its call came back before the last.</summary>
    public int Forced(string file, int from, int to)
    {
        for (int i = from; i >= 0 && i < to; i++)
        {
            if (Forcing().Match(lines[i]) is not { Success: true } call || !call.Groups["file"].Value.Contains(file, StringComparison.Ordinal)) continue;
            int end = call.Groups["end"].Value.EndsWith("= 0", StringComparison.Ordinal) ? i
                : Array.FindIndex(lines, i, to - i, line => line.StartsWith(call.Groups["thread"].Value, StringComparison.Ordinal) && line.Contains("resumed>) ", StringComparison.Ordinal) && line.EndsWith("= 0", StringComparison.Ordinal));
            if (end >= 0) return i;
        }
        return -1;
    }

    [GeneratedRegex(@"^\d+ +(<\.\.\. )?(read|readv|recvfrom|recvmsg)\b")]
    private static partial Regex Receiving();

    [GeneratedRegex(@"^\d+ +(<\.\.\. )?(write|writev|sendto|sendmsg)\b")]
    private static partial Regex Sending();

    [GeneratedRegex(@"^(?<thread>\d+ )\s*(fsync|fdatasync)\(\d+<(?<file>[^>]*)>(?<end>.*)$")]
    private static partial Regex Forcing();
}

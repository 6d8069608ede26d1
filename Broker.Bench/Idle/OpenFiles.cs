using System.Globalization;

namespace Broker.Bench.Idle;

/// <summary>How many files and sockets a process may have open, as Linux tells it.</summary>
internal static class OpenFiles
{
    private const string Row = "Max open files";
    private const int Others = 200;

    /// <summary>The processes must be allowed so many connections.</summary>
    /// <param name="connections">Connections of each.</param>
    /// <param name="broker">The broker's process, or 0 if it is not known.</param>
    /// <exception cref="FormatException">One may not; says what to raise, and where.</exception>
    public static void Require(int connections, int broker)
    {
        Require(connections, Read("self"), "this process");
        if (broker > 0) Require(connections, Read($"{broker}"), $"the broker (process {broker})");
    }

    /// <summary>A process must be allowed so many connections.</summary>
    /// <param name="connections">How many.</param>
    /// <param name="limits">What a file such as /proc/self/limits holds.</param>
    /// <param name="name">The process in words.</param>
    /// <exception cref="FormatException">It is not.</exception>
    public static void Require(int connections, string limits, string name)
    {
        if (Limit(limits) is not { } limit || limit >= connections + Others) return;
        throw new FormatException(
            $"{name} may have {limit} files and sockets open, and {connections} connections need {connections + Others}: run 'ulimit -n {connections + Others}' in "
            + "the shell that starts it; beyond the hard limit ('ulimit -Hn') root raises it first, in /etc/security/limits.conf or as LimitNOFILE of a service");
    }

    private static string Read(string process) => File.Exists($"/proc/{process}/limits") ? File.ReadAllText($"/proc/{process}/limits") : "";

    // What it holds now, not what it may be raised to; null if it is not known, or there is none.
    private static long? Limit(string limits)
    {
        foreach (string line in limits.Split('\n'))
        {
            if (!line.StartsWith(Row, StringComparison.Ordinal)) continue;
            string soft = line[Row.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long limit) ? limit : null;
        }
        return null;
    }
}

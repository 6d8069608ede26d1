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
        Require(connections, "self", "this process");
        if (broker > 0) Require(connections, $"{broker}", $"the broker (process {broker})");
    }

    /// <summary>The limit that a file such as /proc/self/limits tells, or null if it tells none.</summary>
    public static long? Limit(string limits)
    {
        foreach (string line in limits.Split('\n'))
        {
            if (!line.StartsWith(Row, StringComparison.Ordinal)) continue;
            string soft = line[Row.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long limit) ? limit : null;
        }
        return null;
    }

    private static void Require(int connections, string process, string name)
    {
        string file = $"/proc/{process}/limits";
        if (!File.Exists(file) || Limit(File.ReadAllText(file)) is not { } limit || limit >= connections + Others) return;
        throw new FormatException(
            $"{name} may have {limit} files and sockets open, and {connections} connections need {connections + Others}: "
            + $"run 'ulimit -n {connections + Others}' in the shell that starts it (the hard limit is root's to raise, or that of /etc/security/limits.conf or LimitNOFILE)");
    }
}

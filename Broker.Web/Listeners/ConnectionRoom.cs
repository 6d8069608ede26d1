using Microsoft.AspNetCore.Connections;

namespace Broker.Web.Listeners;

/// <summary>
/// How many connections there may be, on MQTT and HTTP ports together: fewer than the files that the system lets the process open, as one that has none left cannot start
/// a thread, and ends.
/// </summary>
internal sealed partial class ConnectionRoom
{
    private const string Limits = "/proc/self/limits", OpenFiles = "Max open files";
    private const int Reserve = 512; // for the store, the log, threads with two each, and who is being turned away

    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly TimeProvider time;
    private readonly ILogger log;
    private long open, turnedAway, told, last;

    public ConnectionRoom(TimeProvider time, ILogger<ConnectionRoom> log) : this(ReadFiles(), time, log)
    {
    }

    /// <summary>For a number of files that the process may open.</summary>
    internal ConnectionRoom(long files, TimeProvider time, ILogger<ConnectionRoom> log)
    {
        (this.time, this.log) = (time, log);
        Most = files - Math.Min(Reserve, files / 2);
    }

    /// <summary>How many there may be at once.</summary>
    public long Most { get; }

    /// <summary>How many found no room since the process began.</summary>
    public long TurnedAway => Volatile.Read(ref turnedAway);

    /// <summary>Whether one found no room within this time.</summary>
    public bool WasFull(TimeSpan within) => TurnedAway > 0 && time.GetElapsedTime(Volatile.Read(ref last)) < within;

    /// <summary>Takes a place for a connection, until <see cref="Leave"/>.</summary>
    /// <returns>False if there is none: it must be closed.</returns>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref open) <= Most) return true;
        Leave();
        Volatile.Write(ref last, time.GetTimestamp());
        bool isFirst = Interlocked.Increment(ref turnedAway) == 1;
        long before = Volatile.Read(ref told);
        if ((isFirst || time.GetElapsedTime(before) >= Quiet) && Interlocked.CompareExchange(ref told, time.GetTimestamp(), before) == before) LogFull(log, Most);
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave() => Interlocked.Decrement(ref open);

    /// <summary>Counts the connections of an endpoint whose transport does not do so itself.</summary>
    public ConnectionDelegate Count(ConnectionDelegate next) => async connection =>
    {
        if (!TryEnter())
        {
            connection.Abort();
            return;
        }
        try
        {
            await next(connection);
        }
        finally
        {
            Leave();
        }
    };

    // The soft limit, which the runtime has raised to the hard one. Other systems have no such file, and none that is so low.
    private static long ReadFiles()
    {
        if (!File.Exists(Limits)) return int.MaxValue;
        var line = File.ReadLines(Limits).FirstOrDefault(line => line.StartsWith(OpenFiles, StringComparison.Ordinal));
        return long.TryParse(line?[OpenFiles.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], out long files) ? files : int.MaxValue;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connections are turned away: there are {Most}, and more would use up the files that the system lets the broker open; raise that limit (ulimit -n, LimitNOFILE of systemd, ulimits of Docker) and start it again")]
    private static partial void LogFull(ILogger log, long most);
}

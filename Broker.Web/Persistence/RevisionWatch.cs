using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Persistence;

/// <summary>
/// Tells whoever holds a copy of something, or acts upon it, that its number has risen (<see cref="Revisions"/>), whichever process made the change: one query for all of
/// them, several times a second, and at once after a change of this process. It is asked for without EF Core's pipeline: what runs all the time has to cost nothing.
/// </summary>
internal sealed partial class RevisionWatch(IDbContextFactory<BrokerDbContext> tables, TimeProvider time, ILogger<RevisionWatch> log) : IDisposable
{
    /// <summary>How often the numbers are read: twice within the second in which a change has to take effect.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(400);

    private readonly List<Watcher> watchers = [];
    private readonly SemaphoreSlim wanted = new(0, 1);
    private BrokerDbContext? context;
    private DbCommand? ask;
    private bool failed;

    /// <summary>From now on something is read at the first look, and again after each change; if that fails, it is tried again.</summary>
    /// <param name="name">One of <see cref="Revisions"/>.</param>
    /// <param name="read">Reads it, on the pool. What was committed before the call must be seen.</param>
    public void On(string name, Func<CancellationToken, Task> read)
    {
        lock (watchers) watchers.Add(new Watcher(name, read));
    }

    /// <summary>Looks now, and not only when it is time.</summary>
    public void Look()
    {
        lock (wanted)
            if (wanted.CurrentCount == 0) wanted.Release();
    }

    /// <summary>Looks again and again.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = time.CreateTimer(_ => Look(), null, Period, Period);
        Look();
        while (true)
        {
            await wanted.WaitAsync(cancellation).ConfigureAwait(false);
            await TryAsync(cancellation).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        Close();
        wanted.Dispose();
    }

    private async Task TryAsync(CancellationToken cancellation)
    {
        try
        {
            var numbers = await NumbersAsync(cancellation).ConfigureAwait(false);
            Watcher[] all;
            lock (watchers) all = [.. watchers];
            foreach (var watcher in all) await watcher.SeeAsync(numbers.GetValueOrDefault(watcher.Name), cancellation).ConfigureAwait(false);
            failed = false;
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            Close();
            if (!failed) LogFailed(log, failure.Message); // once an outage
            failed = true;
        }
    }

    // On a connection that stays open until it fails.
    private async Task<Dictionary<string, long>> NumbersAsync(CancellationToken cancellation)
    {
        if (ask is null || context is null)
        {
            context = tables.CreateDbContext();
            ask = context.Database.GetDbConnection().CreateCommand();
            ask.CommandText = "SELECT name, number FROM revisions";
        }
        if (ask.Connection!.State != ConnectionState.Open) await context.Database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        var numbers = new Dictionary<string, long>(StringComparer.Ordinal);
        await using var rows = await ask.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false)) numbers[rows.GetString(0)] = rows.GetInt64(1);
        return numbers;
    }

    private void Close()
    {
        ask?.Dispose();
        context?.Dispose();
        (ask, context) = (null, null);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Changes of users and access rules cannot be read, and take effect later: {Why}")]
    private static partial void LogFailed(ILogger log, string why);

    private sealed class Watcher(string name, Func<CancellationToken, Task> read)
    {
        private long? seen;

        public string Name => name;

        public async Task SeeAsync(long number, CancellationToken cancellation)
        {
            if (seen == number) return;
            await read(cancellation).ConfigureAwait(false);
            seen = number; // that of before the reading: what was changed meanwhile is read again
        }
    }
}

using Broker.Web.Persistence.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Persistence.History;

/// <summary>
/// History in a SQLite file of its own beside the broker's, which is never synced to the disk for each transaction: a power cut may cost the last moments
/// of it, and nothing of the broker's.
/// </summary>
internal sealed class SqliteHistory(string path) : HistoryStore
{
    private const int TooBig = 18, Constraint = 19, Mismatch = 20;

    private RawConnection? connection;
    private RawStatement? presence, traffic, events, statistics;

    /// <inheritdoc/>
    public override string Place => path;

    /// <summary>The file of a broker's history, by the file of its store.</summary>
    public static string FileBeside(string store)
    {
        string name = Path.GetFileNameWithoutExtension(store);
        return Path.Combine(Path.GetDirectoryName(store) ?? "", name == "broker" ? "history.db" : name + "-history.db");
    }

    /// <inheritdoc/>
    public override HistoryDbContext CreateContext() => new SqliteHistoryDbContext(
        new DbContextOptionsBuilder<SqliteHistoryDbContext>()
            .UseSqlite(ConnectionString, sqlite => sqlite.MigrationsHistoryTable(HistoryDbContext.MigrationsTable)).Options);

    /// <inheritdoc/>
    public override bool IsRefusal(Exception failure) => failure is SqliteException { SqliteErrorCode: TooBig or Constraint or Mismatch };

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        Close();
        SqliteConnection.ClearPool(new SqliteConnection(ConnectionString)); // of the contexts, so that the file is let go of
        return base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override async Task PrepareAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var creation = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) creation.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // SQLite gives its other files the same
        await using (new FileStream(path, creation))
        {
        }
        connection = Open();
        // A process that was killed while it migrated left its lock behind for ever; only one process owns the broker, and so this file.
        connection.Execute("DROP TABLE IF EXISTS \"__EFMigrationsLock\"");
    }

    /// <inheritdoc/>
    protected override Task WriteRowsAsync(HistoryBatch batch, CancellationToken cancellation)
    {
        try
        {
            Prepare();
            connection!.Execute("BEGIN IMMEDIATE");
            foreach (var row in batch.Presence)
            {
                new SqliteRow(presence!).Add(row.ClientKey).Add(row.ConnectedAt, row.DisconnectedAt)
                    .Add(row.PacketsReceived, row.PacketsSent, row.PublishReceived, row.PublishSent, row.BytesReceived, row.BytesSent, row.ReasonCode)
                    .Add(row.EndedBy, row.Reason, row.ClientIdentifier, row.UserName, row.Address, row.Listener, row.Protocol).Run();
            }
            foreach (var row in batch.Traffic)
            {
                new SqliteRow(traffic!).Add(row.PacketsReceived, row.PacketsSent, row.PublishReceived, row.PublishSent, row.BytesReceived, row.BytesSent)
                    .Add(row.ClientKey).Add(row.ConnectedAt).Run();
            }
            foreach (var row in batch.Events)
                new SqliteRow(events!).Add(row.Id).Add(row.At).Add(row.ClientKey, row.Count, row.ReasonCode).Add(row.Kind, row.EndedBy, row.ClientIdentifier, row.Address, row.Detail).Run();
            foreach (var row in batch.Statistics) new SqliteRow(statistics!).Add(row.Name).Add(row.Resolution).Add(row.At).AddReal(row.Value).Run();
            connection.Execute("COMMIT");
        }
        catch
        {
            Close(); // the file may have been replaced, or the disk be another one
            throw;
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override Task<T> OffPoolAsync<T>(Func<Task<T>> work) =>
        Task.Factory.StartNew(() => work().GetAwaiter().GetResult(), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private string ConnectionString => new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, DefaultTimeout = 5 }.ToString();

    private RawConnection Open()
    {
        if (connection is not null) return connection;
        var opened = new RawConnection(path, readOnly: false);
        try
        {
            opened.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216; PRAGMA cache_size = -16384");
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    private void Prepare()
    {
        if (presence is not null) return;
        connection = Open();
        traffic = connection.Prepare(HistorySql.SetTraffic("?, ?, ?, ?, ?, ?", "", "client_key = ? AND connected_at = ?"));
        events = connection.Prepare(HistorySql.AddEvents(Values(10)));
        statistics = connection.Prepare(HistorySql.AddStatistics(Values(4)));
        presence = connection.Prepare(HistorySql.SetPresence(Values(17)));
    }

    // Its statements end with it.
    private void Close()
    {
        presence = traffic = events = statistics = null;
        connection?.Dispose();
        connection = null;
    }

    private static string Values(int columns) => $"VALUES ({string.Join(", ", Enumerable.Repeat("?", columns))})";
}

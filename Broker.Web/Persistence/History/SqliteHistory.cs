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

    private SqliteConnection? connection;
    private SqliteStatement? presence, traffic, events, statistics;

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
        Open();
        // A process that was killed while it migrated left its lock behind for ever; only one process owns the broker, and so this file.
        await using var command = connection!.CreateCommand();
        command.CommandText = "DROP TABLE IF EXISTS \"__EFMigrationsLock\"";
        command.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    protected override Task WriteRowsAsync(HistoryBatch batch, CancellationToken cancellation)
    {
        try
        {
            Open();
            Prepare();
            using var transaction = connection!.BeginTransaction();
            foreach (var row in batch.Presence)
            {
                presence!.Run(
                    transaction, row.ClientKey, row.ConnectedAt, row.DisconnectedAt, row.PacketsReceived, row.PacketsSent, row.PublishReceived, row.PublishSent,
                    row.BytesReceived, row.BytesSent, row.ReasonCode, row.EndedBy, row.Reason, row.ClientIdentifier, row.UserName, row.Address, row.Listener, row.Protocol);
            }
            foreach (var row in batch.Traffic)
                traffic!.Run(transaction, row.ClientKey, row.ConnectedAt, row.PacketsReceived, row.PacketsSent, row.PublishReceived, row.PublishSent, row.BytesReceived, row.BytesSent);
            foreach (var row in batch.Events)
                events!.Run(transaction, row.Id, row.At, row.ClientKey, row.Count, row.ReasonCode, row.Kind, row.EndedBy, row.ClientIdentifier, row.Address, row.Detail);
            foreach (var row in batch.Statistics) statistics!.Run(transaction, row.Name, row.Resolution, row.At, row.Value);
            transaction.Commit();
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

    private void Open()
    {
        if (connection is not null) return;
        connection = new SqliteConnection(ConnectionString + ";Pooling=False");
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216";
            command.ExecuteNonQuery();
        }
        catch
        {
            Close();
            throw;
        }
    }

    private void Prepare()
    {
        if (presence is not null) return;
        presence = new SqliteStatement(connection!, 17, values => HistorySql.SetPresence($"VALUES ({values})"));
        traffic = new SqliteStatement(connection!, 8, _ => HistorySql.SetTraffic("@2, @3, @4, @5, @6, @7", "", "client_key = @0 AND connected_at = @1"));
        events = new SqliteStatement(connection!, 10, values => HistorySql.AddEvents($"VALUES ({values})"));
        statistics = new SqliteStatement(connection!, 4, values => HistorySql.AddStatistics($"VALUES ({values})"));
    }

    private void Close()
    {
        foreach (var statement in new[] { presence, traffic, events, statistics }) statement?.Dispose();
        presence = traffic = events = statistics = null;
        connection?.Dispose();
        connection = null;
    }
}

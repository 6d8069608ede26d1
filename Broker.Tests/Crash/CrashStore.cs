using Broker.Tests.Testing;
using Microsoft.Data.Sqlite;

namespace Broker.Tests.Crash;

/// <summary>The store that the broker is run with, seen from outside.</summary>
internal abstract class CrashStore : IDisposable
{
    /// <summary>The tables that are empty when everything was delivered and acknowledged.</summary>
    protected static readonly string[] Emptied = ["queue_entries", "messages", "inbound_identifiers"];

    /// <summary>What the host is told about it.</summary>
    public abstract IReadOnlyList<string> Settings { get; }

    /// <summary>How many rows lie where none should be left, by table; none at all for a store without tables.</summary>
    public abstract IReadOnlyList<(string Table, long Rows)> LeftOver();

    /// <summary>Kills it.</summary>
    public virtual void Kill() => throw new NotSupportedException("there is no process to kill");

    /// <summary>Starts it again.</summary>
    public virtual void Start()
    {
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }

    public static CrashStore Create(CrashOptions options) => options.Store switch
    {
        StoreKind.Memory => new MemoryCrashStore(),
        StoreKind.Sqlite => new SqliteCrashStore(Path.Combine(options.Directory, "broker.db")),
        _ => new PostgreSqlCrashStore(Path.Combine(options.Directory, "postgresql", "data")),
    };
}

/// <summary>No store.</summary>
internal sealed class MemoryCrashStore : CrashStore
{
    public override IReadOnlyList<string> Settings => ["--Storage:Provider=Memory"];

    public override IReadOnlyList<(string Table, long Rows)> LeftOver() => [];
}

/// <summary>A SQLite file.</summary>
internal sealed class SqliteCrashStore(string file) : CrashStore
{
    public override IReadOnlyList<string> Settings => ["--Storage:Provider=Sqlite", $"--ConnectionStrings:Broker=Data Source={file}"];

    public override IReadOnlyList<(string Table, long Rows)> LeftOver()
    {
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        connection.Open();
        return [.. Emptied.Select(table => (table, Count(table)))];

        long Count(string table)
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"SELECT count(*) FROM {table}";
            return (long)command.ExecuteScalar()!;
        }
    }
}

/// <summary>A PostgreSQL server of its own, whose data lie in the run's directory.</summary>
internal sealed class PostgreSqlCrashStore(string directory) : CrashStore
{
    private readonly PostgresServer server = PostgresServer.StartAtAsync(directory).GetAwaiter().GetResult();
    private bool isUp = true;

    public override IReadOnlyList<string> Settings => ["--Storage:Provider=PostgreSql", $"--ConnectionStrings:Broker={server.ConnectionString}"];

    public override IReadOnlyList<(string Table, long Rows)> LeftOver() =>
        [.. Emptied.Select(table => (table, (long)server.ExecuteAsync($"SELECT count(*) FROM {table}").GetAwaiter().GetResult()!))];

    public override void Kill()
    {
        isUp = false;
        server.KillAsync().GetAwaiter().GetResult();
    }

    public override void Start()
    {
        server.StartAsync().GetAwaiter().GetResult();
        isUp = true;
    }

    // What it holds stays: the run may be resumed.
    public override void Dispose()
    {
        if (isUp) Kill();
    }
}

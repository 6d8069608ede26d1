using Broker.Tests.RealClients;
using Broker.Tests.Testing;
using Broker.Web.Persistence.History;
using Broker.Web.Persistence.History.Model;
using Microsoft.EntityFrameworkCore;

namespace Broker.Tests.Persistence.History;

/// <summary>A database for the history of one test class, on one of the products; empty at first.</summary>
public abstract class HistoryDatabase : IAsyncLifetime
{
    private HistoryStore? reader;

    /// <summary>A store on it, as another process would have.</summary>
    internal abstract HistoryStore NewStore();

    /// <inheritdoc/>
    public virtual Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public virtual async Task DisposeAsync()
    {
        if (reader is not null) await reader.DisposeAsync();
    }

    /// <summary>Reads what is there.</summary>
    internal async Task<T> ReadAsync<T>(Func<HistoryDbContext, Task<T>> read)
    {
        await using var context = (reader ??= NewStore()).CreateContext();
        return await read(context);
    }

    /// <summary>The row of a client, once it is as it should be.</summary>
    internal Task<ClientPresenceRow> PresenceAsync(string client, Func<ClientPresenceRow, bool> isRight) =>
        WaitAsync(context => context.Presence.SingleOrDefaultAsync(row => row.ClientKey == ClientKey.Of(client) && row.ClientIdentifier == client), row => row is not null && isRight(row))!;

    /// <summary>A client's timeline, once it holds an event of a kind.</summary>
    internal Task<List<ClientEventRow>> TimelineAsync(string client, string kind) => TimelineAsync(client, rows => rows.Exists(row => row.Kind == kind));

    /// <summary>A client's timeline, once it is as it should be.</summary>
    internal Task<List<ClientEventRow>> TimelineAsync(string client, Predicate<List<ClientEventRow>> isRight) =>
        WaitAsync(context => context.Events.Where(row => row.ClientKey == ClientKey.Of(client)).OrderBy(row => row.Id).ToListAsync(), rows => isRight(rows));

    /// <summary>Reads until it is as it should be: nobody tells when something was written.</summary>
    internal Task<T> WaitAsync<T>(Func<HistoryDbContext, Task<T>> read, Func<T, bool> isRight) => WaitAsync(() => ReadAsync(read), isRight);

    /// <summary>Reads until it is as it should be.</summary>
    internal static async Task<T> WaitAsync<T>(Func<Task<T>> read, Func<T, bool> isRight)
    {
        using var deadline = new CancellationTokenSource(RunningProgram.Patience);
        while (true)
        {
            string last = "nothing could be read";
            try
            {
                var now = await read();
                if (isRight(now)) return now;
                last = System.Text.Json.JsonSerializer.Serialize(now);
            }
            catch (System.Data.Common.DbException failure)
            {
                last = failure.Message; // not made yet, or away
            }
            if (deadline.IsCancellationRequested) throw new ScriptException($"the history never came to what was expected; last: {last}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), CancellationToken.None);
        }
    }
}

/// <summary>A file in a folder of its own.</summary>
public sealed class SqliteHistoryDatabase : HistoryDatabase
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("broker-history-");

    /// <summary>The file.</summary>
    public string File => SqliteHistory.FileBeside(Path.Combine(folder.FullName, "data", "broker.db"));

    /// <inheritdoc/>
    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        folder.Delete(recursive: true);
    }

    internal override HistoryStore NewStore() => new SqliteHistory(File);
}

/// <summary>A database on a real server: the one that tests share, or one of this test's own.</summary>
public sealed class PostgreSqlHistoryDatabase : HistoryDatabase
{
    private string connectionString = "";

    /// <summary>The server, if it is not the shared one.</summary>
    public PostgresServer? Server { get; init; }

    /// <inheritdoc/>
    public override async Task InitializeAsync() => connectionString = await (Server ?? await PostgresServer.SharedAsync()).CreateDatabaseAsync();

    internal override HistoryStore NewStore() => new PostgreSqlHistory(connectionString, "PostgreSQL");
}

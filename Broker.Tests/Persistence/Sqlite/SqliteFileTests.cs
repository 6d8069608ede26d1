using Broker.Core;
using Broker.Core.Storage;
using Broker.Tests.Testing;
using Broker.Web.Persistence.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Broker.Tests.Persistence.Sqlite;

/// <summary>The file, its disk and its locks.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private readonly SqliteDatabase database = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Nobody_else_may_read_the_files()
    {
        if (OperatingSystem.IsWindows()) return;
        using var store = await database.OpenAsync();
        store.Commit(new StoreBatch(1, [Session(1)]));
        var files = Directory.GetFiles(Path.GetDirectoryName(database.Path)!);
        files.Select(Path.GetFileName).ShouldBe(["broker.db", "broker.db-shm", "broker.db-wal", "broker.db.lock"], ignoreOrder: true);
        foreach (string file in files) File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
    }

    [Fact]
    public async Task Queues_are_written_ahead_and_have_no_index_but_their_key()
    {
        using var store = await database.OpenAsync();
        using var connection = new RawConnection(database.Path, readOnly: true);
        connection.Column("PRAGMA journal_mode").ShouldBe(["wal"]);
        connection.Column("SELECT sql FROM sqlite_schema WHERE name = 'queue_entries'").ShouldHaveSingleItem().TrimEnd().ShouldEndWith("WITHOUT ROWID");
        // No message writes into the tables of tokens and of answered requests.
        connection.Column("SELECT name FROM sqlite_schema WHERE type = 'index' AND name NOT LIKE 'sqlite%' AND tbl_name NOT LIKE '\\_\\_EF%' ESCAPE '\\' AND tbl_name NOT IN ('tokens', 'answered_requests')").ShouldBeEmpty();
    }

    [Fact]
    public async Task Below_the_floor_of_free_disk_nothing_is_written()
    {
        using (var store = await database.OpenAsync(new StorageOptions { FreeDiskBytes = long.MaxValue }))
            Should.Throw<StoreUnavailableException>(() => store.Commit(new StoreBatch(1, [Session(1)]))).Message.ShouldContain("Storage:FreeDiskBytes keeps");

        using var later = await database.OpenAsync();
        later.Commit(new StoreBatch(1, [Session(2)]));
        await using var context = database.OpenContext();
        (await context.Sessions.Select(row => row.Key).ToListAsync()).ShouldBe([2]);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_an_outage_until_it_is_back()
    {
        var time = new ManualTime();
        using var store = await database.OpenAsync(time: time);
        store.Commit(new StoreBatch(1, [Session(1)]));
        File.Move(database.Path, database.Path + ".away");
        time.Advance(TimeSpan.FromSeconds(2));
        Should.Throw<StoreUnavailableException>(() => store.Commit(new StoreBatch(2, [Session(2)]))).Message.ShouldContain("the file is gone");
        File.Move(database.Path + ".away", database.Path);
        store.Commit(new StoreBatch(2, [Session(2)]));
    }

    [Fact]
    public async Task While_another_program_holds_a_lock_the_store_is_away_and_then_takes_the_same_batch()
    {
        using var store = await database.OpenAsync();
        var batch = new StoreBatch(1, [Session(1)]);
        using (var other = new RawConnection(database.Path, readOnly: false))
        {
            other.Execute("BEGIN IMMEDIATE");
            Should.Throw<StoreUnavailableException>(() => store.Commit(batch)).Message.ShouldBe($"{database.Path}: another program holds a lock on the database.");
            other.Execute("ROLLBACK");
        }
        store.Commit(batch);
        await using var context = database.OpenContext();
        (await context.Sessions.CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_batch_that_was_committed_unheard_is_not_written_again()
    {
        using var store = await database.OpenAsync();
        var batch = new StoreBatch(7, [Session(1)]);
        using (var other = new RawConnection(database.Path, readOnly: false))
        {
            other.Execute("BEGIN IMMEDIATE");
            Should.Throw<StoreUnavailableException>(() => store.Commit(batch));
            other.Execute("UPDATE store_owner SET batch = 7; COMMIT"); // as if it had been committed
        }
        store.Commit(batch);
        await using (var context = database.OpenContext()) (await context.Sessions.CountAsync()).ShouldBe(0);
        store.Commit(new StoreBatch(8, [Session(2)]));
        await using (var context = database.OpenContext()) (await context.Sessions.CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_migration_that_was_killed_does_not_hold_up_the_next_start()
    {
        using (var store = await database.OpenAsync())
        {
        }
        using (var connection = new RawConnection(database.Path, readOnly: false))
        {
            // What it leaves: its lock, and a history without the migration that it was about.
            connection.Execute("CREATE TABLE IF NOT EXISTS \"__EFMigrationsLock\" (\"Id\" INTEGER PRIMARY KEY, \"Timestamp\" TEXT)");
            connection.Execute("INSERT INTO \"__EFMigrationsLock\" VALUES (1, '2026-01-01')");
            foreach (string table in connection.Column("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_\\_EF%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'")) connection.Execute($"DROP TABLE {table}");
            connection.Execute("DROP VIEW queued_messages; DELETE FROM \"__EFMigrationsHistory\"");
        }
        using var again = await database.OpenAsync();
        again.Commit(new StoreBatch(1, [Session(1)]));
    }

    [Fact]
    public async Task The_lock_names_its_owner()
    {
        using (await database.OpenAsync())
        {
        }
        (await File.ReadAllTextAsync(database.Path + ".lock")).ShouldBe($"process {Environment.ProcessId} on {Environment.MachineName}\n");
    }

    private static SessionStored Session(long key) => new(key, $"client {key}", null, 60, 1, 0);
}

using Broker.Core;
using Broker.Core.Storage;
using Broker.Tests.RealClients;
using Broker.Web.Persistence.Sqlite;

namespace Broker.Tests.Persistence.Sqlite;

/// <summary>What is no database of the broker's is refused with one clear message, and left as it was, byte for byte.</summary>
public sealed class SqliteRefusalTests : IDisposable
{
    private readonly SqliteDatabase database = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task A_file_that_is_no_database_is_refused()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(database.Path)!);
        await File.WriteAllTextAsync(database.Path, "shopping list: bread, butter, cheese");
        await RefusesAsync("is no SQLite database. Name another file in ConnectionStrings:Broker.");
    }

    [Fact]
    public async Task A_database_of_another_program_is_refused()
    {
        (await database.OpenAsync()).Dispose();
        using (var connection = new RawConnection(database.Path, readOnly: false)) connection.Execute("DROP TABLE \"__EFMigrationsHistory\"");
        await RefusesAsync("is a database of some other program");
    }

    [Fact]
    public async Task A_schema_from_a_newer_version_is_refused()
    {
        (await database.OpenAsync()).Dispose();
        using (var connection = new RawConnection(database.Path, readOnly: false))
            connection.Execute("INSERT INTO \"__EFMigrationsHistory\" VALUES ('29990101000000_Later', '99.0.0')");
        await RefusesAsync("was written by a newer version of the broker (schema 29990101000000_Later). Run that version");
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.6)]
    [InlineData(0.9)]
    public async Task A_damaged_file_is_refused(double where)
    {
        using (var store = await database.OpenAsync())
        {
            var message = StoreContract.Message("a", new string('x', 50));
            store.Commit(new StoreBatch(1, [.. Enumerable.Range(1, 5_000).Select(n => new EntryQueued(1, n, message, default, false, [], null))]));
        }
        using (var file = File.OpenWrite(database.Path))
        {
            file.Position = (long)(file.Length * where) / 4_096 * 4_096;
            file.Write(new byte[40_000]);
        }
        await RefusesAsync("is damaged");
    }

    [Fact]
    public async Task A_file_that_was_cut_off_is_refused()
    {
        (await database.OpenAsync()).Dispose();
        using (var file = File.OpenWrite(database.Path)) file.SetLength(file.Length / 2);
        await RefusesAsync("is damaged");
    }

    [Fact]
    public async Task A_folder_is_refused()
    {
        Directory.CreateDirectory(database.Path);
        (await Should.ThrowAsync<StoreRefusedException>(database.OpenAsync())).Message.ShouldBe($"{database.Path} is a folder. Name a file in ConnectionStrings:Broker.");
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_refused()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(database.Path)!);
        await File.WriteAllTextAsync(database.Path, "");
        using var store = new SqliteStore(Path.Combine(database.Path, "below", "broker.db"), new StorageOptions(), TimeProvider.System);
        (await Should.ThrowAsync<StoreRefusedException>(store.OpenAsync(_ => { }, default))).Message.ShouldContain("its folder cannot");
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_to_is_refused()
    {
        if (!OperatingSystem.IsLinux()) return;
        const string path = "/proc/broker.db"; // where not even root may make a file
        using var store = new SqliteStore(path, new StorageOptions(), TimeProvider.System);
        var refused = await Should.ThrowAsync<StoreRefusedException>(store.OpenAsync(_ => { }, default));
        refused.Message.ShouldStartWith($"{path} cannot be used, as its folder is read-only");
        refused.Message.ShouldEndWith("Let the broker's user write there, or name another file in ConnectionStrings:Broker.");
    }

    [Fact]
    public async Task The_host_says_it_in_one_line_and_ends()
    {
        Directory.CreateDirectory(database.Path);
        await using var host = BrokerProcess.Launch(
            "--Mqtt:Listeners:0:Url=mqtt://127.0.0.1:0", "--urls=http://127.0.0.1:0", "--Storage:Provider=Sqlite", $"--ConnectionStrings:Broker=Data Source={database.Path}");
        (await host.ExitCodeAsync()).ShouldBe(1, host.Transcript);
        host.Transcript.Split('\n')[1..].ShouldBe([$"error: {database.Path} is a folder. Name a file in ConnectionStrings:Broker."]);
    }

    private async Task RefusesAsync(string told)
    {
        byte[] before = await File.ReadAllBytesAsync(database.Path);
        var refused = await Should.ThrowAsync<StoreRefusedException>(database.OpenAsync());
        refused.Message.ShouldStartWith(database.Path);
        refused.Message.ShouldContain(told);
        (await File.ReadAllBytesAsync(database.Path)).ShouldBe(before);
    }
}

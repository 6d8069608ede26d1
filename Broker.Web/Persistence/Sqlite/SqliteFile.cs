using Broker.Core.Storage;
using Microsoft.Data.Sqlite;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>The file itself: made for the broker's user alone, and refused, untouched, where it is not what it should be.</summary>
internal sealed class SqliteFile(string path)
{
    /// <summary>The owner of the process may read and write, nobody else. SQLite gives the files beside it the same.</summary>
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const long SmallEnoughToCheck = 64 << 20;

    /// <summary>The absolute path.</summary>
    public string Path => path;

    private string Folder => System.IO.Path.GetDirectoryName(path)!;

    /// <summary>Makes the folder, if it is missing.</summary>
    public void PrepareFolder()
    {
        if (Directory.Exists(path)) throw Refuse("is a folder", "Name a file in ConnectionStrings:Broker");
        try
        {
            if (!Directory.Exists(Folder)) Directory.CreateDirectory(Folder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Refuse($"cannot be made, as its folder cannot: {failure.Message}", "Let the broker's user make it, or name another file in ConnectionStrings:Broker", failure);
        }
    }

    /// <summary>Makes the file, empty, if it is missing.</summary>
    public void Create(int pageSize)
    {
        if (!File.Exists(path))
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = Mode;
            new FileStream(path, options).Dispose();
        }
        if (new FileInfo(path).Length > 0) return;
        using var connection = new RawConnection(path, readOnly: false);
        connection.Execute($"PRAGMA page_size={pageSize}");
        connection.Execute("PRAGMA journal_mode=WAL");
    }

    /// <summary>Whether the folder can be written to, shown by the lock that is made there.</summary>
    public OwnerLock? TryOwn()
    {
        try
        {
            return OwnerLock.TryTake(path + ".lock");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Refuse($"cannot be used, as its folder is read-only: {failure.Message}", "Let the broker's user write there, or name another file in ConnectionStrings:Broker", failure);
        }
    }

    /// <summary>
    /// Refuses what is no sound database of the broker's, and changes nothing. A file of up to 64 MiB is checked page by page; a larger one shows its
    /// damage when it is read, which is before anything is written.
    /// </summary>
    /// <returns>Whether the schema has to be brought up to date.</returns>
    public bool Check()
    {
        if (!File.Exists(path)) return true;
        CheckHeader();
        if (new FileInfo(path).Length == 0) return true;
        try
        {
            using var connection = new RawConnection(path, readOnly: true);
            var tables = connection.Column("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'");
            if (tables.Count > 0 && !tables.Contains(Schema.HistoryTable)) throw Refuse("is a database of some other program", "Name another file in ConnectionStrings:Broker");
            if (new FileInfo(path).Length <= SmallEnoughToCheck && connection.Column("PRAGMA quick_check(1)")[0] is var found && found != "ok")
                throw RefuseDamaged(found);
            if (tables.Count == 0) return true;
            var applied = connection.Column($"SELECT \"MigrationId\" FROM \"{Schema.HistoryTable}\"");
            var unknown = Schema.Unknown<SqliteBrokerDbContext>(applied);
            if (unknown.Count > 0)
                throw Refuse($"was written by a newer version of the broker (schema {unknown[^1]})", "Run that version, or name another file in ConnectionStrings:Broker");
            return applied.Count < Schema.Migrations<SqliteBrokerDbContext>().Count;
        }
        catch (SqliteException damage) when (damage.IsDamage())
        {
            throw RefuseDamaged(damage.Message, damage);
        }
    }

    public StoreRefusedException RefuseDamaged(string how, Exception? inner = null) =>
        Refuse($"is damaged: {how}", "Restore it from a backup, or move it away to begin with an empty one", inner);

    private void CheckHeader()
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            Span<byte> header = stackalloc byte[16];
            int length = file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
            if (length > 0 && !header[..length].SequenceEqual("SQLite format 3\0"u8)) throw Refuse("is no SQLite database", "Name another file in ConnectionStrings:Broker");
        }
        catch (UnauthorizedAccessException failure)
        {
            throw Refuse($"cannot be written: {failure.Message}", "Let the broker's user read and write it, or name another file in ConnectionStrings:Broker", failure);
        }
    }

    private StoreRefusedException Refuse(string what, string remedy, Exception? inner = null) => new($"{path} {what.TrimEnd('.')}. {remedy}.", inner);
}

using Broker.Core.Storage;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>Tells the disk's and the locks' troubles, which pass, from statements that cannot be.</summary>
internal static class SqliteOutage
{
    /// <summary>Whether the same statement may succeed later.</summary>
    public static bool IsOutage(this SqliteException exception) => exception.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_NOMEM
        or raw.SQLITE_READONLY or raw.SQLITE_IOERR or raw.SQLITE_FULL or raw.SQLITE_CANTOPEN or raw.SQLITE_PROTOCOL || exception.IsDamage();

    /// <summary>Whether the file is no sound database.</summary>
    public static bool IsDamage(this SqliteException exception) => exception.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    /// <summary>What an operator is told.</summary>
    public static StoreUnavailableException ToUnavailable(this SqliteException exception, string path) => new($"{path}: {Explain(exception)}.", exception);

    private static string Explain(SqliteException exception) => exception.SqliteErrorCode switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "another program holds a lock on the database",
        raw.SQLITE_FULL => "the disk is full",
        raw.SQLITE_READONLY => "the file or its disk has become read-only",
        raw.SQLITE_CANTOPEN => "the file cannot be opened any more",
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => $"the file is damaged ({exception.Message}); restore it from a backup",
        _ => $"the disk fails ({exception.Message})",
    };
}

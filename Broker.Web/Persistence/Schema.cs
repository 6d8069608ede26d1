using System.Reflection;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Broker.Web.Persistence;

/// <summary>What stands between the schema that a database has and the one that this program knows.</summary>
internal static class Schema
{
    /// <summary>The table in which EF Core notes the migrations that a database has had.</summary>
    public const string HistoryTable = "__EFMigrationsHistory";

    /// <summary>The table with which EF Core keeps two programs from migrating at once; a program that was killed leaves its row behind.</summary>
    public const string LockTable = "__EFMigrationsLock";

    /// <summary>The migrations of a context, in their order. Read from the assembly: the context itself would have to build its model first.</summary>
    public static IReadOnlyList<string> Migrations<TContext>() =>
        [.. typeof(TContext).Assembly.GetTypes()
            .Where(type => type.GetCustomAttribute<DbContextAttribute>()?.ContextType == typeof(TContext))
            .Select(type => type.GetCustomAttribute<MigrationAttribute>()?.Id).OfType<string>().Order(StringComparer.Ordinal)];

    /// <summary>The migrations that a database has had and this program does not know: a newer one wrote it.</summary>
    public static IReadOnlyList<string> Unknown<TContext>(IEnumerable<string> applied) => [.. applied.Except(Migrations<TContext>()).Order(StringComparer.Ordinal)];
}

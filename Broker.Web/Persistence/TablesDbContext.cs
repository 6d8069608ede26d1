using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Broker.Web.Persistence;

/// <summary>What all our tables have in common: a mapping class each, names in snake case, times in UTC.</summary>
/// <param name="options">The database.</param>
/// <param name="mapping">One of the mapping classes; the others stand in its namespace and below.</param>
internal abstract partial class TablesDbContext(DbContextOptions options, Type mapping) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(mapping.Assembly, type => type.Namespace == mapping.Namespace || type.Namespace?.StartsWith(mapping.Namespace + ".", StringComparison.Ordinal) == true);
        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            foreach (var property in entity.GetProperties()) property.SetColumnName(WordStart().Replace(property.Name, "_$0").ToLowerInvariant());
            entity.FindPrimaryKey()?.SetName("pk_" + entity.GetTableName());
        }
    }

    // SQLite knows no time zones and gives back a time of no kind: all of ours are UTC.
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex WordStart();

    private sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(time => time, time => DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
